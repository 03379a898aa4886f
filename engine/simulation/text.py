"""The outcomes of simulations, as text for people and as JSON for machines."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from engine.logs.lines import shown_fields
from engine.simulation.batch import Total
from engine.simulation.injections.catalogue import BESIDE, FAULT_INJECTIONS
from engine.simulation.outcome import Outcome
from engine.simulation.violation import INVARIANTS
from trading.core.decimals import decimal_text

_HOUR_S = 3600.0
_TIMELINE_SHOWN = 60
_FAULTS_A_LINE = 10
_HIDDEN = frozenset({"at", "step", "event", "level"})


def outcome_text(outcome: Outcome, repeat: str) -> str:
    """
    One seed for people.

    Args:
        repeat: The command that repeats it, without the step.
    """
    speed = _speed(outcome.simulated_s, outcome.wall_s)
    lines = [
        f"seed {outcome.seed}: {speed}, {outcome.steps:,} steps",
        f"  engine     {_engine(outcome)}, profit {decimal_text(outcome.profit)}",
        *_faults(outcome.faults),
        f"  events     {outcome.fingerprints.events}",
        f"  wire       {outcome.fingerprints.wire}",
        f"  steps      {outcome.fingerprints.steps}",
    ]
    if outcome.violation is None:
        lines.append("  no violation")
    else:
        lines += _violation(outcome, repeat)
    return "\n".join(lines)


def total_text(total: Total, repeat: str) -> str:
    """Many seeds for people; ``repeat`` is the command that repeats one, without its seed."""
    speed = _speed(total.simulated_s, total.wall_s)
    lines = [
        f"{_count(total.seeds, 'seed', 'seeds')}: {speed}",
        f"  engine     {_engine(total)}",
        *_faults(total.faults),
    ]
    if total.never:
        lines.append(f"  never hit  {', '.join(total.never)}")
    for kind, counts in total.seen.items():
        lines.append(f"  {kind:<10} {', '.join(f'{name} {n}' for name, n in counts.items())}")
        if total.unseen[kind]:
            lines.append(f"    never    {', '.join(total.unseen[kind])}")
    lines.append(f"  violations {len(total.failed)}")
    for outcome in total.failed:
        lines += _violation(outcome, f"{repeat} --seed {outcome.seed}", timeline=False)
    return "\n".join(lines)


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """One seed for machines."""
    content = attrs.asdict(outcome)
    content["profit"] = decimal_text(outcome.profit)
    content["speed"] = round(outcome.speed, 1)
    content["timeline"] = [
        {key: _plain(value) for key, value in entry.items()} for entry in outcome.timeline
    ]
    return content


def total_json(total: Total) -> dict[str, Any]:
    """Many seeds for machines."""
    content = attrs.asdict(total, recurse=False)
    content["failed"] = [outcome_json(outcome) for outcome in total.failed]
    content["violations"] = len(total.failed)
    return content


def _violation(outcome: Outcome, repeat: str, *, timeline: bool = True) -> Iterator[str]:
    violation = outcome.violation
    assert violation is not None
    yield f"  VIOLATION  seed {outcome.seed}, at {violation.at:.3f} s, step {violation.step}"
    yield f"    {INVARIANTS[violation.invariant]} ({violation.invariant})"
    yield f"    {violation.what}"
    yield f"    again: {repeat} --until {violation.step} --trace FILE"
    if timeline:
        yield "    the last events:"
        yield from (f"      {_event(entry)}" for entry in outcome.timeline[-_TIMELINE_SHOWN:])


def _speed(simulated_s: float, wall_s: float) -> str:
    speed = simulated_s / wall_s if wall_s else 0.0
    hours = f"{simulated_s / _HOUR_S:,.2f} simulated hours"
    return f"{hours} in {wall_s:,.1f} s ({speed:,.0f} simulated seconds per second)"


def _engine(ran: Outcome | Total) -> str:
    counts = (
        _count(ran.processes, "process", "processes"),
        _count(ran.orders, "order", "orders"),
        _count(ran.fills, "fill", "fills"),
    )
    return ", ".join(counts)


def _event(entry: Mapping[str, Any]) -> str:
    fields = {key: _plain(value) for key, value in entry.items() if key not in _HIDDEN}
    return f"{entry['at']:>11.3f} {entry['step']:>8} {entry['event']}{shown_fields(fields)}"


def _faults(faults: Mapping[str, int]) -> Iterator[str]:
    if not faults:
        yield "  faults     none"
        return
    shown = [
        f"{fault} {faults[fault]}" for fault in (*FAULT_INJECTIONS, *BESIDE) if fault in faults
    ]
    for begin in range(0, len(shown), _FAULTS_A_LINE):
        head = "faults" if begin == 0 else ""
        yield f"  {head:<10} {', '.join(shown[begin : begin + _FAULTS_A_LINE])}"


def _count(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
