"""VALR (South Africa): its protocol without I/O."""
