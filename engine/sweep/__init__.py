"""Sweeps: many backtests, on one machine or on many, each of which is run once."""
