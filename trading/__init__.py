"""Everything that decides: pure values and functions; no waiting, no network, no clock."""
