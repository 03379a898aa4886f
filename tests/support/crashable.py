"""Actors of a whole engine that a test can crash at a word."""

from engine.simulation.crashable import Crashable, crashable

__all__ = ["Crashable", "crashable"]
