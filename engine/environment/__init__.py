"""The engine's environment: clock, network, disk, venue addresses and keys, locks."""
