"""The public feeds of the trade socket, and the frames of a pair's book."""

import zlib
from collections.abc import Iterable
from itertools import chain

import msgspec

from trading.core.enumeration import TableKey
from trading.simulator.core.depth import Ladder
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.book_texts import BookTexts
from trading.venues.valr.simulator.core.listing import Listing

Levels = list[tuple[int, int]]
Change = tuple[Levels, Levels]
"""Bids and asks that changed: price, and total now."""


class Feed(TableKey):
    """The feeds of the trade socket."""

    L1 = "OB_L1_DIFF"
    FULL = "FULL_ORDERBOOK_UPDATE"
    AGGREGATED = "AGGREGATED_ORDERBOOK_UPDATE"
    D1 = "OB_L1_D1_SNAPSHOT"
    D5 = "OB_L1_D5_SNAPSHOT"
    D10 = "OB_L1_D10_SNAPSHOT"
    D20 = "OB_L1_D20_SNAPSHOT"
    D40 = "OB_L1_D40_SNAPSHOT"
    D80 = "OB_L1_D80_SNAPSHOT"
    TRADES = "NEW_TRADE"
    BUCKETS = "NEW_TRADE_BUCKET"
    SUMMARY = "MARKET_SUMMARY_UPDATE"
    MARK_PRICE = "MARK_PRICE_UPDATE"
    ORDER_TYPES = "ALLOWED_ORDER_TYPES_UPDATED"


DEPTHS = {
    Feed.D1: 1,
    Feed.D5: 5,
    Feed.D10: 10,
    Feed.D20: 20,
    Feed.D40: 40,
    Feed.D80: 80,
}


class _Best:
    """
    The best levels of one side as ``price:quantity``.

    Once a side has changed, only the texts of the levels that did are made anew.

    Attributes:
        version: How often the texts have changed.
    """

    def __init__(self, ladder: Ladder, book_texts: BookTexts, depth: int) -> None:
        self._depth = depth
        self._ladder = ladder
        self._book_texts = book_texts
        self._known: dict[int, str] = {}
        self._prices: list[int] = []
        self._texts: list[str] = []
        self._stale = True
        self.version = 0

    def change(self, changes: Levels) -> None:
        """Take changes of the ladder: all of them, as they are taken from it."""
        for price, _ in changes:
            self._known.pop(price, None)
        self._stale = True

    def texts(self) -> list[str]:
        if self._ladder.changed:  # and the changes have not been taken yet
            return self._book_texts.summed_levels(self._ladder.best_levels(self._depth))
        if self._stale:
            self._stale = False
            prices = self._ladder.best_prices(self._depth)
            if prices != self._prices or len(self._known) < len(prices):
                self._write(prices)
        return self._texts

    def _write(self, prices: list[int]) -> None:
        before, quantity = self._known, self._ladder.quantity
        # Only those of the best levels: no text of a level that left them is kept.
        self._known = {
            price: before.get(price) or self._book_texts.summed_level(price, quantity(price))
            for price in prices
        }
        self._prices, self._texts = prices, list(self._known.values())
        self.version += 1


