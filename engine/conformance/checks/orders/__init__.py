"""Checks with orders, and so with money."""
