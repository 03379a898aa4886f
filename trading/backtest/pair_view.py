"""A pair as it is seen: the top of its book and anyone's last trades."""

from trading.core.identifiers import Pair, TradeId
from trading.core.instrument import Instrument
from trading.core.market import PriceLevel, TopOfBook, Trade
from trading.simulator.market.replay import RecordedMarket
from trading.venues.valr.simulator.core.listing import Listing, PublicTrade

DEPTH = 10
"""Levels of a side that a strategy sees, as in the engine."""
TRADES_SHOWN = 100
"""So many of the last trades, as in the engine."""
_LEVELS_KEPT_MAX = 100_000
"""Levels come back often; so many are remembered before the memory begins again."""

_Levels = list[tuple[int, int]]


class PairView:
    """
    Reads one listing after each of its changes.

    Args:
        instrument: The pair's rules.

    Attributes:
        seen: How many trades there were.
        recent: The last of them, oldest first.
    """

    def __init__(self, listing: Listing, instrument: Instrument) -> None:
        market = listing.market
        assert isinstance(market, RecordedMarket), f"{listing.rules.symbol} is no recording"
        self.pair: Pair = listing.rules.symbol
        self.instrument = instrument
        self.market = market
        self.seen = 0
        self.recent: tuple[Trade, ...] = ()
        self._listing = listing
        self._grid = listing.grid
        self._version = -1
        self._bids: _Levels = []
        self._asks: _Levels = []
        self._changed_at = 0.0
        self._top: TopOfBook | None = None
        self._made = False
        self._last = listing.trades[-1] if listing.trades else None
        self._levels: dict[tuple[int, int], PriceLevel] = {}

    def look(self, now: float, levels_seen: int | None) -> bool:
        """
        Read what has changed; whether a strategy would want to know.

        Args:
            levels_seen: At so many levels of each side it looks; ``None`` for all that are shown.
        """
        traded = self._read_trades()
        market = self.market
        version = market.bids.version + market.asks.version
        if version == self._version:
            return traded
        self._version = version
        bids, asks = market.bids.best_levels(DEPTH), market.asks.best_levels(DEPTH)
        if bids == self._bids and asks == self._asks:
            return traded
        before = self._bids[:levels_seen], self._asks[:levels_seen]
        self._bids, self._asks, self._changed_at, self._made = bids, asks, now, False
        return traded or (bids[:levels_seen], asks[:levels_seen]) != before

    @property
    def last_trade(self) -> Trade | None:
        return self.recent[-1] if self.recent else None

    @property
    def top(self) -> TopOfBook | None:
        """The best of the book; ``None`` while a side is empty or both cross."""
        if not self._made:
            self._top, self._made = self._make(), True
        return self._top

    def _make(self) -> TopOfBook | None:
        bids, asks = self._bids, self._asks
        if not bids or not asks or bids[0][0] >= asks[0][0]:
            return None
        return TopOfBook(
            pair=self.pair,
            bids=tuple([self._level(level) for level in bids]),
            asks=tuple([self._level(level) for level in asks]),
            sequence=self._version,
            received_at=self._changed_at,
        )

    def _level(self, level: tuple[int, int]) -> PriceLevel:
        made = self._levels.get(level)
        if made is None:
            if len(self._levels) >= _LEVELS_KEPT_MAX:
                self._levels.clear()
            price, lots = level
            made = PriceLevel(self._grid.price(price), self._grid.quantity(lots))
            self._levels[level] = made
        return made

    def _read_trades(self) -> bool:
        trades = self._listing.trades
        if not trades or trades[-1] is self._last:
            return False
        fresh: list[PublicTrade] = []
        for trade in reversed(trades):
            if trade is self._last:
                break
            fresh.append(trade)
        self._last = trades[-1]
        self.seen += len(fresh)
        newest = [self._trade(trade) for trade in reversed(fresh[:TRADES_SHOWN])]
        self.recent = (*self.recent, *newest)[-TRADES_SHOWN:]
        return True

    def _trade(self, trade: PublicTrade) -> Trade:
        return Trade(
            pair=self.pair,
            price=self._grid.price(trade.price),
            quantity=self._grid.quantity(trade.quantity),
            taker_side=trade.taker_side,
            trade_id=TradeId(trade.trade_id),
            traded_at_ms=trade.at_ms,
        )
