"""Settings, fault plans, ids, listed pairs, and how their books are written."""
