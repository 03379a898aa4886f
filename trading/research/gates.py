"""Gates over time: what kept each side from quoting, and for how long."""

from collections.abc import Mapping

from trading.core.market import SIDES, Side
from trading.research.result import Run
from trading.research.stated import NotStated


def gate_shares(run: Run) -> Mapping[Side, Mapping[str, float]] | NotStated:
    """
    By side and code: time that a gate was shut / all time, between 0 and 1, the longest first.

    Several can be shut at once, so they do not add up. A gate of both sides counts for each.
    """
    if run.gates is None:
        return NotStated("gates are not recorded; a recording of the session has them")
    if run.to_ns == run.from_ns:
        return NotStated("the run took no time")
    found: dict[Side, dict[str, float]] = {}
    for side in SIDES:
        by_code: dict[str, list[tuple[int, int]]] = {}
        for gate in run.gates:
            if gate.side in {side, None}:
                span = max(gate.from_ns, run.from_ns), min(gate.to_ns, run.to_ns)
                by_code.setdefault(gate.code, []).append(span)
        shares = {
            code: _covered(spans) / (run.to_ns - run.from_ns) for code, spans in by_code.items()
        }
        found[side] = dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))
    return found


def _covered(spans: list[tuple[int, int]]) -> int:
    """The time that spans cover, what overlaps counted once."""
    total, reached = 0, None
    for begin, end in sorted(spans):
        start = begin if reached is None else max(begin, reached)
        if end > start:
            total += end - start
            reached = end
    return total
