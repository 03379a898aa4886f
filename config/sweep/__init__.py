"""What a sweep tries: its plan, as settings."""
