"""Settings from a TOML document and back: loading, mending, reloading, writing."""
