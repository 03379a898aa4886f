"""Pairs, ticks and lots, depth, candles, and what is due later."""
