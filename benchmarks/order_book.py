"""
Microseconds per order book update, ours beside others, all in one run: compare the ratios.

    python benchmarks/order_book.py [COMMIT] [UPDATES] [ROUNDS]

COMMIT is checked out into a temporary git worktree (e884cc9 where none is named) and imported
beside the code of this checkout. A round is one turn of each contestant, so that a slow moment is
nobody's alone; a ratio is of two turns of the same round.

A synthetic book of 600 levels a side is changed one level, or one order, at a time, mostly near the
top, and the best bid and ask are asked for after every update. All start from the text of the wire.
"""

import importlib
import json
import statistics
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import chain, islice, zip_longest
from pathlib import Path
from random import Random
from typing import Any

import attrs
from msgspec.structs import force_setattr
from sortedcontainers import SortedDict

from benchmarks.worktree import worktree
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
DEPTH = 10
"""Levels of each side that the engine shows its strategies."""

NEAR = 20
"""Levels of each side at which all happens in a market whose changes are all at the top."""

Rows = list[list[str]]
Frames = Sequence[str]


class Market:
    """A made-up market that can say its whole book or one change, with right checksums."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
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
        data = {
            "lc": LAST_CHANGE_MS + self.sequence,
            "a": asks,
            "b": bids,
            "sq": self.sequence,
            "cs": self._book.checksum(),
        }
        return json.dumps({"type": kind, "ps": PAIR, "d": data}, separators=(",", ":"))


class OrderMarket:
    """
    The order-by-order feed of a similar market, with right checksums.

    Args:
        near: Each change is among the orders that the checksum covers, or next to them; otherwise
            any order of the book may go, and the queues at the top grow to forty orders.
    """

    def __init__(self, seed: int, *, near: bool) -> None:
        self._random, self._near = Random(seed), near
        self._book = QueueBook(PAIR, RULES)
        self._live: list[tuple[Side, str, VenueOrderId]] = []
        self._made, self._sequence = 0, 1
        rows = [self._new(side, away) for side in Side for away in range(LEVELS)]
        if near:
            self._live = [order for order in self._live if self._away(order) < NEAR]
        self._usual = len(self._live)
        self.snapshot = self._frame("FULL_ORDERBOOK_SNAPSHOT", rows)

    def change(self) -> str:
        self._sequence += 1
        if self._random.random() * len(self._live) < self._usual / 2:
            away = int(self._random.expovariate(1 / 15))
            row = self._new(self._random.choice(list(Side)), away % NEAR if self._near else away)
        else:
            side, price, order = self._live.pop(self._random.randrange(len(self._live)))
            row = side, price, order, "0"
        return self._frame("FULL_ORDERBOOK_UPDATE", [row])

    def _new(self, side: Side, away: int) -> tuple[Side, str, VenueOrderId, str]:
        self._made += 1
        price = str(MIDDLE - 1 - away if side is Side.BUY else MIDDLE + 1 + away)
        order = VenueOrderId(f"{self._made:08x}-3c15-4b43-8204-d19e4f1cc8ce")
        self._live.append((side, price, order))
        quantity = f"{self._random.uniform(0.001, 3):.6f}".rstrip("0").rstrip(".")
        return side, price, order, quantity

    def _away(self, order: tuple[Side, str, VenueOrderId]) -> int:
        return abs(int(order[1]) - MIDDLE) - 1

    def _frame(self, kind: str, rows: list[tuple[Side, str, VenueOrderId, str]]) -> str:
        bids, asks = (
            tuple(
                (price, ((order, quantity),)) for at, price, order, quantity in rows if at is side
            )
            for side in (Side.BUY, Side.SELL)
        )
        make = QueueSnapshot if kind == "FULL_ORDERBOOK_SNAPSHOT" else QueueDiff
        self._book.apply(
            make(
                pair=PAIR,
                bids=bids,
                asks=asks,
                sequence=self._sequence,
                checksum=None,
                received_at=0.0,
            )
        )
        sides = [
            [
                {"Price": price, "Orders": [{"orderId": o, "quantity": q} for o, q in orders]}
                for price, orders in levels
            ]
            for levels in (asks, bids)
        ]
        data = {
            "LastChange": LAST_CHANGE_MS,
            "Asks": sides[0],
            "Bids": sides[1],
            "SequenceNumber": self._sequence,
            "Checksum": self._book.checksum(),
        }
        text = {"type": kind, "currencyPairSymbol": PAIR, "data": data}
        return json.dumps(text, separators=(",", ":"))


# Contestants. Each decodes and applies every frame and asks for the best prices.


@attrs.frozen
class Code:
    """What a checkout has for order books: this one's, or that of another commit."""

    decode: Callable[[str, float], Sequence[Any]]
    level_book: Callable[[], Any]
    queue_book: Callable[[], Any]
    buy: Any
    sell: Any


