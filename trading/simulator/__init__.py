"""VALR as values: an exchange that speaks the real wire, without I/O."""
