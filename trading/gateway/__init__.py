"""The gateway's orders: their statuses and fills as a fold of the venue's news."""
