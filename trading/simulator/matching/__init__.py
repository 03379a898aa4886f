"""Matching of orders by price and time, and queue positions."""
