"""The checks of `engine doctor` and of the preflight, and their findings."""
