"""
Microseconds per order book update, ours beside others, all in one run: compare the ratios.

    python benchmarks/order_book.py [UPDATES]

A synthetic book of 600 levels a side is changed one level at a time, mostly near the top, and the
best bid and ask are asked for after every update. All start from the text of the wire.
"""

import json
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import zip_longest
from random import Random
from typing import Any

from msgspec.structs import force_setattr
from sortedcontainers import SortedDict

from trading.books.levels import OrderBook
from trading.books.queues import QueueBook
from trading.core.identifiers import Pair, VenueOrderId
from trading.core.market import Side
from trading.messages.market import BookDiff, BookSnapshot, QueueDiff, QueueSnapshot
from trading.venues.valr.book_rules import RULES
from trading.venues.valr.codec.market import decode_market

PAIR = Pair("BTCUSDT")
LEVELS = 600
MIDDLE = 86_000
LAST_CHANGE_MS = 1_790_133_283_064
ROUNDS = 5
BUY, SELL = Side.BUY, Side.SELL

Rows = list[list[str]]


class Market:
    """A made-up market that can say its whole book or one change, with right checksums or none."""

    def __init__(self, seed: int, *, checksums: bool) -> None:
        self._random = Random(seed)
        self._checksums = checksums
        self._book = OrderBook(PAIR, RULES)
        bids = [[str(MIDDLE - 1 - i), self._quantity()] for i in range(LEVELS)]
        asks = [[str(MIDDLE + 1 + i), self._quantity()] for i in range(LEVELS)]
        self.sequence = 1
        self.snapshot = self._frame("OB_L1_SNAPSHOT", bids, asks)

    def change(self) -> str:
        self.sequence += 1
        buy = self._random.random() < 0.5
        away = int(self._random.expovariate(1 / 15))
        price = MIDDLE - 1 - away if buy else MIDDLE + 1 + away
        quantity = "0" if away and self._random.random() < 0.3 else self._quantity()
        row: Rows = [[str(price), quantity]]
        return self._frame("OB_L1_DIFF", row if buy else [], [] if buy else row)

    def _quantity(self) -> str:
        return f"{self._random.uniform(0.001, 3):.6f}".rstrip("0").rstrip(".")

    def _frame(self, kind: str, bids: Rows, asks: Rows) -> str:
        checksum = 0
        if self._checksums:
            make = BookSnapshot if kind == "OB_L1_SNAPSHOT" else BookDiff
            self._book.apply(
                make(
                    pair=PAIR,
                    bids=tuple((p, q) for p, q in bids),
                    asks=tuple((p, q) for p, q in asks),
                    sequence=self.sequence,
                    checksum=None,
                    received_at=0.0,
                )
            )
            checksum = self._book.checksum()
        data = {
            "lc": LAST_CHANGE_MS + self.sequence,
            "a": asks,
            "b": bids,
            "sq": self.sequence,
            "cs": checksum,
        }
        return json.dumps({"type": kind, "ps": PAIR, "d": data}, separators=(",", ":"))


def verified(frames: Sequence[str]) -> None:
    """Decode, apply, verify the checksum of every frame, ask for the best prices."""
    book = OrderBook(PAIR, RULES)
    for frame in frames:
        for event in decode_market(frame, 0.0):
            assert isinstance(event, BookSnapshot | BookDiff)
            book.apply(event)
        book.best(BUY)
        book.best(SELL)


def unverified(frames: Sequence[str]) -> None:
    """The same as if the feed had no checksums."""
    book = OrderBook(PAIR, RULES)
    for frame in frames:
        for event in decode_market(frame, 0.0):
            assert isinstance(event, BookSnapshot | BookDiff)
            force_setattr(event, "checksum", None)
            book.apply(event)
        book.best(BUY)
        book.best(SELL)


def sorted_decimals(frames: Sequence[str]) -> None:
    """What one would write at first: json, Decimal and sortedcontainers, no checksum."""
    bids: Any = SortedDict()
    asks: Any = SortedDict()
    sequence = 0
    for frame in frames:
        message = json.loads(frame)
        data = message["d"]
        if message["type"] == "OB_L1_SNAPSHOT":
            bids.clear()
            asks.clear()
        elif data["sq"] != sequence + 1:
            raise ValueError("a gap")
        sequence = data["sq"]
        for side, rows in ((bids, data["b"]), (asks, data["a"])):
            for price_text, quantity_text in rows:
                price, quantity = Decimal(price_text), Decimal(quantity_text)
                if quantity:
                    side[price] = quantity
                else:
                    side.pop(price, None)
        bids.peekitem(-1)
        asks.peekitem(0)


def plain_checksum(bids: Any, asks: Any) -> int:
    parts: list[str] = []
    for bid, ask in zip_longest(bids.values()[:-26:-1], asks.values()[:25]):
        parts += bid[1:] if bid else ()
        parts += ask[1:] if ask else ()
    return zlib.crc32(":".join(parts).encode())


