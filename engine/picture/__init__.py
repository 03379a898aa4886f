"""The live view on a terminal, drawn by a process of its own."""
