"""Reports: one HTML file about a session or a backtest, from its result."""
