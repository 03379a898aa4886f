"""The import of Hummingbot's strategy files: nothing is dropped silently."""