def sorted_decimals_verified(frames: Sequence[str]) -> None:
    """The same, and the checksum of every frame verified, as ours is."""
    bids: Any = SortedDict()
    asks: Any = SortedDict()
    sequence = 0
    for frame in frames:
        message = json.loads(frame)
        data = message["d"]
        if message["type"] == "OB_L1_SNAPSHOT":
            bids.clear()
            asks.clear()
        elif data["sq"] != sequence + 1:
            raise ValueError("a gap")
        sequence = data["sq"]
        for side, rows in ((bids, data["b"]), (asks, data["a"])):
            for price_text, quantity_text in rows:
                price, quantity = Decimal(price_text), Decimal(quantity_text)
                if quantity:
                    side[price] = quantity, price_text, quantity_text
                else:
                    side.pop(price, None)
        if plain_checksum(bids, asks) != data["cs"]:
            raise ValueError("a wrong checksum")
        bids.peekitem(-1)
        asks.peekitem(0)


def only_json(frames: Sequence[str]) -> None:
    for frame in frames:
        json.loads(frame)


def only_ours(frames: Sequence[str]) -> None:
    for frame in frames:
        decode_market(frame, 0.0)


def queue_frames(seed: int, updates: int) -> list[str]:
    """The order-by-order feed of a similar market, with right checksums."""
    random, book, frames = Random(seed), QueueBook(PAIR, RULES), []
    sequence, made = 1, 0
    live: list[tuple[Side, str, str]] = []

    def frame(kind: str, rows: list[tuple[Side, str, str, str]]) -> str:
        sides: dict[Side, list[dict[str, object]]] = {Side.BUY: [], Side.SELL: []}
        for side, price, order, quantity in rows:
            entry = {"orderId": order, "quantity": quantity}
            sides[side].append({"Price": price, "Orders": [entry]})
        wire = {
            side: tuple(
                (str(r["Price"]), ((VenueOrderId(o["orderId"]), o["quantity"]),))
                for r in rows_
                for o in r["Orders"]  # type: ignore[attr-defined]
            )
            for side, rows_ in sides.items()
        }
        make = QueueSnapshot if kind.endswith("SNAPSHOT") else QueueDiff
        book.apply(
            make(
                pair=PAIR,
                bids=wire[Side.BUY],
                asks=wire[Side.SELL],
                sequence=sequence,
                checksum=None,
                received_at=0.0,
            )
        )
        data = {
            "LastChange": 1,
            "Asks": sides[Side.SELL],
            "Bids": sides[Side.BUY],
            "SequenceNumber": sequence,
            "Checksum": book.checksum(),
        }
        text = {"type": kind, "currencyPairSymbol": PAIR, "data": data}
        return json.dumps(text, separators=(",", ":"))

    def new_order(side: Side, away: int) -> tuple[Side, str, str, str]:
        nonlocal made
        made += 1
        price = str(MIDDLE - 1 - away if side is Side.BUY else MIDDLE + 1 + away)
        order = f"{made:08x}-3c15-4b43-8204-d19e4f1cc8ce"
        live.append((side, price, order))
        return side, price, order, f"{random.uniform(0.001, 3):.6f}".rstrip("0").rstrip(".")

    frames.append(
        frame(
            "FULL_ORDERBOOK_SNAPSHOT", [new_order(side, i) for side in Side for i in range(LEVELS)]
        )
    )
    for _ in range(updates):
        sequence += 1
        if random.random() < 0.5:
            row = new_order(random.choice(list(Side)), int(random.expovariate(1 / 15)))
        else:
            side, price, order = live.pop(random.randrange(len(live)))
            row = (side, price, order, "0")
        frames.append(frame("FULL_ORDERBOOK_UPDATE", [row]))
    return frames


def queues(frames: Sequence[str]) -> None:
    book = QueueBook(PAIR, RULES)
    for frame in frames:
        for event in decode_market(frame, 0.0):
            assert isinstance(event, QueueSnapshot | QueueDiff)
            book.apply(event)
        book.best(BUY)
        book.best(SELL)


Work = Callable[[Sequence[str]], None]


def microseconds(contests: Sequence[tuple[str, Work, Sequence[str]]]) -> list[float]:
    """
    Per frame: the best of a few rounds, for the machine has other things to do as well.

    A round is one turn of each, so that a slow moment is nobody's alone.
    """
    best = [float("inf")] * len(contests)
    for _ in range(ROUNDS):
        for index, (_, work, frames) in enumerate(contests):
            began = time.perf_counter()
            work(frames)
            spent = time.perf_counter() - began
            best[index] = min(best[index], spent / len(frames) * 1e6)
    return best


def main() -> None:
    updates = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    market = Market(1, checksums=True)
    frames = [market.snapshot, *(market.change() for _ in range(updates))]
    orders = queue_frames(2, updates)
    contests: list[tuple[str, Work, Sequence[str]]] = [
        ("sortedcontainers of Decimal, from the same text", sorted_decimals, frames),
        ("the same, checksum of every frame verified", sorted_decimals_verified, frames),
        ("only json.loads of the same text", only_json, frames),
        ("ours: decode, apply, best prices", unverified, frames),
        ("ours, checksum of every frame verified", verified, frames),
        ("only our decoding of the same text", only_ours, frames),
        ("ours, orders (L3): decode, apply, checksum, best prices", queues, orders),
    ]
    results = microseconds(contests)
    for (name, _, _), us in zip(contests, results, strict=True):
        print(f"{us:8.2f} us   {name}")
    plain, plain_verified, _, ours, ours_verified, *_ = results
    print(f"{plain / ours:8.2f} x as fast as sortedcontainers without checksums")
    print(f"{plain_verified / ours_verified:8.2f} x as fast with the checksum of every frame")


if __name__ == "__main__":
    main()
