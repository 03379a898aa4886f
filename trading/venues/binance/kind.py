"""
Binance spot as the registry knows it.

The addresses are those that serve market data alone, without a key (faqs/market_data_only.md).
"""

from trading.venues.binance.venue import Binance
from trading.venues.kind import VenueKind

BINANCE = VenueKind(
    name="binance",
    title="Binance",
    rest_url="https://data-api.binance.vision",
    websocket_url="wss://data-stream.binance.vision",
    feeds={"fast": "depth@100ms", "slow": "depth"},  # every 100 ms, every 1,000 ms
    # Its books are the streams of depth; the best prices alone are another stream.
    recorded_feeds={"L1": "depth", "DEPTH": "bookTicker", "TRADES": "trade"},
    market=Binance,
)
