"""The composition root: builds the tree of actors from settings, runs it, and sums it up."""
