"""What can be done to an engine on purpose, by the ids of the fault catalogue."""
