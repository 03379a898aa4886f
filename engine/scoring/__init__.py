"""Scores of fill models: a session's real orders against their shadows in its own market."""