class BookFeed:
    """
    One pair's book as its subscribers see it change.

    Args:
        sequence: Number of the first snapshot.
        rules: How it is numbered and summed up.
    """

    def __init__(self, listing: Listing, sequence: int, rules: VenueRules | None = None) -> None:
        rules = rules or VenueRules()
        self._step, self._depth = rules.level_sequence_step, rules.checksum_depth
        self._listing = listing
        self.sequence = sequence
        self._phantoms: Levels = []
        self._best_bids = _Best(listing.market.bids, listing.texts, self._depth)
        self._best_asks = _Best(listing.market.asks, listing.texts, self._depth)
        self._best_bids.change(listing.market.bids.take_changes())
        self._best_asks.change(listing.market.asks.take_changes())
        self._summed: tuple[int, int] | None = None
        self._sum = 0

    def snapshot(self, *, wrong_checksum: bool = False) -> str:
        """The whole book, as ``OB_L1_SNAPSHOT``."""
        market = self._listing.market
        bids, asks = self._texts(market.bids.levels()), self._texts(market.asks.levels())
        return self._frame("OB_L1_SNAPSHOT", bids, asks, wrong_checksum=wrong_checksum)

    def depth(self, feed: Feed) -> str:
        """The best levels, as ``OB_L1_D*_SNAPSHOT``."""
        market, depth = self._listing.market, DEPTHS[feed]
        sides = {
            "a": self._texts(market.asks.best_levels(depth)),
            "b": self._texts(market.bids.best_levels(depth)),
        }
        frame = {
            "type": feed.value,
            "ps": self._listing.rules.symbol,
            "d": {"lc": self._listing.changed_ms, **sides},
        }
        return msgspec.json.encode(frame).decode()

    def take_change(self) -> Change | None:
        """The changes since last asked, if any, which then have a sequence number."""
        market = self._listing.market
        bids, asks = market.bids.take_changes(), market.asks.take_changes()
        if bids:
            self._best_bids.change(bids)
        if asks:
            self._best_asks.change(asks)
        if self._phantoms:
            changed = {price for price, _ in bids}
            bids += [(p, market.bids.quantity(p)) for p, _ in self._phantoms if p not in changed]
            self._phantoms = []
        if not bids and not asks:
            return None
        self.sequence += self._step
        return bids, asks

    def cross(self, change: Change, ticks: int) -> Change:
        """
        A change with a bid at or above the best ask, which the next change takes away again.

        Args:
            ticks: How far above it; zero locks the book.
        """
        best = self._listing.market.asks.best()
        if best is None:
            return change
        self._phantoms = [(best + ticks, 1)]
        return [*change[0], *self._phantoms], change[1]

    def diff(self, change: Change, *, wrong_checksum: bool = False) -> str:
        """A change as ``OB_L1_DIFF``; the book must not have changed since."""
        bids, asks = self._texts(change[0]), self._texts(change[1])
        return self._frame("OB_L1_DIFF", bids, asks, wrong_checksum=wrong_checksum)

    def _checksum(self) -> int:
        """CRC-32 over the best levels a side, bid first."""
        market = self._listing.market
        bids, asks = self._best_bids.texts(), self._best_asks.texts()
        if self._phantoms:
            phantoms = self._listing.texts.summed_levels(self._phantoms)
            return self._crc([*phantoms, *bids][: self._depth], asks)
        if market.bids.changed or market.asks.changed:
            return self._crc(bids, asks)
        versions = self._best_bids.version, self._best_asks.version
        if versions != self._summed:
            self._summed, self._sum = versions, self._crc(bids, asks)
        return self._sum

    def _crc(self, bids: list[str], asks: list[str]) -> int:
        pairs = chain.from_iterable(zip(bids, asks, strict=False))
        both = [*pairs, *bids[len(asks) :], *asks[len(bids) :]]
        return zlib.crc32(":".join(both).encode("ascii"))

    def _texts(self, levels: Iterable[tuple[int, int]]) -> list[tuple[str, str]]:
        price_text = self._listing.grid.price_text
        quantity_text = self._listing.texts.quantity
        return [(price_text(price), quantity_text(lots)) for price, lots in levels]

    def _frame(
        self,
        kind: str,
        bids: list[tuple[str, str]],
        asks: list[tuple[str, str]],
        *,
        wrong_checksum: bool,
    ) -> str:
        frame = {
            "type": kind,
            "ps": self._listing.rules.symbol,
            "d": {
                "lc": self._listing.changed_ms,
                "a": asks,
                "b": bids,
                "sq": self.sequence,
                "cs": self._checksum() ^ wrong_checksum,
            },
        }
        return msgspec.json.encode(frame).decode()
