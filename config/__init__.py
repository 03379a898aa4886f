"""Typed settings, their loading from TOML, and credentials."""
