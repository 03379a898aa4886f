"""What a strategy decides, and what would open a gate that is shut."""
