"""HTTP, WebSockets, TLS trust, rate limits. Only this package imports their libraries."""
