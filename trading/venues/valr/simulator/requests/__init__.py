"""Order requests of clients, read field by field."""
