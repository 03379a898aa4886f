"""Actors of the account: its socket, and its balances and fees."""
