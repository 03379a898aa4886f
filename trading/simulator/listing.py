"""One pair as it is listed: its rules, its market, its last trades and its day."""

from collections import deque
from decimal import Decimal

import attrs

from trading.decimals import ZERO
from trading.market import Side
from trading.simulator.grid import Grid
from trading.simulator.market import Market
from trading.simulator.settings import SimulatedPair

_TRADES_KEPT_MAX = 100
"""As many as the trades endpoint ever shows."""


@attrs.frozen(kw_only=True)
class PublicTrade:
    """Anyone's trade; price in ticks, quantity in lots."""

    price: int
    quantity: int
    taker_side: Side
    trade_id: str
    sequence: int
    at_ms: int


class Listing:
    """Everything public about one pair."""

    def __init__(self, rules: SimulatedPair, market: Market, began_ms: int) -> None:
        self.rules = rules
        self.grid = Grid(rules)
        self.market = market
        self.trades: deque[PublicTrade] = deque(maxlen=_TRADES_KEPT_MAX)
        self.changed_ms = began_ms
        self.opening = self._mid()
        self.high = self.low = self.last = self.opening
        self.base_volume = ZERO
        self.quote_volume = ZERO

    def record(self, trade: PublicTrade) -> None:
        price = self.grid.price(trade.price)
        quantity = self.grid.quantity(trade.quantity)
        self.trades.append(trade)
        self.last = price
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.base_volume += quantity
        self.quote_volume += price * quantity

    def _mid(self) -> Decimal:
        bid, ask = self.market.bids.best(), self.market.asks.best()
        if bid is None or ask is None:
            return self.rules.start_price
        return self.grid.price((bid + ask) // 2)
