"""A TOML document with the place of every key, and the problems found in it."""
