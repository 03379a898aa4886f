"""When a strategy may quote: the lease, the gates' times and causes, the clock."""
