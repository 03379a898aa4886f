"""A listed pair: its rules, its market, its last trades and its candles."""

from collections import deque

import attrs

from trading.core.market import Side
from trading.simulator.core.candles import Candles
from trading.simulator.core.grid import Grid
from trading.simulator.core.pair import SimulatedPair
from trading.simulator.market.market import Market, StillMarket
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.book_texts import BookTexts

_TRADES_KEPT_MAX = 5000
"""So many can be paged through."""
ORDER_TYPES = ("LIMIT_POST_ONLY", "LIMIT", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")


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
    """
    Everything public about one pair.

    Attributes:
        texts: Of its book.
        moves: Whether its book may ever change.
        active: Whether it is traded; it may end, and begin again, at any time.
        order_types: What kinds of orders are allowed now.
        last: Price of the last trade, in ticks.
        tick_step: Prices of new orders are whole multiples of so many ticks.
    """

    def __init__(
        self, rules: SimulatedPair, market: Market, began_ms: int, venue_rules: VenueRules
    ) -> None:
        self.rules = rules
        self.grid = Grid(rules)
        self.texts = BookTexts(self.grid, venue_rules)
        self.market = market
        self.moves = not isinstance(market, StillMarket)
        self.trades: deque[PublicTrade] = deque(maxlen=_TRADES_KEPT_MAX)
        self.began_ms = self.changed_ms = began_ms
        self.last = self._mid() or self.grid.nearest_ticks(rules.start_price)
        self.candles = Candles(self.last, began_ms)
        self.active = rules.active
        self.tick_step = 1
        self._order_types: tuple[str, ...] = ORDER_TYPES

    @property
    def order_types(self) -> tuple[str, ...]:
        return self._order_types if self.active else ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """What kinds of orders are allowed while the pair is traded."""
        return self._order_types

    def allow(self, order_types: tuple[str, ...]) -> None:
        self._order_types = order_types

    def change(self, rules: SimulatedPair) -> None:
        """
        Change the rules for new orders.

        The book goes on counting in the ticks that it began with, and its orders stay; so a new
        tick size is a multiple of the first.
        """
        step = rules.tick_size / self.grid.price(1)
        assert step == int(step)
        self.rules, self.tick_step = rules, int(step)

    def record(self, trade: PublicTrade) -> None:
        self.trades.append(trade)
        self.last = trade.price
        self.candles.record(trade.at_ms, trade.price, trade.quantity)

    @property
    def mark(self) -> int:
        """Mark price in ticks: the middle of the book, or the last trade where a side is empty."""
        return self._mid() or self.last

    def _mid(self) -> int | None:
        bid, ask = self.market.bids.best(), self.market.asks.best()
        return None if bid is None or ask is None else (bid + ask) // 2
