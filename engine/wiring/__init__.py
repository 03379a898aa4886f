"""The wires and facts between the actors, and the owner of each fact."""
