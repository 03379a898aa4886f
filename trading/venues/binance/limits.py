"""
Binance's rate limits by address (rest-api.md; ``GET /api/v3/exchangeInfo`` says the same).

6,000 of weight a minute, 61,000 requests and 300 new connections in five minutes. Every maximum is
half of that or less.
"""

from trading.venues.rate_limits import RateLimit

WEIGHT, REQUESTS, CONNECTIONS = "weight", "requests", "connections"

LIMITS = (
    RateLimit(lane=WEIGHT, maximum=3_000, window_s=60, weighted=True),
    RateLimit(lane=REQUESTS, maximum=30_000, window_s=300),
    RateLimit(lane=CONNECTIONS, maximum=100, window_s=300),
)
