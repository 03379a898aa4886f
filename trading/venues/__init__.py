"""Protocols of the venues, one folder each, without I/O."""
