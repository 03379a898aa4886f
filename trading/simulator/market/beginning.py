"""Where a recording begins: with the first whole book in it."""

from collections.abc import Iterable, Iterator

import attrs

from trading.datasets.record import Kind
from trading.simulator.market.recording import MalformedRecording
from trading.simulator.market.two_clocks import Row, told_at_once

_BEGINS = (int(Kind.CLEAR), int(Kind.SNAPSHOT_LEVEL))


@attrs.frozen
class Recording:
    """
    A recording from its first snapshot on.

    Args:
        began_ns: When that was seen, nanoseconds since the epoch.
        groups: What was told at once, in the order in which it was seen.
    """

    began_ns: int
    groups: Iterator[list[Row]]


def recording_of(rows: Iterable[Row]) -> Recording:
    """
    Find where a recording begins; what comes before belongs to no book.

    Raises:
        MalformedRecording: It holds no snapshot.
    """
    groups = told_at_once(rows)
    for first in groups:
        if first[0][5] in _BEGINS:
            return Recording(first[0][1], _beginning_with(first, groups))
    raise MalformedRecording("it holds no snapshot of the book")


def _beginning_with(first: list[Row], groups: Iterator[list[Row]]) -> Iterator[list[Row]]:
    yield first
    yield from groups
