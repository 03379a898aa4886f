"""The checks of `engine doctor` and of the preflight, and what they found."""
