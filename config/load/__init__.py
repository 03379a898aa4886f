"""From a TOML document to settings and back: loading, mending, reloading, writing."""
