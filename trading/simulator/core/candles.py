"""A pair's trades as candles, and the figures of its last 24 hours, from the same trades."""

from collections import deque
from collections.abc import Iterator

import attrs

PERIODS_S = (60, 300, 900, 1800, 3600, 21_600, 86_400)
_MINUTE_MS = 60_000
_DAY_MS = 86_400_000
_MINUTES_KEPT_MAX = 14 * 24 * 60
"""Two weeks of them; longer candles are put together from minutes."""


@attrs.define(kw_only=True)
class Candle:
    """
    The trades of one stretch of time; prices in ticks.

    Args:
        lots: Quantity traded.
        tick_lots: Sum of price times quantity.
    """

    start_ms: int
    open: int
    high: int
    low: int
    close: int
    lots: int = 0
    tick_lots: int = 0

    def add(self, price: int, lots: int) -> None:
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.close = price
        self.lots += lots
        self.tick_lots += price * lots

    def merge(self, later: "Candle") -> None:
        """Extend the candle by one that comes after it."""
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.lots += later.lots
        self.tick_lots += later.tick_lots


class Candles:
    """
    Minutes in which something was traded.

    Args:
        opening: Price before the first trade, in ticks.
    """

    def __init__(self, opening: int, began_ms: int) -> None:
        self._opening = opening
        self._began_ms = began_ms
        self._minutes: deque[Candle] = deque(maxlen=_MINUTES_KEPT_MAX)

    def record(self, at_ms: int, price: int, lots: int) -> None:
        start_ms = at_ms - at_ms % _MINUTE_MS
        last = self._minutes[-1] if self._minutes else None
        # A clock that was put back does not put trades into minutes that are over.
        if last is None or last.start_ms < start_ms:
            last = Candle(start_ms=start_ms, open=price, high=price, low=price, close=price)
            self._minutes.append(last)
        last.add(price, lots)

    def candle(self, period_s: int, start_ms: int) -> Candle:
        """The candle that begins at a time; a flat one at the last price if nothing was traded."""
        end_ms = start_ms + period_s * 1000
        found: Candle | None = None
        before = self._opening
        for minute in self._minutes:
            if minute.start_ms >= end_ms:
                break
            if minute.start_ms < start_ms:
                before = minute.close
            elif found is None:
                found = attrs.evolve(minute, start_ms=start_ms)
            else:
                found.merge(minute)
        return found or _flat(start_ms, before)

    def newest_first(
        self, period_s: int, from_ms: int, until_ms: int, *, empty: bool
    ) -> Iterator[Candle]:
        """
        The candles that began within a time, both ends included.

        Args:
            empty: Whether those without a trade are shown too.
        """
        step = period_s * 1000
        first = max(from_ms, self._began_ms - self._began_ms % step)
        ascending: dict[int, Candle] = {}
        before = self._opening
        for minute in self._minutes:
            start_ms = minute.start_ms - minute.start_ms % step
            if start_ms in ascending:
                ascending[start_ms].merge(minute)
            elif start_ms < first:
                before = minute.close
            else:
                ascending[start_ms] = attrs.evolve(minute, start_ms=start_ms)
        rows = self._filled(ascending, before, first, until_ms, step) if empty else ascending
        return (rows[start] for start in sorted(rows, reverse=True) if start <= until_ms)

    def day(self, now_ms: int) -> Candle:
        """The last 24 hours, in whole minutes; it opens at the price before them."""
        start_ms = now_ms - now_ms % _MINUTE_MS - _DAY_MS + _MINUTE_MS
        day = self.candle(_DAY_MS // 1000, start_ms)
        day.open = self._price_before(start_ms)
        return day

    def _price_before(self, at_ms: int) -> int:
        price = self._opening
        for minute in self._minutes:
            if minute.start_ms >= at_ms:
                break
            price = minute.close
        return price

    @staticmethod
    def _filled(
        traded: dict[int, Candle], before: int, first: int, until_ms: int, step: int
    ) -> dict[int, Candle]:
        rows: dict[int, Candle] = {}
        start_ms = -(-first // step) * step
        last_ms = until_ms
        for at_ms in range(start_ms, last_ms + 1, step):
            rows[at_ms] = traded.get(at_ms) or _flat(at_ms, before)
            before = rows[at_ms].close
        return rows


def _flat(start_ms: int, price: int) -> Candle:
    return Candle(start_ms=start_ms, open=price, high=price, low=price, close=price)
