"""The first configuration, from a few answers and from what the venue says of itself."""
