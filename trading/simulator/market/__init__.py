"""Where prices come from: background flow, or a recording."""
