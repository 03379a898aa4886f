"""Simulated markets: background flow around a fair price, or a replayed recording."""
