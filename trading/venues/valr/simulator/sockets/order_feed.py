"""A pair's book order by order, as its subscribers see it change."""

import zlib
from collections.abc import Callable, Iterable
from itertools import chain, islice, zip_longest

import msgspec

from trading.core.market import Side
from trading.simulator.matching.matching import Entry
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.wire.frames import Json

_PHANTOM = -(1 << 40)
"""Number of the first phantom order; the crowd never has so many."""
_SEQUENCE_START = 1_652_084_266
_ID_FACTOR = 0x9E3779B97F4A7C15
"""Odd, so that different numbers stay different modulo a power of two."""


class OrderFeed:
    """
    Changes of orders, numbered one by one, sent in batches.

    Args:
        order_id: The id of an account's order by its number in the book.
        offset: Where the numbering begins, above a common start.
        rules: How it is numbered and summed up.
    """

    def __init__(
        self,
        listing: Listing,
        order_id: Callable[[int], str],
        offset: int,
        rules: VenueRules | None = None,
    ) -> None:
        self._rules = rules or VenueRules()
        self._listing = listing
        self._order_id = order_id
        self._pending: list[Entry] = []
        self._sent = _SEQUENCE_START + offset
        self._salt = offset
        self._phantom: Entry | None = None
        self._phantom_count = 0
        listing.market.take_entries()

    @property
    def sequence(self) -> int:
        """Number of the last change, sent or not."""
        return self._sent + self._counted(self._pending)

    @property
    def pending(self) -> bool:
        return bool(self._pending) or self._phantom is not None

    def add(self, entries: list[Entry]) -> None:
        """Add changes of the book."""
        self._pending += entries

    def skip(self) -> None:
        """Number the changes and drop them, as there are no subscribers."""
        self._sent += self._counted(self._pending)
        self._pending = []
        self._phantom = None

    def snapshot(self, *, wrong_checksum: bool = False) -> str:
        """The whole book, once everything pending was taken."""
        market = self._listing.market
        sides = [
            (side, [(price, number, lots) for price, number, lots in market.orders(side)])
            for side in (Side.SELL, Side.BUY)
        ]
        return self._frame(
            "FULL_ORDERBOOK_SNAPSHOT",
            {side: self._levels(orders) for side, orders in sides},
            self.checksum() ^ wrong_checksum,
        )

    def take_update(self, *, wrong_checksum: bool = False, crossed_by: int | None = None) -> str:
        """
        The changes since last asked, as one frame.

        Args:
            crossed_by: Adds a bid so many ticks above the best ask, zero locks the book; the next
                update takes it away again.
        """
        entries, self._pending = self._pending, []
        if self._phantom is not None:
            entries.append(self._phantom._replace(remaining=0))
        self._phantom = None if crossed_by is None else self._new_phantom(crossed_by)
        if self._phantom is not None:
            entries.append(self._phantom)
        self._sent += self._counted(entries)
        levels = {side: self._changes([e for e in entries if e.side is side]) for side in Side}
        return self._frame("FULL_ORDERBOOK_UPDATE", levels, self.checksum() ^ wrong_checksum)

    def _counted(self, entries: list[Entry]) -> int:
        """How far some changes, as one frame, move the sequence number on."""
        return len(entries) if self._rules.count_orders else min(len(entries), 1)

    def _new_phantom(self, ticks: int) -> Entry | None:
        best = self._listing.market.asks.best()
        if best is None:
            return None
        self._phantom_count += 1
        return Entry(Side.BUY, best + ticks, _PHANTOM - self._phantom_count, 1)

    def checksum(self) -> int:
        """CRC-32 over the best orders a side in queue order, bid first, as ``id:quantity``."""
        market = self._listing.market
        phantom = self._phantom
        best = [] if phantom is None else [(phantom.price, phantom.number, phantom.remaining)]
        return self._checksum(chain(best, market.orders(Side.BUY)), market.orders(Side.SELL))

    def rest_sides(self) -> Json:
        """The sides of the full book as REST shows it."""
        return {
            name: self._rest_side(side) for name, side in (("Asks", Side.SELL), ("Bids", Side.BUY))
        }

    def order_id(self, number: int) -> str:
        """An order's id; the crowd's orders have made-up ones."""
        if number > 0:
            return self._order_id(number)
        bits = (-number + (self._salt << 32)) * _ID_FACTOR % (1 << 62)
        began = f"{self._listing.began_ms & (1 << 48) - 1:012x}"
        rest = f"{0x8000000000000000 | bits:016x}"
        return f"{began[:8]}-{began[8:]}-7{self._salt & 0xFFF:03x}-{rest[:4]}-{rest[4:]}"

    def _checksum(
        self, bids: Iterable[tuple[int, int, int]], asks: Iterable[tuple[int, int, int]]
    ) -> int:
        quantity_text = self._listing.texts.summed
        parts: list[str] = []
        depth = self._rules.checksum_depth
        for pair in zip_longest(islice(bids, depth), islice(asks, depth)):
            for order in pair:
                if order is not None:
                    parts.append(self.order_id(order[1]))
                    parts.append(quantity_text(order[2]))
        return zlib.crc32(":".join(parts).encode("ascii"))

    def _changes(self, entries: list[Entry]) -> list[Json]:
        """
        Changes of one side as levels, best price first.

        Where an order changed its price, they are left in the order of events instead: a client
        that takes them one by one must not see an order added before it is removed.
        """
        prices = {entry.number: entry.price for entry in entries}
        if all(prices[entry.number] == entry.price for entry in entries):
            # Stable: entries of one price stay in the order of events.
            entries.sort(key=lambda e: -e.price if e.side is Side.BUY else e.price)
        return self._levels((entry.price, entry.number, entry.remaining) for entry in entries)

    def _levels(self, orders: Iterable[tuple[int, int, int]]) -> list[Json]:
        price_text = self._listing.grid.price_text
        quantity_text = self._listing.texts.quantity
        levels: list[Json] = []
        last: int | None = None
        for price, number, lots in orders:
            if price != last:
                levels.append({"Price": price_text(price), "Orders": []})
                last = price
            row = {"orderId": self.order_id(number), "quantity": quantity_text(lots)}
            levels[-1]["Orders"].append(row)
        return levels

    def _rest_side(self, side: Side) -> list[Json]:
        grid = self._listing.grid
        rows: list[Json] = []
        position, last = 0, None
        for price, number, lots in self._listing.market.orders(side):
            position = position + 1 if price == last else 1
            last = price
            rows.append(
                {
                    "side": side.value,
                    "quantity": self._listing.texts.quantity(lots),
                    "price": grid.price_text(price),
                    "currencyPair": self._listing.rules.symbol,
                    "id": self.order_id(number),
                    "positionAtPrice": position,
                }
            )
        return rows

    def _frame(self, kind: str, levels: dict[Side, list[Json]], checksum: int) -> str:
        frame = {
            "type": kind,
            "currencyPairSymbol": self._listing.rules.symbol,
            "data": {
                "LastChange": self._listing.changed_ms,
                "Asks": levels[Side.SELL],
                "Bids": levels[Side.BUY],
                "SequenceNumber": self._sent,
                "Checksum": checksum,
            },
        }
        return msgspec.json.encode(frame).decode()
