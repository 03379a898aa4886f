"""What lies outside the engine: clock, network, disk, venue addresses and keys, locks."""
