"""Backtests by the direct path: the engine's decisions on a recorded market, as values alone."""
