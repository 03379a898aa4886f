"""Recording market data, and the report of a recording."""
