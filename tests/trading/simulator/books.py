"""What clients make of the two book feeds."""

import zlib
from decimal import Decimal
from itertools import islice, zip_longest
from typing import Any

_HASHED = 25


def checksum_of(bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> int:
    """CRC-32 of pairs of texts, best first."""
    parts = [
        f"{item[0]}:{item[1]}"
        for pair in zip_longest(islice(bids, _HASHED), islice(asks, _HASHED))
        for item in pair
        if item is not None
    ]
    return zlib.crc32(":".join(parts).encode())


class OrderBookOfOrders:
    """Rebuilt from FULL_ORDERBOOK frames, entry by entry as the protocol says."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[Decimal, dict[str, str]]] = {"Asks": {}, "Bids": {}}
        self.sequence = 0

    def apply(self, frame: dict[str, Any]) -> None:
        data = frame["data"]
        if frame["type"] == "FULL_ORDERBOOK_SNAPSHOT":
            self.sides = {"Asks": {}, "Bids": {}}
        entries = sum(len(level["Orders"]) for side in self.sides for level in data[side])
        if frame["type"] == "FULL_ORDERBOOK_UPDATE":
            assert data["SequenceNumber"] == self.sequence + entries
        self.sequence = data["SequenceNumber"]
        for side in self.sides:
            for level in data[side]:
                for order in level["Orders"]:
                    self._apply(side, Decimal(level["Price"]), order["orderId"], order["quantity"])
        assert checksum_of(self.orders("Bids"), self.orders("Asks")) == data["Checksum"]

    def orders(self, side: str) -> list[tuple[str, str]]:
        """Ids and quantities, best price first, in the order of their queues."""
        levels = self.sides[side]
        return [
            order
            for price in sorted(levels, reverse=side == "Bids")
            for order in levels[price].items()
        ]

    def levels(self, side: str) -> list[tuple[Decimal, Decimal]]:
        levels = self.sides[side]
        return [
            (price, sum((Decimal(text) for text in levels[price].values()), Decimal(0)))
            for price in sorted(levels, reverse=side == "Bids")
        ]

    def _apply(self, side: str, price: Decimal, order_id: str, quantity: str) -> None:
        queue = self.sides[side].setdefault(price, {})
        if quantity == "0":
            queue.pop(order_id, None)
        else:
            for other, orders in self.sides[side].items():
                assert other == price or order_id not in orders
            queue[order_id] = quantity
        if not queue:
            del self.sides[side][price]
