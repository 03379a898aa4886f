"""Strategies: pure functions from views to decisions."""
