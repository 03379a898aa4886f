"""The channels, slots and facts between the actors, and who owns which fact."""
