"""Orders as values: states and transitions, evidence, doubts, ids of requests."""
