"""The network: HTTP, WebSockets, trust, rate limits. Only here are the libraries for it imported."""
