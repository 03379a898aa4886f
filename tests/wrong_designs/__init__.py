"""Designs that lose money, each of which the suite must notice."""
