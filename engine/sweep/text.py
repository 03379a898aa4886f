"""A sweep as a table and as values: the best never alone."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from config.sweep.plan import ObjectiveSettings
from engine.reports.words import short_money
from engine.sweep.standing import Standing, ranked
from engine.sweep.sweeping import Swept
from trading.core.decimals import decimal_text

_COLUMNS = ("net", "captured", "fills", "uptime", "inventory_p95")
_REASONS_SHOWN = 5

NO_TEST = (
    "not judged on other markets: the plan has no [test]. The best of many is better than it will"
    " be."
)


def head_of(objective: ObjectiveSettings, *, tested: bool) -> list[str]:
    """The names of the columns."""
    wanted = str(objective.maximise)
    others = [name for name in _COLUMNS if name != wanted]
    return ["rank", "candidate", wanted, *(["on test"] if tested else []), *others, "settings"]


def rows_of(
    standings: Sequence[Standing],
    ranks: Mapping[int, int],
    swept: Swept,
    objective: ObjectiveSettings,
) -> list[list[str]]:
    """A row for each candidate, as of ``head_of``."""
    return [_row(one, ranks, swept, objective) for one in standings]


def ranks_of(swept: Swept) -> dict[int, int]:
    """The rank of each candidate that has an objective, from 1."""
    return {one.candidate: rank for rank, one in enumerate(ranked(swept.standings), 1)}


def ranks_on_test(swept: Swept) -> dict[int, int]:
    """Likewise on the markets of the test, among those that were judged there."""
    stated = [one for one in swept.tested.values() if one.objective is not None]
    ordered = sorted(stated, key=lambda one: (-(one.objective or Decimal(0)), one.candidate))
    return {one.candidate: rank for rank, one in enumerate(ordered, 1)}


def sweep_lines(swept: Swept, objective: ObjectiveSettings) -> Iterator[str]:
    """What is printed."""
    tested = bool(swept.tested)
    head, ranks = head_of(objective, tested=tested), ranks_of(swept)
    groups = (("the best", swept.best), ("drawn at random beside them", swept.beside))
    found = [(title, rows_of(group, ranks, swept, objective)) for title, group in groups]
    rows = [head, *(row for _, group in found for row in group)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    yield _line(head, widths)
    for title, group in found:
        yield f"{title}:"
        for row in group:
            yield _line(row, widths)
        if not group:
            yield "  none: there are no others"
    yield from notes_of(swept)


def notes_of(swept: Swept) -> Iterator[str]:
    """What a reader has to know beside the table."""
    yield f"{len(swept.standings)} candidates, {swept.cells} cells, {len(swept.failed)} failed"
    beyond = sum(1 for one in swept.standings if one.broken)
    if beyond:
        yield f"{beyond} candidates are beyond a limit, and rank after all others"
    if swept.impossible:
        yield f"{len(swept.impossible)} candidates contradict themselves, and were left out"
    if not swept.tested:
        yield NO_TEST
    elif swept.correlation is None:
        yield "the ranks on both markets have no correlation that could be stated"
    else:
        yield (
            f"correlation of the ranks of these {len(swept.tested)} on both:"
            f" {swept.correlation:+.2f} (1 is the same order, 0 is chance)"
        )
    for key, reason in sorted(swept.failed.items())[:_REASONS_SHOWN]:
        yield f"failed: cell {key[:16]}: {reason}"


def sweep_values(swept: Swept, objective: ObjectiveSettings) -> dict[str, object]:
    """The same as values for JSON; numbers are text."""
    ranks, on_test = ranks_of(swept), ranks_on_test(swept)
    return {
        "maximise": str(objective.maximise),
        "limits": {str(name): decimal_text(bound) for name, bound in objective.limits.items()},
        "candidates": [
            _value(one, ranks) for one in sorted(swept.standings, key=lambda one: one.candidate)
        ],
        "best": [one.candidate for one in swept.best],
        "beside": [one.candidate for one in swept.beside],
        "test": [_value(swept.tested[number], on_test) for number in sorted(swept.tested)],
        "rank_correlation": swept.correlation,
        "impossible": {str(number): why for number, why in sorted(swept.impossible.items())},
        "cells": swept.cells,
        "failed": dict(sorted(swept.failed.items())),
    }


def _value(one: Standing, ranks: Mapping[int, int]) -> dict[str, object]:
    return {
        "candidate": one.candidate,
        "settings": list(one.settings),
        "rank": ranks.get(one.candidate),
        "cells": one.cells,
        "objective": None if one.objective is None else decimal_text(one.objective),
        "metrics": {name: decimal_text(value) for name, value in one.metrics.items()},
        "broken": list(one.broken),
        "trouble": one.trouble,
    }


def _row(
    one: Standing, ranks: Mapping[int, int], swept: Swept, objective: ObjectiveSettings
) -> list[str]:
    wanted = str(objective.maximise)
    on_test = ranks_on_test(swept)
    rank = ranks.get(one.candidate)
    row = [str(rank or "-"), str(one.candidate), _number(one.objective)]
    if swept.tested:
        other = swept.tested.get(one.candidate)
        place = on_test.get(one.candidate)
        told = "-" if other is None or place is None else f"{_number(other.objective)} ({place}.)"
        row.append(told)
    row += [_number(one.metrics.get(name)) for name in _COLUMNS if name != wanted]
    why = f" [{'; '.join(one.broken)}]" if one.broken else ""
    trouble = f" [{one.trouble}]" if one.trouble else ""
    return [*row, f"{' '.join(one.settings)}{why}{trouble}"]


def _number(value: Decimal | None) -> str:
    return "-" if value is None else short_money(value)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    *numbers, last = row
    padded = [cell.rjust(width) for cell, width in zip(numbers, widths, strict=False)]
    return "  ".join([*padded, last])
