"""A strategy's decisions, and what would open a gate that is shut."""
