"""Accounts with their orders and balances, and the permissions of keys."""
