"""The engine's views: status, explanations, metrics and reports, as pure functions."""
