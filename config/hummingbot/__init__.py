"""From a configuration of Hummingbot's pure market making to ours, dropping nothing silently."""
