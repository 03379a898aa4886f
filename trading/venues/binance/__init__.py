"""Binance spot, its public market data: nothing here trades."""
