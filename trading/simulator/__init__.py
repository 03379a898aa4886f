"""Simulated markets of any exchange: matching, queues, background flow, replay."""
