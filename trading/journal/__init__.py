"""What is written down of a run, and what follows from it."""
