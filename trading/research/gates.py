"""Gates over time: what kept each side from quoting, and for how long."""

from collections.abc import Iterable, Mapping

from trading.core.market import SIDES, Side
from trading.research.mid_path import Span
from trading.research.result import GateSpan, Run
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
        codes = dict.fromkeys(gate.code for gate in run.gates if gate.side in {side, None})
        shares = {
            code: sum(end - begin for begin, end in shut(run, run.gates, side, code))
            / (run.to_ns - run.from_ns)
            for code in codes
        }
        found[side] = dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))
    return found


def shut(run: Run, gates: Iterable[GateSpan], side: Side, code: str) -> list[Span]:
    """Where a gate was shut for a side within a run; what overlaps or touches is one span."""
    spans = sorted(
        (max(gate.from_ns, run.from_ns), min(gate.to_ns, run.to_ns))
        for gate in gates
        if gate.code == code and gate.side in {side, None}
    )
    joined: list[Span] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        elif end > begin:
            joined.append((begin, end))
    return joined


def spans_of(
    looks: Iterable[tuple[int, Iterable[tuple[str, Side | None]]]], until_ns: int
) -> tuple[GateSpan, ...]:
    """
    Gates over time from what each look at the market found shut, oldest first.

    A gate is shut from the first look that names it to the first later one that does not.

    Args:
        looks: When (ns, ascending), and the code and side of each gate that was shut then.
        until_ns: Until when what the last look found is taken to hold.
    """
    since: dict[tuple[str, Side | None], int] = {}
    found: list[GateSpan] = []

    def end(gate: tuple[str, Side | None], at_ns: int) -> None:
        code, side = gate
        found.append(GateSpan(code=code, side=side, from_ns=since.pop(gate), to_ns=at_ns))

    for at_ns, gates in looks:
        named = set(gates)
        for gate in [gate for gate in since if gate not in named]:
            end(gate, at_ns)
        for gate in named:
            since.setdefault(gate, at_ns)
    for gate in list(since):
        end(gate, max(until_ns, since[gate]))
    return tuple(sorted(found, key=lambda gate: (gate.from_ns, gate.code, str(gate.side))))
