"""Drawdown: how far worth at mid fell below the best it had been, and for how long."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.research.exact import exact
from trading.research.mid_path import MidPath
from trading.research.result import Run
from trading.research.stated import NotStated
from trading.research.worth import Step, lacking, steps

_NS = 1_000_000_000


@attrs.frozen(kw_only=True)
class Drawdown:
    """
    The deepest fall of worth at mid below its best so far, looked at each second.

    Args:
        depth: max over t of (max over u <= t of worth(u) - worth(t)), in quote currency.
        peak_ns: When the best before it was.
        trough_ns: When it was deepest.
        longest_ns: The longest time from a best until as much again, or until the end.
        seconds: At how many seconds it was looked; at those without a mid price it was not.
    """

    depth: Decimal
    peak_ns: int
    trough_ns: int
    longest_ns: int
    seconds: int


def worth_each_second(run: Run, path: MidPath | None) -> Iterator[tuple[int, Decimal]]:
    """
    Worth at mid at each whole second after the beginning at which it had changed.

    Where the holdings of the beginning are not known it is that against having held them. To be
    gone through within ``exact``.
    """
    state: Step | None = None
    for step in steps(run, path):
        if state is not None and _second(run, step.at_ns) > _second(run, state.at_ns):
            yield from _at_second(run, state)
        state = step
    if state is not None:
        yield from _at_second(run, state)


def drawdown(run: Run, path: MidPath | None) -> Drawdown | NotStated:
    """The deepest fall; needs a continuous mid price."""
    if (reason := lacking(path)) is not None:
        return reason
    with exact():
        return drawdown_of(worth_each_second(run, path), run.to_ns)


def drawdown_of(worth: Iterable[tuple[int, Decimal]], to_ns: int) -> Drawdown | NotStated:
    """
    The deepest fall of a series.

    Args:
        worth: From each moment (ns) on, ascending.
        to_ns: The end, to which the last holds.
    """
    depth, seconds, longest_ns, below = ZERO, 0, 0, False
    peak: tuple[int, Decimal] | None = None
    deepest = (0, 0)
    for ns, value in worth:
        seconds += 1
        if peak is None or value >= peak[1]:
            longest_ns = max(longest_ns, ns - peak[0] if peak is not None and below else 0)
            peak, below = (ns, value), False
            continue
        below = True
        if peak[1] - value > depth:
            depth, deepest = peak[1] - value, (peak[0], ns)
    if peak is None:
        return NotStated("worth at mid is not known at any second")
    if below:
        longest_ns = max(longest_ns, to_ns - peak[0])
    if not depth:
        deepest = (peak[0], peak[0])
    return Drawdown(
        depth=depth,
        peak_ns=deepest[0],
        trough_ns=deepest[1],
        longest_ns=longest_ns,
        seconds=seconds,
    )


def _second(run: Run, ns: int) -> int:
    """The first whole second after the beginning at or after a moment."""
    return -((run.from_ns - ns) // _NS)


def _at_second(run: Run, state: Step) -> Iterator[tuple[int, Decimal]]:
    if (gain := state.gain) is None:
        return
    assert state.mid is not None, "worth needs a mid price"
    if run.start is not None:
        gain += run.start.base * state.mid + run.start.quote
    yield min(run.from_ns + _second(run, state.at_ns) * _NS, run.to_ns), gain
