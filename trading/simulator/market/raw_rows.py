"""Raw lines of Binance's streams as the records of a market that is replayed."""

from collections.abc import Iterable, Iterator
from itertools import chain, dropwhile

import attrs
from typing_extensions import override

from trading.core.identifiers import Pair
from trading.datasets.importers.binance_raw import Change, RawStream
from trading.datasets.importers.notes import UNREADABLE, UNTOLD_NS, Asked, Notes
from trading.datasets.importers.scale import Scale
from trading.datasets.record import Flags, Kind
from trading.datasets.standing import BareRecord
from trading.simulator.core.flows import RecordedFlow
from trading.simulator.market.recording import MalformedRecording
from trading.simulator.market.two_clocks import Row

_CLOCK_SAMPLE = 20_000
"""So many messages say how far the receiver's clock is behind: of a busy pair some minutes. What
comes sooner after it happened than all of these is seen when it happens."""
_FEED_LATENCY_MIN_NS = 1_000_000
"""The least time from the exchange to a receiver whose clock had to be put right: a millisecond."""
_LINE_EXCERPT_LENGTH_MAX = 120
_NS_DIGITS_MAX = 19
_LAST, _CLEAR = int(Flags.LAST), int(Kind.CLEAR)
_OPTIONS = ("simulator.recording_tick_size", "simulator.recording_lot_size")
_ANY_PAIR = Pair("")


def raw_rows(lines: Iterable[bytes], flow: RecordedFlow) -> Iterator[Row]:
    """
    The records of a recording, from its first snapshot on, in the order in which it was received.

    It may be of any pair.

    A receiver's clock that is before the exchange's is put right by the most that it is seen to be
    behind. What the exchange does not date happens when it is received.

    Raises:
        MalformedRecording: A line cannot be read, or a book change is missing.
    """
    rows = dropwhile(lambda row: row[5] != _CLEAR, _read(lines, flow))
    sample: list[BareRecord] = []
    bad: MalformedRecording | None = None
    try:
        _take_sample(rows, sample)
    except MalformedRecording as error:
        bad = error  # it counts only once the market has come to it
    shift_ns = _clock_behind_ns(sample)
    for told_ns, at_ns, price, lots, order, kind, side, flags in chain(sample, rows):
        seen_ns = at_ns + shift_ns
        exch_ns = seen_ns if told_ns == UNTOLD_NS else told_ns
        yield exch_ns, seen_ns, price, lots, order, kind, side, flags
    if bad is not None:
        raise bad


def _take_sample(rows: Iterator[BareRecord], sample: list[BareRecord]) -> None:
    messages = 0
    for row in rows:
        sample.append(row)
        messages += row[7] & _LAST
        if messages == _CLOCK_SAMPLE:
            return


def _clock_behind_ns(sample: Iterable[BareRecord]) -> int:
    """What is to be added to receive times, in nanoseconds."""
    least = min((row[1] - row[0] for row in sample if row[0] != UNTOLD_NS), default=0)
    return _FEED_LATENCY_MIN_NS - least if least < 0 else 0


def _read(lines: Iterable[bytes], flow: RecordedFlow) -> Iterator[BareRecord]:
    scale = Scale(flow.tick_size, flow.lot_size, options=_OPTIONS)
    stream = _WholeStream(Asked(_ANY_PAIR, scale, Notes()))
    for line in lines:
        stamp, _, text = line.strip().partition(b" ")
        if not (stamp.isdigit() and len(stamp) <= _NS_DIGITS_MAX):
            raise MalformedRecording(f"no receive time in {_excerpt(line)}")
        try:
            for row in stream.take(int(stamp), text):
                if row[3] < 0 or (row[2] <= 0 and row[5] != _CLEAR):
                    raise ValueError("a price or a quantity is out of bounds")
                yield row
        except UNREADABLE as error:
            raise MalformedRecording(f"{error} in {_excerpt(line)}") from error


@attrs.define
class _WholeStream(RawStream):
    """A stream of which nothing may be missing, of whichever pair it is."""

    @override
    def of_another_pair(self, symbol: str) -> bool:
        return False

    @override
    def missed(self, told_ns: int, seen_ns: int, change: Change, last: int) -> BareRecord:
        raise MalformedRecording(f"book change {change.U} follows {last}")


def _excerpt(line: bytes) -> str:
    return repr(line[:_LINE_EXCERPT_LENGTH_MAX])
