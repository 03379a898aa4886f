"""Formats of recorded markets: a module for each, from its rows to records."""
