"""
Latency models: how long an order takes to the exchange, and its answer back.

That is apart from the feed's latency, which the recording itself has. None of them is nothing: an
order that arrives at once trades on what nobody could have known yet.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

import attrs
from attrs import validators
from typing_extensions import override

_UNITS_NS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ns|us|ms|s)")
_FORMS = "constant:ENTRY,ANSWER (as in constant:50ms,50ms), measured:SESSION or feed:FACTOR"


class Latency(Protocol):
    """How long requests and answers take, in nanoseconds."""

    def entry_ns(self, at_ns: int, feed_ns: int) -> int:
        """
        From our order's departure to its arrival.

        Args:
            at_ns: When it leaves, nanoseconds since the epoch.
            feed_ns: How late the market data last were.
        """
        ...

    def answer_ns(self, at_ns: int, feed_ns: int) -> int:
        """From what becomes of an order, at ``at_ns``, to our knowing it."""
        ...


@attrs.frozen
class ConstantLatency:
    """
    Always the same.

    Args:
        entry: To the exchange, in nanoseconds.
        answer: And back.
    """

    entry: int = attrs.field(default=50_000_000, validator=validators.gt(0))
    answer: int = attrs.field(default=50_000_000, validator=validators.gt(0))

    def entry_ns(self, at_ns: int, feed_ns: int) -> int:  # noqa: ARG002 - part of the protocol
        return self.entry

    def answer_ns(self, at_ns: int, feed_ns: int) -> int:  # noqa: ARG002 - part of the protocol
        return self.answer

    @override
    def __str__(self) -> str:
        return f"constant:{duration_text(self.entry)},{duration_text(self.answer)}"


class Measured(NamedTuple):
    """One order's latency: when it left, and how long it and its answer took, in nanoseconds."""

    at_ns: int
    entry_ns: int
    answer_ns: int


def _in_order(_: object, __: object, samples: Sequence[Measured]) -> None:
    if not samples:
        raise ValueError("no order was measured")
    if any(a.at_ns > b.at_ns for a, b in pairwise(samples)):
        raise ValueError("measured latencies are in order of time")
    if any(sample.entry_ns <= 0 or sample.answer_ns <= 0 for sample in samples):
        raise ValueError("a measured latency is above zero")


@attrs.frozen
class MeasuredLatency:
    """
    As orders of a session had it, by the one that is nearest in time.

    Args:
        session: Whose they were.
        samples: At least one, oldest first.
    """

    session: str
    samples: tuple[Measured, ...] = attrs.field(validator=_in_order, repr=False)

    def entry_ns(self, at_ns: int, feed_ns: int) -> int:  # noqa: ARG002 - part of the protocol
        return self._nearest(at_ns).entry_ns

    def answer_ns(self, at_ns: int, feed_ns: int) -> int:  # noqa: ARG002 - part of the protocol
        return self._nearest(at_ns).answer_ns

    @override
    def __str__(self) -> str:
        return f"measured:{self.session}"

    def _nearest(self, at_ns: int) -> Measured:
        samples = self.samples
        index = bisect_left(samples, at_ns, key=lambda sample: sample.at_ns)
        around = samples[max(0, index - 1) : index + 1]
        return min(around, key=lambda sample: abs(sample.at_ns - at_ns))


@attrs.frozen
class FeedLatency:
    """
    In proportion to how late the market data are: a busy network delays both.

    Args:
        factor: Of the feed's latency, each way.
        least: Nanoseconds that it takes in any case: a feed that has no latency has no clock.
    """

    factor: float = attrs.field(validator=[validators.gt(0), validators.lt(1000)])
    least: int = attrs.field(default=1_000_000, validator=validators.gt(0))

    def entry_ns(self, at_ns: int, feed_ns: int) -> int:  # noqa: ARG002 - part of the protocol
        return max(self.least, round(self.factor * feed_ns))

    def answer_ns(self, at_ns: int, feed_ns: int) -> int:
        return self.entry_ns(at_ns, feed_ns)

    @override
    def __str__(self) -> str:
        return f"feed:{self.factor:g}"


DEFAULT_LATENCY = ConstantLatency()


def parse_latency(
    text: str, measured: Callable[[str], Sequence[Measured]] | None = None
) -> Latency:
    """
    Read a latency model.

    Args:
        text: ``constant:50ms,50ms``, ``measured:SESSION`` or ``feed:1.5``.
        measured: Reads the latencies of a session's orders; ``None`` where there are no sessions.

    Raises:
        ValueError: It is none of them, or takes no time.
    """
    kind, colon, argument = text.partition(":")
    if not colon or not argument:
        raise ValueError(f"{text!r} is no latency: it is {_FORMS}")
    match kind:
        case "constant":
            return _constant(text, argument)
        case "feed":
            return _feed(text, argument)
        case "measured":
            if measured is None:
                raise ValueError(f"{text!r}: there are no sessions to measure here")
            return MeasuredLatency(argument, tuple(measured(argument)))
        case _:
            raise ValueError(f"{text!r} is no latency: it is {_FORMS}")


def duration_text(ns: int) -> str:
    """A time as ``parse_latency`` reads it, in the greatest unit in which it is whole."""
    unit = next(unit for unit in ("s", "ms", "us", "ns") if ns % _UNITS_NS[unit] == 0)
    return f"{ns // _UNITS_NS[unit]}{unit}"


def _constant(text: str, argument: str) -> Latency:
    entry, comma, answer = argument.partition(",")
    if not comma:
        raise ValueError(f"{text!r}: two times, to the exchange and back: constant:50ms,50ms")
    return ConstantLatency(_duration(text, entry), _duration(text, answer))


def _feed(text: str, argument: str) -> Latency:
    try:
        return FeedLatency(float(argument))
    except ValueError as error:
        raise ValueError(f"{text!r}: a factor above 0 and below 1000, as in feed:1.5") from error


def _duration(text: str, part: str) -> int:
    found = _DURATION.fullmatch(part.strip())
    ns = 0 if found is None else round(float(found[1]) * _UNITS_NS[found[2]])
    if ns <= 0:
        raise ValueError(f"{text!r}: {part.strip()!r} is no time above zero, such as 50ms or 800us")
    return ns
