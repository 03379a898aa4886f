"""VALR (South Africa)."""
