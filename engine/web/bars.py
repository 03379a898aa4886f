"""The history of a side's, a lease's or a component's state, as runs of equal state."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

Json = dict[str, Any]

RUNS_MAX = 4_000
"""Of one bar; a side changes its state a few times a minute."""

_DAY_MS = 24 * 3600 * 1000


@attrs.define
class Run:
    """
    A time in which a state held.

    Args:
        begin: Milliseconds since the epoch.
        end: The last moment at which it was seen to hold.
        kind: What the bar shows: ``quoting``, ``waits``, ``setting``, ``missing``, ``halted``.
        code: Of the gate that is the cause; empty while a side quotes.
        gates: Everything that was said of it when it began.
    """

    begin: int
    end: int
    kind: str
    code: str = ""
    gates: Sequence[Json] = ()

    def short(self) -> list[object]:
        """As the page draws it."""
        return [self.begin, self.end, self.kind, self.code]


class Bar:
    """Runs, oldest first; between two of them there may be a gap, in which nobody looked."""

    def __init__(self) -> None:
        self.runs: list[Run] = []

    def saw(self, run: Run, *, gap_ms: int) -> bool:
        """
        Take what holds at a moment: whether that began a new run.

        Args:
            gap_ms: When the last look was longer ago, what held between is not known.
        """
        last = self.runs[-1] if self.runs else None
        if last is not None and run.begin - last.end <= gap_ms:
            if (last.kind, last.code) == (run.kind, run.code):
                last.end = max(last.end, run.end)
                return False
            last.end = max(last.end, run.begin)
        self.runs.append(run)
        if len(self.runs) > RUNS_MAX or self.runs[0].end < run.end - _DAY_MS:
            del self.runs[: max(1, len(self.runs) - RUNS_MAX)]
        return True

    def told(self, run: Run) -> list[Run]:
        """
        Take a change that came between two looks, and is told of after the second.

        Returns:
            The runs that are new or begin anew, oldest first; none where a look has seen it.
        """
        place = bisect_right(self.runs, run.begin, key=lambda one: one.begin) - 1
        if place < 0:
            return []
        before = self.runs[place]
        if before.kind == run.kind or before.end < run.begin:
            return []
        run.end, before.end = before.end, run.begin
        rest = self.runs[place + 1 :]
        if rest and (rest[0].kind, rest[0].begin) == (run.kind, run.end):
            # The look that saw it said more of it.
            rest[0].begin = run.begin
            changed = rest
        else:
            changed = [run, *rest]
        kept = self.runs[: place + (before.begin < before.end)]
        self.runs = [*kept, *changed]
        return changed

    def between(self, begin: int, end: int) -> Iterable[Run]:
        return (run for run in self.runs if run.end >= begin and run.begin <= end)

    def at(self, moment: int) -> Run | None:
        """What held then."""
        past = bisect_right(self.runs, moment, key=lambda run: run.begin)
        run = self.runs[past - 1] if past else None
        return run if run is not None and run.end >= moment else None
