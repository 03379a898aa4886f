"""Actors of market data: the trade socket, order books, prices, trading rules, the recorder."""