def verified(code: Code, frames: Frames) -> None:
    """Price levels, the checksum of every frame verified."""
    decode, book, buy, sell = code.decode, code.level_book(), code.buy, code.sell
    for frame in frames:
        for event in decode(frame, 0.0):
            book.apply(event)
        book.best(buy)
        book.best(sell)


def unverified(code: Code, frames: Frames) -> None:
    """The same as if the feed had no checksums."""
    decode, book, buy, sell = code.decode, code.level_book(), code.buy, code.sell
    for frame in frames:
        for event in decode(frame, 0.0):
            force_setattr(event, "checksum", None)
            book.apply(event)
        book.best(buy)
        book.best(sell)


def shown(code: Code, frames: Frames) -> None:
    """Price levels, checksums, and the top that the engine shows in place of the best prices."""
    decode, book = code.decode, code.level_book()
    for frame in frames:
        for event in decode(frame, 0.0):
            book.apply(event)
        book.top(DEPTH)


def queues(code: Code, frames: Frames) -> None:
    """Order by order, the checksum of every frame verified."""
    decode, book, buy, sell = code.decode, code.queue_book(), code.buy, code.sell
    for frame in frames:
        for event in decode(frame, 0.0):
            book.apply(event)
        book.best(buy)
        book.best(sell)


def queues_shown(code: Code, frames: Frames) -> None:
    """Order by order, checksums, and the top that the engine shows."""
    decode, book = code.decode, code.queue_book()
    for frame in frames:
        for event in decode(frame, 0.0):
            book.apply(event)
        book.top(DEPTH)


def decoded(code: Code, frames: Frames) -> None:
    decode = code.decode
    for frame in frames:
        decode(frame, 0.0)


def only_json(frames: Frames) -> None:
    for frame in frames:
        json.loads(frame)


def peer(frames: Frames) -> None:
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


def peer_verified(frames: Frames) -> None:
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
                    side[price] = price_text, quantity_text
                else:
                    side.pop(price, None)
        compare(bids.values()[:-26:-1], asks.values()[:25], data["cs"])
        bids.peekitem(-1)
        asks.peekitem(0)


def compare(bids: Iterable[Any], asks: Iterable[Any], checksum: int) -> None:
    parts: list[str] = []
    for bid, ask in zip_longest(bids, asks):
        parts += bid or ()
        parts += ask or ()
    if zlib.crc32(":".join(parts).encode()) != checksum:
        raise ValueError("a wrong checksum")


def peer_queues(frames: Frames) -> None:
    """The same order by order: at each price a dict of quantities, first come first."""
    bids: Any = SortedDict()
    asks: Any = SortedDict()
    where: dict[str, tuple[Any, Decimal]] = {}
    sequence = 0
    for frame in frames:
        message = json.loads(frame)
        data = message["data"]
        entries = sum(len(level["Orders"]) for level in (*data["Bids"], *data["Asks"]))
        if message["type"] == "FULL_ORDERBOOK_SNAPSHOT":
            bids.clear()
            asks.clear()
            where.clear()
        elif data["SequenceNumber"] != sequence + entries:
            raise ValueError("a gap")
        sequence = data["SequenceNumber"]
        for side, levels in ((asks, data["Asks"]), (bids, data["Bids"])):
            for level in levels:
                price = Decimal(level["Price"])
                for entry in level["Orders"]:
                    peer_order(where, side, price, entry["orderId"], entry["quantity"])
        best_bids = chain.from_iterable(queue.items() for queue in reversed(bids.values()))
        best_asks = chain.from_iterable(queue.items() for queue in asks.values())
        compare(islice(best_bids, 25), islice(best_asks, 25), data["Checksum"])
        bids.peekitem(-1)
        asks.peekitem(0)


def peer_order(where: Any, side: Any, price: Decimal, order: str, quantity_text: str) -> None:
    gone, known = not Decimal(quantity_text), where.get(order)
    if known is not None and (gone or known[0] is not side or known[1] != price):
        old_side, old_price = where.pop(order)
        del old_side[old_price][order]
        if not old_side[old_price]:
            del old_side[old_price]
    if not gone:
        side.setdefault(price, {})[order] = quantity_text
        where[order] = side, price


