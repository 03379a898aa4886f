"""The order gateway and its parts, the ledger that it writes to, and the proof at the end."""
