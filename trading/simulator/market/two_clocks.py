"""
Two clocks of a recording: a change happens at the exchange's time, and is seen at the receiver's.

Records come in the order in which they were seen. What happens is put in the exchange's order, in
which a feed that is sent every 100 ms does not overtake the trades that it sums up.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Protocol

from trading.datasets.record import Flags, Kind
from trading.simulator.matching.matching import Execution

Row = tuple[int, int, int, int, int, int, int, int]
"""A record as a bare tuple, its fields as those of ``trading.datasets.record.Record``."""

_REACH_NS = 5_000_000_000
"""So much later than it happened a change may be seen and still be put in its place; one that is
seen even later happens as soon as it is read. Feeds are seldom a second late."""
_NEVER = 1 << 63
_LAST = int(Flags.LAST)
_TRADE = int(Kind.TRADE)


class Told:
    """
    What the exchange told at once.

    Attributes:
        happens_ns: Nanoseconds of the exchange, and of the receiver where those come first.
        seen_ns: Nanoseconds of the receiver.
        rows: Its records.
        of_trades: Whether there is nothing but trades among them.
        trades: Trades of others, as they are to be seen; noted when it happens.
    """

    __slots__ = ("happens_ns", "of_trades", "rows", "seen_ns", "trades")

    def __init__(self, happens_ns: int, seen_ns: int, rows: list[Row], *, of_trades: bool) -> None:
        self.happens_ns = happens_ns
        self.seen_ns = seen_ns
        self.rows = rows
        self.of_trades = of_trades
        self.trades: list[Execution] = []


def told_at_once(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Group records that the exchange told at once: up to the one flagged so, or of one time."""
    group: list[Row] = []
    for row in rows:
        if group and (row[1] != group[0][1] or row[0] != group[0][0]):
            yield group
            group = []
        group.append(row)
        if row[7] & _LAST:
            yield group
            group = []
    if group:
        yield group


class Clocks(Protocol):
    """
    What deals out a market's changes.

    Attributes:
        open: Whether more may come where there is nothing now.
    """

    open: bool

    @property
    def happens_ns(self) -> int | None: ...

    @property
    def seen_ns(self) -> int | None: ...

    def happen(self) -> list[Told]: ...

    def see(self) -> Told: ...


class TwoClocks:
    """
    Deals out a recording by both of its clocks; never is something seen before it happens.

    Args:
        groups: Of records, in the order in which they were seen.
        level_wait_ns: How long all but trades wait for trades that are dated later.
        reach_ns: How far ahead is read.
    """

    open = False

    def __init__(
        self, groups: Iterator[list[Row]], level_wait_ns: int = 0, reach_ns: int = _REACH_NS
    ) -> None:
        self._groups = groups
        self._level_wait_ns = level_wait_ns
        self._reach_ns = reach_ns
        self._happening: list[tuple[int, int, Told]] = []
        self._unseen: deque[Told] = deque()
        self._count = 0
        self._read_ns = 0
        self._level_ns = 0
        self._over = False
        self._read_on()

    @property
    def happens_ns(self) -> int | None:
        """When something happens next; ``None`` when nothing does any more."""
        return self._happening[0][0] if self._happening else None

    @property
    def seen_ns(self) -> int | None:
        """When something is seen next; ``None`` when nothing is any more."""
        return self._unseen[0].seen_ns if self._unseen else None

    def happen(self) -> list[Told]:
        """Everything of the next moment: trades before all others, then as it was seen."""
        at = self._happening[0][0]
        trades: list[Told] = []
        others: list[Told] = []
        while self._happening and self._happening[0][0] == at:
            told = heapq.heappop(self._happening)[2]
            (trades if told.of_trades else others).append(told)
            if not self._happening or self._happening[0][0] > at:
                self._read_on()
        return trades + others

    def see(self) -> Told:
        """What is seen next."""
        return self._unseen.popleft()

    def _read_on(self) -> None:
        """Read until nothing can come any more that happens before what is known."""
        while not self._over:
            first = self._happening[0][0] if self._happening else -_NEVER
            if self._happening and self._read_ns - first >= self._reach_ns:
                return
            rows = next(self._groups, None)
            if rows is None:
                self._over = True
                return
            self._take(rows)

    def _take(self, rows: list[Row]) -> None:
        # Receive times of one stream may step back by microseconds; a market's time may not.
        seen = self._read_ns = max(self._read_ns, rows[0][1])
        happens = rows[0][0]
        of_trades = rows[0][5] == _TRADE and all(row[5] == _TRADE for row in rows)
        if not of_trades:
            # A book is told by one feed, whose order counts: nothing overtakes the snapshot that
            # it follows, though that was answered, and so dated, later.
            happens = max(happens + self._level_wait_ns, self._level_ns)
            happens = self._level_ns = min(happens, seen)
        told = Told(min(happens, seen), seen, rows, of_trades=of_trades)
        self._count += 1
        heapq.heappush(self._happening, (told.happens_ns, self._count, told))
        self._unseen.append(told)
