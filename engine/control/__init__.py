"""The operator's requests to a running engine: protocol, client, halting, planning, reloading."""
