"""
Times of a source, corrected: nothing is seen before it happened, and books change in one order.

Two machines' clocks differ, so that a file may have news received before it was sent. Then all
receive times are moved by the largest such difference, and by the least that news takes: as
hftbacktest does it (``correct_local_timestamp``), which gives the same figure.
"""

from collections.abc import Iterable, Iterator

import attrs

from trading.datasets.importers.notes import UNTOLD_NS
from trading.datasets.meta import Clock
from trading.datasets.record import Kind
from trading.datasets.standing import BareRecord

_TRADE = int(Kind.TRADE)


@attrs.define
class TimesTold:
    """The times of a source, taken record by record before anything is corrected."""

    count: int = 0
    difference_min_ns: int | None = None

    def take(self, exch_ns: int, recv_ns: int) -> None:
        """Note a record's times; an exchange time that is ``UNTOLD_NS`` says nothing."""
        if exch_ns == UNTOLD_NS:
            return
        self.count += 1
        difference_ns = recv_ns - exch_ns
        if self.difference_min_ns is None or difference_ns < self.difference_min_ns:
            self.difference_min_ns = difference_ns


@attrs.define
class ClockCorrection:
    """
    Corrects records that are in the order in which they were seen.

    Args:
        told: The times of all of them.
        latency_min_ns: What news takes at least, where clocks were corrected or times are not told.
    """

    told: TimesTold
    latency_min_ns: int
    moved: int = 0

    @property
    def shift_ns(self) -> int:
        smallest_ns = self.told.difference_min_ns
        return 0 if smallest_ns is None or smallest_ns >= 0 else self.latency_min_ns - smallest_ns

    def clock(self) -> Clock:
        """What it came to, once all records were corrected."""
        return Clock(
            difference_min_ns=self.told.difference_min_ns,
            shift_ns=self.shift_ns,
            told=self.told.count,
            moved=self.moved,
        )

    def corrected(self, records: Iterable[BareRecord]) -> Iterator[BareRecord]:
        """Move the times of records; whatever is in a book happened in the order it was seen in."""
        shift_ns, latency_ns, book_ns = self.shift_ns, self.latency_min_ns, UNTOLD_NS
        for exch_ns, recv_ns, price, quantity, order_id, kind, side, flags in records:
            seen_ns = recv_ns + shift_ns
            happened_ns = seen_ns - latency_ns if exch_ns == UNTOLD_NS else exch_ns
            if kind != _TRADE:
                if happened_ns < book_ns:
                    happened_ns = book_ns
                    self.moved += exch_ns != UNTOLD_NS
                book_ns = happened_ns
            yield happened_ns, seen_ns, price, quantity, order_id, kind, side, flags
