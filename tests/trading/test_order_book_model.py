"""The order book against a dictionary, after every change."""

import zlib
from decimal import Decimal
from itertools import zip_longest

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.trading.builders import PAIR
from trading.books.levels import OrderBook
from trading.core.errors import ChecksumMismatch, SequenceGap
from trading.core.market import PriceLevel
from trading.messages.market import BookDiff, BookSnapshot
from trading.venues.valr.book_rules import ValrBookRules

Levels = list[tuple[str, str]]

# Few prices, so that levels meet; some with more digits, so that text order is not price order.
prices = st.integers(1, 40).map(
    lambda n: str(Decimal(n) / 4).removesuffix(".00")
) | st.sampled_from(["100", "99.5", "9.75"])
quantities = st.sampled_from(["0", "0", "1", "0.5", "2.25", "1000"])
levels = st.lists(st.tuples(prices, quantities), max_size=12)
whole_sides = st.lists(
    st.tuples(prices, quantities.filter(lambda text: text != "0")),
    max_size=40,
    unique_by=lambda level: level[0],
)


class BookModel(RuleBasedStateMachine):
    """Two plain dictionaries say what the book should be."""

    def __init__(self) -> None:
        super().__init__()
        self.venue = ValrBookRules()
        self.book = OrderBook(PAIR, self.venue)
        self.bids: dict[str, str] = {}
        self.asks: dict[str, str] = {}
        self.sequence: int | None = None

    @initialize(depth=st.sampled_from([1, 4, 25]))
    def covered(self, depth: int) -> None:
        self.venue.checksum_depth = depth

    def _expected_checksum(self) -> int:
        parts: list[str] = []
        depth = self.venue.checksum_depth
        bids, asks = self._best(self.bids, -1)[:depth], self._best(self.asks, 1)[:depth]
        for pair in zip_longest(bids, asks):
            parts += [":".join(level) for level in pair if level is not None]
        return zlib.crc32(":".join(parts).encode())

    def _best(self, side: dict[str, str], sign: int) -> list[tuple[str, str]]:
        return sorted(side.items(), key=lambda level: sign * Decimal(level[0]))

    @rule(bids=whole_sides, asks=whole_sides, sequence=st.integers(1, 10**18))
    def snapshot(self, bids: Levels, asks: Levels, sequence: int) -> None:
        self.bids, self.asks, self.sequence = dict(bids), dict(asks), sequence
        self.book.apply(
            BookSnapshot(
                pair=PAIR,
                bids=tuple(bids),
                asks=tuple(asks),
                sequence=sequence,
                checksum=self._expected_checksum(),
                received_at=0.0,
            )
        )

    @precondition(lambda self: self.sequence is not None)
    @rule(bids=levels, asks=levels)
    def difference(self, bids: Levels, asks: Levels) -> None:
        assert self.sequence is not None
        for side, changes in ((self.bids, bids), (self.asks, asks)):
            for price, quantity in changes:
                side[price] = quantity
                if quantity == "0":
                    del side[price]
        self.sequence += 1
        self.book.apply(self._diff(bids, asks, self.sequence, self._expected_checksum()))

    @precondition(lambda self: self.sequence is None)
    @rule(bids=levels, asks=levels, sequence=st.integers(1, 9))
    def early_difference(self, bids: Levels, asks: Levels, sequence: int) -> None:
        self.book.apply(self._diff(bids, asks, sequence, 7))

    @precondition(lambda self: self.sequence is not None)
    @rule(bids=levels, step=st.integers(-3, 5).filter(lambda step: step != 1))
    def missed_difference(self, bids: Levels, step: int) -> None:
        assert self.sequence is not None
        with pytest.raises(SequenceGap):
            self.book.apply(self._diff(bids, [], self.sequence + step, None))

    @precondition(lambda self: self.sequence is not None)
    @rule(flip=st.integers(1, 2**32 - 1))
    def wrong_checksum(self, flip: int) -> None:
        assert self.sequence is not None
        self.sequence += 1
        with pytest.raises(ChecksumMismatch):
            self.book.apply(self._diff([], [], self.sequence, self._expected_checksum() ^ flip))

    def _diff(self, bids: Levels, asks: Levels, sequence: int, checksum: int | None) -> BookDiff:
        return BookDiff(
            pair=PAIR,
            bids=tuple(bids),
            asks=tuple(asks),
            sequence=sequence,
            checksum=checksum,
            received_at=0.0,
        )

    @invariant()
    def the_book_is_the_dictionaries(self) -> None:
        assert self.book.sequence == self.sequence
        assert self.book.checksum() == self._expected_checksum()

    @invariant()
    def the_top_is_theirs_and_is_shown_only_when_sound(self) -> None:
        bids, asks = self._best(self.bids, -1), self._best(self.asks, 1)
        top = self.book.top(3)
        sound = bool(bids and asks) and Decimal(bids[0][0]) < Decimal(asks[0][0])
        assert (top is not None) == sound == (self.book.trouble() is None)
        if top is not None:
            assert top.bids == tuple(PriceLevel(Decimal(p), Decimal(q)) for p, q in bids[:3])
            assert top.asks == tuple(PriceLevel(Decimal(p), Decimal(q)) for p, q in asks[:3])


BookModel.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestBookAgainstDictionaries = BookModel.TestCase
