"""Whether a strategy may quote: the lease, the time at shut gates, the venue's clock."""
