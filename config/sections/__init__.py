"""Sections of the document that several settings share: limits, simulator, places."""
