"""Clearing: accounts, what their orders reserve, fees, and the settlement of trades."""
