"""From a tick of the market to a cancel and a new order on the wire: whole processes compared."""
