"""Orders meet: price-time matching and queue positions."""