# The code of this checkout and of another commit, in one process.

OURS = Code(
    decode_market,
    lambda: OrderBook(PAIR, RULES),
    lambda: QueueBook(PAIR, RULES),
    Side.BUY,
    Side.SELL,
)


@contextmanager
def code_of(commit: str) -> Iterator[Code]:
    """The order books of another commit, imported from a worktree that is removed afterwards."""
    with worktree(commit) as tree:
        yield imported(tree)


def imported(tree: Path) -> Code:
    """Import ``trading`` of another checkout, and leave that of this one as it was."""
    mine = {name: sys.modules.pop(name) for name in list(sys.modules) if is_trading(name)}
    sys.path.insert(0, str(tree))
    try:
        if (tree / "trading" / "order_book.py").exists():  # until the packages were parted
            side = importlib.import_module("trading.market").Side
            level_book = importlib.import_module("trading.order_book").OrderBook
            queue_book = importlib.import_module("trading.queue_book").QueueBook
            codec = importlib.import_module("trading.venues.valr.market_codec")
            rules: tuple[Any, ...] = ()
        else:
            side = importlib.import_module("trading.core.market").Side
            level_book = importlib.import_module("trading.books.levels").OrderBook
            queue_book = importlib.import_module("trading.books.queues").QueueBook
            codec = importlib.import_module("trading.venues.valr.codec.market")
            rules = (importlib.import_module("trading.venues.valr.book_rules").RULES,)
        assert Path(str(codec.__file__)).is_relative_to(tree), codec.__file__
        return Code(
            codec.decode_market,
            lambda: level_book(PAIR, *rules),
            lambda: queue_book(PAIR, *rules),
            side.BUY,
            side.SELL,
        )
    finally:
        sys.path.remove(str(tree))
        for name in [name for name in sys.modules if is_trading(name)]:
            del sys.modules[name]
        sys.modules.update(mine)


def is_trading(module: str) -> bool:
    return module.partition(".")[0] == "trading"


# The contest.

Turn = Callable[[], None]


def microseconds(turns: Sequence[Turn], updates: int, rounds: int) -> list[list[float]]:
    """Per frame, each turn's of every round; the first round only warms up and is not counted."""
    times: list[list[float]] = [[] for _ in turns]
    for _ in range(rounds + 1):
        for spent, turn in zip(times, turns, strict=True):
            began = time.process_time()
            turn()
            spent.append((time.process_time() - began) / updates * 1e6)
    return [spent[1:] for spent in times]


def compared(name: str, ours: list[float], others: dict[str, list[float]]) -> None:
    print(f"{name}: {spread(ours)} us")
    for other, times in others.items():
        ratios = [mine / its for mine, its in zip(ours, times, strict=True)]
        print(f"    {spread(ratios)} of {other}: {spread(times)} us")


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main(commit: str = "e884cc9", updates: str = "5000", rounds: str = "7") -> None:
    count = int(updates)
    market = Market(1)
    levels = [market.snapshot, *(market.change() for _ in range(count))]
    orders, near = (
        [each.snapshot, *(each.change() for _ in range(count))]
        for each in (OrderMarket(2, near=False), OrderMarket(3, near=True))
    )
    rival = "sortedcontainers of Decimal"
    with code_of(commit) as before:
        contests: list[tuple[str, Callable[[Code, Frames], None], Frames, dict[str, Any]]] = [
            ("levels, no checksum", unverified, levels, {rival: peer}),
            ("levels, checksum of every frame", verified, levels, {rival: peer_verified}),
            ("levels, checksum, top of ten", shown, levels, {}),
            ("orders, checksum of every frame", queues, orders, {rival: peer_queues}),
            ("orders, all changes at the top", queues, near, {rival: peer_queues}),
            ("orders, all changes at the top, top of ten", queues_shown, near, {}),
            ("only decoding, levels", decoded, levels, {"json.loads": only_json}),
            ("only decoding, orders", decoded, orders, {"json.loads": only_json}),
        ]
        for name, work, frames, rivals in contests:
            others: dict[str, Turn] = {commit: lambda w=work, f=frames: w(before, f)}  # type: ignore[misc]
            others |= {who: lambda r=run, f=frames: r(f) for who, run in rivals.items()}
            turns = [lambda w=work, f=frames: w(OURS, f), *others.values()]  # type: ignore[misc]
            ours, *theirs = microseconds(turns, count, int(rounds))
            compared(name, ours, dict(zip(others, theirs, strict=True)))


if __name__ == "__main__":
    main(*sys.argv[1:])
