"""The live picture of an engine on a terminal, drawn by a process of its own."""
