"""Where cells are run: on this machine, or on a cluster."""
