"""What a run of checks came to, as a value, as JSON, and as lines for a person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from config.source.problems import printable
from trading.venues.valr.conformance.check import Level, Result, Verdict, plain

_WIDTH = 11
_FACT_MAX = 120


@attrs.frozen(kw_only=True)
class Report:
    """
    A whole run.

    Args:
        identity: The venue's name in the ledger.
        at_ns: Wall clock at its beginning, nanoseconds since the epoch.
        left: Whether orders may be left at the venue, in words; empty where none is.
        left_orders: Their ids, as far as the ledger knows them.
        cleanup: The command that cancels them; empty where none is left.
        holdings: What was bought and not sold back, in words; empty where that is nothing.
        broken_off: Why it ended early; empty where it did not.
    """

    venue: str
    identity: str
    pair: str
    level: Level
    at_ns: int
    took_s: float
    results: Sequence[Result]
    left: str = ""
    left_orders: Sequence[str] = ()
    cleanup: str = ""
    holdings: str = ""
    broken_off: str = ""

    def count(self, verdict: Verdict) -> int:
        return sum(result.verdict is verdict for result in self.results)

    @property
    def made(self) -> int:
        """How many checks were made, whatever they came to."""
        return len(self.results) - self.count(Verdict.NOT_TRIED)

    @property
    def answers(self) -> Mapping[str, Mapping[str, object]]:
        """What each check has seen, by its id."""
        return {
            result.check.id: {name: plain(fact) for name, fact in result.seen.items()}
            for result in self.results
            if result.seen
        }


def as_json(report: Report) -> dict[str, Any]:
    return {
        "venue": report.venue,
        "pair": report.pair,
        "level": report.level.value,
        "at_ns": report.at_ns,
        "took_s": round(report.took_s, 1),
        "left": report.left,
        "left_orders": list(report.left_orders),
        "cleanup": report.cleanup,
        "holdings": report.holdings,
        "broken_off": report.broken_off,
        "counts": {verdict.value: report.count(verdict) for verdict in Verdict},
        "checks": [_row(result) for result in report.results],
    }


def _row(result: Result) -> dict[str, Any]:
    check = result.check
    return {
        "id": check.id,
        "question": check.question,
        "assumed": check.assumed,
        "unknown": list(check.unknown),
        "verdict": result.verdict.value,
        "because": result.because,
        "expected": {name: plain(fact) for name, fact in check.expected.items()},
        "seen": {name: plain(fact) for name, fact in result.seen.items()},
        "frames": list(result.frames),
        "took_s": round(result.took_s, 3),
    }


def line_of(result: Result, width: int) -> str:
    """A row of the table; what differs stands below it."""
    row = f"{result.verdict.value:<{_WIDTH}} {result.check.id:<{width}} "
    row += printable(result.because) if result.because else result.check.question
    for name, (expected, seen) in result.differing.items():
        row += f"\n{'':<{_WIDTH}} {'':<{width}}   {printable(name)}: expected"
        row += f" {_shown(expected)}, seen {_shown(seen)}"
    return row


def verdict_line(report: Report) -> str:
    counts = Counter(result.verdict for result in report.results)
    parts = [f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict]]
    said = f"{report.venue}, {report.pair}, level {report.level.value}: {', '.join(parts)}"
    said += f"; {report.took_s:.0f} s"
    if report.broken_off:
        said += f"; broken off: {printable(report.broken_off)}"
    if report.level is Level.ORDERS:
        said += f"; {_state(report)}"
    return said


def _state(report: Report) -> str:
    """What is left at the venue, for a person; flat is nothing but flat."""
    if report.left:
        words = left_in_words(report.left, report.left_orders, report.cleanup)
        return printable(f"{words}; {report.holdings}" if report.holdings else words)
    none = "no order of ours is left"
    return printable(f"{none}, but {report.holdings}" if report.holdings else f"flat: {none}")


def left_in_words(why: str, orders: Sequence[str], cleanup: str) -> str:
    """That orders may be left, which, and what cancels them."""
    names = f"the ledger has {', '.join(orders)} open" if orders else "the ledger has none open"
    return f"orders may be left: {why}; {names}; {cleanup} cancels what is left"


def _shown(fact: object) -> str:
    text = printable(str(plain(fact) if fact != "" else "nothing"))
    return text if len(text) <= _FACT_MAX else f"{text[:_FACT_MAX]}..."
