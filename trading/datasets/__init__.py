"""Market data in a form of our own: fixed records, whatever format they came in."""
