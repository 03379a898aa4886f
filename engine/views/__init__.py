"""What the engine shows: status, explanations, metrics and reports, as pure functions."""
