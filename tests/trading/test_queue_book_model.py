"""The order-by-order book against lists and plain sorting, after every change."""

import zlib
from collections.abc import Sequence
from decimal import Decimal
from itertools import zip_longest

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.trading.builders import PAIR
from trading.books.queues import QueueBook
from trading.core.errors import ChecksumMismatch, SequenceGap
from trading.core.identifiers import VenueOrderId
from trading.core.market import PriceLevel, Side
from trading.messages.market import QueueDiff, QueuedLevel, QueueSnapshot
from trading.venues.valr.book_rules import ValrBookRules

Levels = list[QueuedLevel]
Resting = tuple[Side, Decimal, VenueOrderId, str]

# Few prices and orders, so that they meet; some prices in two spellings.
prices = st.integers(1, 12).map(lambda n: str(Decimal(n) / 4)) | st.sampled_from(
    ["0.50", "1", "1.0", "2.000", "10", "9.5"]
)
order_ids = st.integers(1, 60).map(lambda n: VenueOrderId(f"order-{n}"))
quantities = st.sampled_from(["0", "0", "0.000", "1", "0.5", "0.50", "2.25", "1000"])
levels = st.lists(
    st.tuples(prices, st.lists(st.tuples(order_ids, quantities), max_size=4).map(tuple)),
    max_size=8,
)
wrong_numbers = st.sampled_from(
    ["", "-1", "NaN", "1e5", "1,5", ".5", "5.", " 1", "1.2.3", "\uff11"]
)


class QueueBookModel(RuleBasedStateMachine):
    """A plain list of all resting orders, first come first, says what the book should be."""

    def __init__(self) -> None:
        super().__init__()
        self.venue = ValrBookRules()
        self.book = QueueBook(PAIR, self.venue)
        self.resting: list[Resting] = []
        self.sequence: int | None = None

    @initialize(depth=st.sampled_from([1, 3, 25]))
    def covered(self, depth: int) -> None:
        self.venue.checksum_depth = depth

    @rule(bids=levels, asks=levels, sequence=st.integers(1, 10**18))
    def snapshot(self, bids: Levels, asks: Levels, sequence: int) -> None:
        self.resting, self.sequence = [], sequence
        self._enter(bids, asks)
        self.book.apply(
            QueueSnapshot(
                pair=PAIR,
                bids=tuple(bids),
                asks=tuple(asks),
                sequence=sequence,
                checksum=self._checksum(),
                received_at=0.0,
            )
        )

    @precondition(lambda self: self.sequence is not None)
    @rule(bids=levels, asks=levels, verified=st.booleans())
    def difference(self, bids: Levels, asks: Levels, *, verified: bool) -> None:
        assert self.sequence is not None
        self._enter(bids, asks)
        self.sequence += _entries(bids, asks)
        checksum = self._checksum() if verified else None
        self.book.apply(_diff(bids, asks, self.sequence, checksum))

    @precondition(lambda self: self.sequence is None)
    @rule(bids=levels, asks=levels, sequence=st.integers(1, 9))
    def early_difference(self, bids: Levels, asks: Levels, sequence: int) -> None:
        self.book.apply(_diff(bids, asks, sequence, 7))

    @precondition(lambda self: self.sequence is not None)
    @rule(bids=levels, step=st.integers(-3, 5).filter(bool))
    def missed_difference(self, bids: Levels, step: int) -> None:
        assert self.sequence is not None
        with pytest.raises(SequenceGap):
            self.book.apply(_diff(bids, [], self.sequence + _entries(bids, []) + step, None))

    @precondition(lambda self: self.sequence is not None)
    @rule(flip=st.integers(1, 2**32 - 1))
    def wrong_checksum(self, flip: int) -> None:
        assert self.sequence is not None
        with pytest.raises(ChecksumMismatch):
            self.book.apply(_diff([], [], self.sequence, self._checksum() ^ flip))

    @rule(wrong=wrong_numbers, of_the_price=st.booleans())
    def no_number(self, wrong: str, *, of_the_price: bool) -> None:
        price, quantity = (wrong, "1") if of_the_price else ("1", wrong)
        with pytest.raises(ValueError, match="no level of a book"):
            _diff([(price, ((VenueOrderId("x"), quantity),))], [], 1, None)

    def _enter(self, bids: Levels, asks: Levels) -> None:
        """Entries one after the other: in place, at the end of a queue, or gone."""
        for side, changes in ((Side.SELL, asks), (Side.BUY, bids)):
            for price_text, orders in changes:
                for order_id, quantity in orders:
                    self._enter_one((side, Decimal(price_text), order_id, quantity))

    def _enter_one(self, entry: Resting) -> None:
        known = [at for at, order in enumerate(self.resting) if order[2] == entry[2]]
        stays = bool(known) and self.resting[known[0]][:2] == entry[:2]
        if Decimal(entry[3]) == 0:
            for at in known:
                del self.resting[at]
        elif stays:
            self.resting[known[0]] = entry
        else:
            for at in known:
                del self.resting[at]
            self.resting.append(entry)

    def _queue(self, side: Side) -> list[Resting]:
        """All orders of a side, best price first, then first come first: sorting is stable."""
        sign = -1 if side is Side.BUY else 1
        orders = [order for order in self.resting if order[0] is side]
        return sorted(orders, key=lambda order: sign * order[1])

    def _levels(self, side: Side) -> tuple[PriceLevel, ...]:
        sums: dict[Decimal, Decimal] = {}
        for _, price, _, quantity in self._queue(side):
            sums[price] = sums.get(price, Decimal(0)) + Decimal(quantity)
        return tuple(PriceLevel(price, quantity) for price, quantity in sums.items())

    def _checksum(self) -> int:
        depth = self.venue.checksum_depth
        parts: list[str] = []
        bids, asks = self._queue(Side.BUY)[:depth], self._queue(Side.SELL)[:depth]
        for pair in zip_longest(bids, asks):
            parts += [f"{order[2]}:{order[3]}" for order in pair if order is not None]
        return zlib.crc32(":".join(parts).encode())

    @invariant()
    def the_book_is_the_list(self) -> None:
        assert self.book.sequence == self.sequence
        assert self.book.checksum() == self._checksum()

    @invariant()
    def levels_and_queues_are_theirs(self) -> None:
        for side in Side:
            wanted = self._levels(side)
            assert self.book.levels(side) == wanted
            for depth in (0, 1, 3):
                assert self.book.levels(side, depth) == wanted[:depth]
            assert self.book.best(side) == (wanted[0].price if wanted else None)
            if wanted:
                assert self.book.queue(side, wanted[0].price) == tuple(
                    (order_id, Decimal(quantity))
                    for _, price, order_id, quantity in self._queue(side)
                    if price == wanted[0].price
                )

    @invariant()
    def the_top_is_theirs_and_is_shown_only_when_sound(self) -> None:
        bids, asks = self._levels(Side.BUY), self._levels(Side.SELL)
        top = self.book.top(3)
        sound = bool(bids and asks) and bids[0].price < asks[0].price
        assert (top is not None) == sound == (self.book.trouble() is None)
        if top is not None:
            assert (top.bids, top.asks) == (bids[:3], asks[:3])


