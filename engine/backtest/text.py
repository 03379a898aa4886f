"""A backtest in a few lines."""

from collections.abc import Iterator
from decimal import Decimal

from engine.backtest.running import Prepared
from engine.reports.words import moment, percent, short_money, span
from trading.research.figures import Figures
from trading.research.result import Result
from trading.research.stated import NotStated

_GAPS_SHOWN = 3


def backtest_lines(
    prepared: Prepared, result: Result, judged: list[Figures], took_s: float
) -> Iterator[str]:
    """
    What came of it.

    Args:
        judged: One for each run.
        took_s: Seconds that it took.
    """
    head = result.head
    began, ended = prepared.began_ns, prepared.ended_ns
    yield f"{moment(began)} to {moment(ended)}, {span(began, ended)} of {head.data}"
    for run, figures in zip(result.runs, judged, strict=True):
        yield from _run_lines(figures, len(run.orders))
    yield from _gap_lines(prepared)
    yield "models: " + ", ".join(f"{name} {value}" for name, value in sorted(head.models.items()))
    yield "orders do not move this market: it goes on after a fill as it did without us"
    yield from head.notes
    times = prepared.length_s / took_s if took_s else 0.0
    yield f"took {took_s:.2f} s, {times:,.0f} times life"


def _run_lines(figures: Figures, orders: int) -> Iterator[str]:
    quote, parts, change = figures.quote, figures.identity, figures.change
    made = change if isinstance(change, NotStated) else change.traded
    yield f"{figures.strategy} on {figures.pair}: net {_money(made, quote)} at mid"
    if isinstance(parts, NotStated):
        yield f"  captured, inventory: not stated: {parts.not_stated}"
    else:
        yield (
            f"  captured {_money(parts.captured, quote)}, inventory"
            f" {_money(parts.inventory, quote)}, fees {_money(parts.fees, quote)}"
        )
        if parts.undivided_fills:
            yield (
                f"  undivided {_money(parts.undivided, quote)}: {parts.undivided_fills} fills while"
                " the mid price was not known"
            )
    uptime = figures.uptime
    quoted = uptime if isinstance(uptime, NotStated) else uptime.quoted.both
    yield (f"  {orders} orders, {figures.fills} fills; quoting both sides {_share(quoted)}")


def _gap_lines(prepared: Prepared) -> Iterator[str]:
    for pair, market in prepared.markets.items():
        gaps = market.gaps
        shown = ", ".join(moment(ns) for ns in gaps[:_GAPS_SHOWN])
        more = f" and {len(gaps) - _GAPS_SHOWN} more" if len(gaps) > _GAPS_SHOWN else ""
        where = f" ({shown}{more})" if gaps else ""
        yield f"gaps of {pair}: {len(gaps)}{where}"


def _money(value: Decimal | NotStated, unit: str) -> str:
    if isinstance(value, NotStated):
        return f"not stated: {value.not_stated}"
    return f"{short_money(value)} {unit}"


def _share(value: float | NotStated) -> str:
    if isinstance(value, NotStated):
        return f"not stated: {value.not_stated}"
    return percent(value)
