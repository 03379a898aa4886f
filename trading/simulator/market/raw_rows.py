"""Records of a raw recording of Binance's public stream, with both of their times."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from trading.core.market import Side
from trading.datasets.record import Flags, Kind, RecordSide
from trading.simulator.core.flows import RecordedFlow
from trading.simulator.market.recording import (
    MalformedRecording,
    Recorded,
    RecordedDepth,
    RecordedSnapshot,
    RecordedTrade,
    read_recording,
)
from trading.simulator.market.two_clocks import Row

_CLOCK_SAMPLE = 20_000
"""So many events say how far the receiver's clock is behind: of a busy pair some minutes. What
comes sooner after it happened than all of these is seen when it happens."""
_FEED_LATENCY_MIN_NS = 1_000_000
"""The least time from the exchange to a receiver whose clock had to be put right: a millisecond."""
_LAST = int(Flags.LAST)
_BUY, _SELL = int(RecordSide.BUY), int(RecordSide.SELL)
_CLEAR, _SNAPSHOT = int(Kind.CLEAR), int(Kind.SNAPSHOT_LEVEL)
_LEVEL, _TRADE = int(Kind.LEVEL), int(Kind.TRADE)


def raw_rows(lines: Iterable[bytes], flow: RecordedFlow) -> Iterator[Row]:
    """
    The records of a recording, from its first snapshot on, in the order in which it was received.

    A receiver's clock that is before the exchange's is put right by the most that it is seen to be
    behind. What the exchange does not date happens when it is received.

    Raises:
        MalformedRecording: A line cannot be read, or a book change is missing.
    """
    events = read_recording(lines, flow)
    sample: list[Recorded] = []
    bad: MalformedRecording | None = None
    try:
        sample.extend(islice(events, _CLOCK_SAMPLE))
    except MalformedRecording as error:
        bad = error  # it counts only once the market has come to it
    shift_ns = _clock_behind_ns(sample)
    for event in chain(sample, events):
        yield from _rows(event, shift_ns)
    if bad is not None:
        raise bad


def _clock_behind_ns(sample: Iterable[Recorded]) -> int:
    """What is to be added to receive times, in nanoseconds."""
    least = min(
        (
            event.at_ns - event.exch_ns
            for event in sample
            if not isinstance(event, RecordedSnapshot) and event.exch_ns
        ),
        default=0,
    )
    return _FEED_LATENCY_MIN_NS - least if least < 0 else 0


def _rows(event: Recorded, shift_ns: int) -> Iterator[Row]:
    seen = event.at_ns + shift_ns
    match event:
        case RecordedTrade():
            side = _BUY if event.taker_side is Side.BUY else _SELL
            at = event.exch_ns or seen
            yield (at, seen, event.price, event.quantity, 0, _TRADE, side, _LAST)
        case RecordedDepth():
            yield from _levels(event, event.exch_ns or seen, seen, _LEVEL)
        case RecordedSnapshot():
            yield (seen, seen, 0, 0, 0, _CLEAR, 0, 0)
            yield from _levels(event, seen, seen, _SNAPSHOT)


def _levels(
    event: RecordedDepth | RecordedSnapshot, at: int, seen: int, kind: int
) -> Iterator[Row]:
    left = len(event.bids) + len(event.asks)
    for side, levels in ((_BUY, event.bids), (_SELL, event.asks)):
        for price, quantity in levels:
            left -= 1
            yield (at, seen, price, quantity, 0, kind, side, 0 if left else _LAST)
