"""The public feeds of the trade socket: what a pair's subscribers are sent."""

import enum
import zlib
from collections.abc import Iterable
from itertools import islice, zip_longest

import msgspec

from trading.simulator import frames
from trading.simulator.listing import Listing

_CHECKSUM_DEPTH = 25


class Feed(enum.Enum):
    """What can be subscribed to on the trade socket."""

    L1 = "OB_L1_DIFF"
    TRADES = "NEW_TRADE"
    AGGREGATED = "AGGREGATED_ORDERBOOK_UPDATE"
    ORDER_TYPES = "ALLOWED_ORDER_TYPES_UPDATED"


def checksum(listing: Listing) -> int:
    """CRC-32 over the best 25 levels a side, bid first, as ``price:quantity``."""
    price_text, quantity_text = listing.grid.price_text, listing.grid.quantity_text
    parts: list[str] = []
    for pair in zip_longest(
        islice(listing.market.bids.levels(), _CHECKSUM_DEPTH),
        islice(listing.market.asks.levels(), _CHECKSUM_DEPTH),
    ):
        for level in pair:
            if level is not None:
                parts.append(price_text(level[0]))
                parts.append(quantity_text(level[1]))
    return zlib.crc32(":".join(parts).encode("ascii"))


class BookFeed:
    """
    One pair's book as its subscribers see it change.

    Args:
        sequence: Number of the first snapshot.
    """

    def __init__(self, listing: Listing, sequence: int) -> None:
        self._listing = listing
        self.sequence = sequence
        listing.market.bids.take_changes()
        listing.market.asks.take_changes()

    def snapshot(self) -> str:
        """The whole book, as ``OB_L1_SNAPSHOT``."""
        market = self._listing.market
        return self._frame(
            "OB_L1_SNAPSHOT", self._texts(market.bids.levels()), self._texts(market.asks.levels())
        )

    def aggregated(self) -> str:
        """The best levels with order counts, as ``AGGREGATED_ORDERBOOK_UPDATE``."""
        frame = {
            "type": "AGGREGATED_ORDERBOOK_UPDATE",
            "currencyPairSymbol": self._listing.rules.symbol,
            "data": frames.aggregated_book(self._listing, self.sequence),
        }
        return msgspec.json.encode(frame).decode()

    def take_change(self, at_ms: int) -> "BookChange | None":
        """What changed since last asked, if anything did; it has its number then."""
        market = self._listing.market
        bids, asks = market.bids.take_changes(), market.asks.take_changes()
        if not bids and not asks:
            return None
        self.sequence += 1
        self._listing.changed_ms = at_ms
        return BookChange(self, bids, asks)

    def diff(self, bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> str:
        return self._frame("OB_L1_DIFF", self._texts(bids), self._texts(asks))

    def _texts(self, levels: Iterable[tuple[int, int]]) -> list[tuple[str, str]]:
        grid = self._listing.grid
        return [(grid.price_text(price), grid.quantity_text(lots)) for price, lots in levels]

    def _frame(self, kind: str, bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> str:
        frame = {
            "type": kind,
            "ps": self._listing.rules.symbol,
            "d": {
                "lc": self._listing.changed_ms,
                "a": asks,
                "b": bids,
                "sq": self.sequence,
                "cs": checksum(self._listing),
            },
        }
        return msgspec.json.encode(frame).decode()


class BookChange:
    """One change of a book, written down only if somebody wants it, and only once."""

    def __init__(
        self, feed: BookFeed, bids: list[tuple[int, int]], asks: list[tuple[int, int]]
    ) -> None:
        self._feed = feed
        self._levels = (bids, asks)
        self._texts: dict[Feed, str] = {}

    def text(self, kind: Feed) -> str:
        """The frame for a feed; only while the book is as this change left it."""
        text = self._texts.get(kind)
        if text is None:
            text = self._feed.diff(*self._levels) if kind is Feed.L1 else self._feed.aggregated()
            self._texts[kind] = text
        return text
