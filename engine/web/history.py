"""Figures of the last 24 hours, a row a second at most, in columns of fixed size."""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

Json = dict[str, Any]

COLUMNS = ("time", "mid", "bid", "ask", "base", "quote", "realised", "unrealised", "fees")
"""Times in seconds since the epoch; NaN stands for what is not known."""

ROWS_MAX = 24 * 3600
POINTS_MAX = 5_000
NAN = math.nan

_GAP_S = 5.0


class Ring:
    """Rows in the order of time; the oldest go when it is full."""

    def __init__(self, rows_max: int = ROWS_MAX) -> None:
        self._rows_max = rows_max
        self._columns = [array("d") for _ in COLUMNS]
        self._first = 0

    def __len__(self) -> int:
        return len(self._columns[0]) - self._first

    def add(self, row: Sequence[float], *, gap_s: float = _GAP_S) -> None:
        """
        Add a row; one of the same second replaces the one before, an older one is left out.

        Args:
            row: As ``COLUMNS``.
            gap_s: Without a row for so long there was nobody who looked, and there is a gap.
        """
        times = self._columns[0]
        last = times[-1] if len(self) else -math.inf
        if row[0] <= last:
            return
        if last > -math.inf and row[0] - last > gap_s:
            self._append((last + 1.0, *(NAN for _ in row[1:])))
        elif len(self) and math.floor(last) == math.floor(row[0]):
            for column in self._columns:
                column.pop()
        self._append(row)

    def columns(self, begin: float, end: float) -> "list[array[float]]":
        """The rows of ``begin <= time <= end``, column by column."""
        first, past = self._range(begin, end)
        return [column[first:past] for column in self._columns]

    def series(self, begin: float, end: float, points: int) -> Json:
        """
        Columns with at most so many rows: of each bucket the last, and the mid price's extremes.

        Args:
            points: At least 2; more than ``POINTS_MAX`` are not given.
        """
        rows = self.columns(begin, end)
        count = len(rows[0])
        size = max(1, math.ceil(count / max(2, min(points, POINTS_MAX))))
        buckets = [(start, min(start + size, count)) for start in range(0, count, size)]
        found: Json = {
            name: [column[past - 1] for _, past in buckets]
            for name, column in zip(COLUMNS, rows, strict=True)
        }
        mids = rows[COLUMNS.index("mid")]
        extremes = [_extremes(mids[start:past]) for start, past in buckets]
        found["mid_min"] = [low for low, _ in extremes]
        found["mid_max"] = [high for _, high in extremes]
        return found

    def at(self, column: str, moment: float) -> float:
        """A figure at a moment in seconds: that of the last row before it; NaN without one."""
        _, past = self._range(-math.inf, moment)
        return self._columns[COLUMNS.index(column)][past - 1] if past > self._first else NAN

    def rows_since(self, moment: float) -> Iterator[list[float]]:
        """Every row after a moment, oldest first."""
        rows = self.columns(math.nextafter(moment, math.inf), math.inf)
        return (list(row) for row in zip(*rows, strict=True))

    def _range(self, begin: float, end: float) -> tuple[int, int]:
        times = self._columns[0]
        first = bisect_left(times, begin, self._first)
        return first, max(first, bisect_left(times, math.nextafter(end, math.inf), first))

    def _append(self, row: Sequence[float]) -> None:
        for column, value in zip(self._columns, row, strict=True):
            column.append(value)
        if len(self) > self._rows_max:
            self._first += 1
            if self._first > self._rows_max // 8:
                for column in self._columns:
                    del column[: self._first]
                self._first = 0


def _extremes(values: Sequence[float]) -> tuple[float, float]:
    known = [value for value in values if value == value]  # noqa: PLR0124  # NaN is not itself
    return (min(known), max(known)) if known else (NAN, NAN)
