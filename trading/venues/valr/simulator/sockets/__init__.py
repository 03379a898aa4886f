"""Sessions of both WebSockets: commands, feeds, delivery."""
