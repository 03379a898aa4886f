"""Pairs, ticks and lots, depth, candles, and the agenda of later events."""
