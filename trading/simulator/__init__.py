"""Simulated markets of any exchange: matching, queues, clearing, background flow, replay."""
