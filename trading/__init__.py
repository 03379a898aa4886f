"""The trading logic as pure values and functions: no waiting, no network, no clock."""
