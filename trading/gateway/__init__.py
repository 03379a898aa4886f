"""What the gateway knows of its orders: a fold of the venue's news."""
