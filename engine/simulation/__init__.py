"""The whole engine in a deterministic simulation: one seed decides everything."""
