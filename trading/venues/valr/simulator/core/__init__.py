"""Settings, rules where the venue's are unknown, ids, and a pair as it is listed."""
