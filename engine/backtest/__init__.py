"""Backtests: a configuration on recorded markets, by either of two paths."""