def _entries(bids: Levels, asks: Levels) -> int:
    return sum(len(orders) for _, orders in (*bids, *asks))


def _diff(
    bids: Sequence[QueuedLevel], asks: Sequence[QueuedLevel], sequence: int, checksum: int | None
) -> QueueDiff:
    return QueueDiff(
        pair=PAIR,
        bids=tuple(bids),
        asks=tuple(asks),
        sequence=sequence,
        checksum=checksum,
        received_at=0.0,
    )


def test_the_checksum_follows_a_top_that_goes_order_by_order_and_comes_back() -> None:
    queue = [(str(1 + n // 3), VenueOrderId(f"order-{n}")) for n in range(200)]
    book = QueueBook(PAIR, ValrBookRules())
    asks = [(price, ((order_id, "1"),)) for price, order_id in queue]
    book.apply(
        QueueSnapshot(
            pair=PAIR, bids=(), asks=tuple(asks), sequence=0, checksum=None, received_at=0.0
        )
    )
    for gone in range(1, 201):
        price, order_id = queue[gone - 1]
        best = ":".join(f"{order}:1" for _, order in queue[gone : gone + 25])
        change = [(price, ((order_id, "0"),))]
        book.apply(_diff([], change, gone, zlib.crc32(best.encode())))
    resting: list[VenueOrderId] = []
    for come in range(200):
        order_id = VenueOrderId(f"again-{come}")
        resting.insert(0, order_id)
        best = ":".join(f"{order}:1" for order in resting[:25])
        change = [(str(300 - come), ((order_id, "1"),))]
        book.apply(_diff([], change, 201 + come, zlib.crc32(best.encode())))


QueueBookModel.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestQueueBookAgainstAList = QueueBookModel.TestCase
