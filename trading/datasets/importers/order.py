"""Receive times of a stream, whose lines are in the order in which they came whatever they say."""

from collections.abc import Iterable, Iterator

from trading.datasets.importers.notes import Notes
from trading.datasets.standing import BareRecord

SET_BACK_NS_MAX = 5_000_000_000
"""A clock that is corrected goes back by less; more than that are lines in a wrong order."""

SET_BACK = "receive times were raised to those of the lines before: the clock went back"


class OutOfOrder(ValueError):
    """A line was received long before the one before it."""


def never_backwards(records: Iterable[BareRecord], notes: Notes) -> Iterator[BareRecord]:
    """
    Raise receive times that are before those of the record before.

    Raises:
        OutOfOrder: One is earlier by more than ``SET_BACK_NS_MAX``.
    """
    newest_ns = 0
    for record in records:
        seen_ns = record[1]
        if seen_ns >= newest_ns:
            newest_ns = seen_ns
            yield record
            continue
        if newest_ns - seen_ns > SET_BACK_NS_MAX:
            raise OutOfOrder(
                f"it was received {(newest_ns - seen_ns) / 1e9:.1f} s before the line before it:"
                " the lines are not in the order in which they came"
            )
        notes.guess(SET_BACK)
        yield (record[0], newest_ns, *record[2:])
