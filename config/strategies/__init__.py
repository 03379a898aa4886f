"""The settings of each kind of strategy, and the registry of kinds."""
