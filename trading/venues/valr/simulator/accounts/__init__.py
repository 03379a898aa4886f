"""Accounts, their orders and balances, and who may do what."""
