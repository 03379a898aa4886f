"""The account: balances, fees and positions."""
