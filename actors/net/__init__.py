"""The network: HTTP, WebSockets, trust, rate limits. Only it imports their libraries."""
