"""Settings, rules where the venue's are unknown, fault plans, ids, and listed pairs."""
