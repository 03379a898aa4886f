"""Fault injections, by the ids of the fault catalogue."""
