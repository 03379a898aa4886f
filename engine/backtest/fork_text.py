"""What a fork without changes says of the simulator, in lines."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from engine.reports.words import moment, money, short_money
from trading.research.figures import mid_path
from trading.research.likeness import Likeness, likeness
from trading.research.result import Result, Run


def likenesses(live: Result, made: Result, at_ns: int) -> list[Likeness]:
    """Each strategy's live run from a moment on, beside the backtest from there."""
    by_name = {run.strategy: run for run in live.runs}
    return [
        likeness(_from(by_name[run.strategy], at_ns, run.to_ns), run, mid_path(run))
        for run in made.runs
        if run.strategy in by_name
    ]


def likeness_lines(found: Sequence[Likeness], *, changed: bool) -> Iterator[str]:
    """
    What is printed.

    Args:
        changed: Whether the settings are others than those that were live.
    """
    for each in found:
        yield (
            f"{each.strategy} beside the live session: {each.reproduced} of {each.live_fills} live"
            f" fills are reproduced, {each.made_fills} fills in the backtest"
        )
        yield (
            f"  the first {each.orders_alike} of {each.live_orders} live orders are the same in"
            " side, price and quantity"
        )
        if each.first is not None:
            where = "live alone" if each.first_is_live else "the backtest alone"
            fill = each.first
            yield (
                f"  first difference: {moment(fill.at_ns)}, {where}: {fill.side.value}"
                f" {money(fill.quantity)} at {money(fill.price)}"
            )
        for step in each.steps:
            apart = "not known"
            if step.live is not None and step.made is not None:
                apart = f"{short_money(step.made - step.live)}"
            yield (
                f"  {moment(step.at_ns)}  fills {step.live_fills} and {step.made_fills},"
                f" made {_text(step.live)} and {_text(step.made)}, apart {apart}"
            )
    if found and changed:
        yield "the settings are others: what differs is not the simulator's doing alone"


def _from(run: Run, at_ns: int, to_ns: int) -> Run:
    return msgspec.structs.replace(
        run,
        from_ns=at_ns,
        to_ns=max(at_ns, to_ns),
        orders=tuple(order for order in run.orders if at_ns < order.decided_ns <= to_ns),
        fills=tuple(fill for fill in run.fills if at_ns < fill.at_ns <= to_ns),
    )


def _text(value: Decimal | None) -> str:
    return "not known" if value is None else short_money(value)
