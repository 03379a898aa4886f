"""The mid price as a function of time, which knows where it is not known."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from decimal import Decimal
from operator import itemgetter

import attrs

from trading.research.result import MidSeries

Span = tuple[int, int]
"""From and to, nanoseconds since the epoch."""


@attrs.frozen
class MidPath:
    """
    A series of mid prices within a run.

    The mid price at a moment is the last that began to hold then or before. A gap reaches from
    where the mid price is no longer known to where it is known again.
    """

    series: MidSeries
    _gaps: tuple[Span, ...] = attrs.field(
        init=False,
        default=attrs.Factory(lambda self: tuple(_gaps_of(self.series)), takes_self=True),
    )

    def at(self, ns: int) -> Decimal | None:
        """The mid price in force at a moment; ``None`` in a gap, before the first, past the end."""
        return self._price(bisect_right(self.series.at_ns, ns), ns)

    def before(self, ns: int) -> Decimal | None:
        """
        The last mid price strictly before a moment, m⁻ of a fill: what it did not yet move.

        ``None`` in a gap, before the first and past the end.
        """
        return self._price(bisect_left(self.series.at_ns, ns), ns)

    def whole(self, from_ns: int, to_ns: int) -> bool:
        """Whether no gap, and not the end, lies after the one moment and up to the other."""
        if to_ns > self.series.until_ns:
            return False
        place = bisect_right(self._gaps, to_ns, key=itemgetter(0))  # the first that begins later
        return place == 0 or self._gaps[place - 1][1] <= from_ns

    def gaps(self, from_ns: int, to_ns: int) -> list[Span]:
        """Where between two moments the mid price is not known, also before the first one."""
        found = [
            (max(begin, from_ns), min(end, to_ns))
            for begin, end in self._gaps
            if max(begin, from_ns) < min(end, to_ns)
        ]
        first = self.series.at_ns[0] if self.series.at_ns else to_ns
        head = [(from_ns, min(first, to_ns))] if first > from_ns else []
        tail_from = max(self.series.until_ns, from_ns, first)
        tail = [(tail_from, to_ns)] if tail_from < to_ns else []
        return head + found + tail

    def known(self) -> Iterator[tuple[int, Decimal]]:
        """Every price that is known, and since when."""
        for ns, price in zip(self.series.at_ns, self.series.prices, strict=True):
            if price is not None:
                yield ns, price

    def _price(self, place: int, ns: int) -> Decimal | None:
        if place == 0 or ns > self.series.until_ns:
            return None
        return self.series.prices[place - 1]


def _gaps_of(series: MidSeries) -> Iterator[Span]:
    since: int | None = None
    for ns, price in zip(series.at_ns, series.prices, strict=True):
        if price is None and since is None:
            since = ns
        elif price is not None and since is not None:
            yield since, ns
            since = None
    if since is not None:
        yield since, series.until_ns


def clipped(series: MidSeries, from_ns: int, to_ns: int) -> MidSeries:
    """The part of a series within a run, begun with what is in force at its beginning."""
    # What is known at its moment alone is not in force later; that of the beginning is within.
    begin = (bisect_right if series.continuous else bisect_left)(series.at_ns, from_ns)
    end = bisect_right(series.at_ns, to_ns)
    at_ns, prices = series.at_ns[begin:end], series.prices[begin:end]
    if series.continuous and begin > 0 and from_ns <= series.until_ns:
        at_ns, prices = (from_ns, *at_ns), (series.prices[begin - 1], *prices)
    until_ns = min(series.until_ns, to_ns) if series.continuous else max(at_ns, default=from_ns)
    return MidSeries(
        at_ns=at_ns,
        prices=prices,
        until_ns=max(until_ns, from_ns) if at_ns else from_ns,
        continuous=series.continuous,
    )
