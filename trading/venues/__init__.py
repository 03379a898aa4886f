"""The venues' protocols, one folder each, without I/O."""
