"""The limits that halt a strategy: daily loss, drawdown, and fills in a row on one side."""

from collections.abc import Iterator
from decimal import Decimal

from trading.core.market import Side
from trading.risk.arithmetic import exact
from trading.risk.limits import RiskLimits
from trading.risk.question import figure
from trading.risk.refusal import Refusal, RefusalCode
from trading.risk.view import Results

_A_LITTLE = Decimal("1e-8")
"""A limit breaks when it is reached: it has to be above what was lost."""


def breaches(results: Results, limits: RiskLimits) -> tuple[Refusal, ...]:
    """
    Every reason for which a strategy must stop for good; empty while there is none.

    What follows is not only that nothing new leaves: its orders are cancelled, and it stays halted
    through every restart until a person resumes it. Total and pure.
    """
    with exact():
        return (*_money(results, limits), *_fills_in_row(results, limits))


def _money(results: Results, limits: RiskLimits) -> Iterator[Refusal]:
    quote = results.instrument.quote
    for code, lost, limit, words in (
        (RefusalCode.DAILY_LOSS, -results.profit.today, limits.max_daily_loss, "lost today"),
        (
            RefusalCode.DRAWDOWN,
            results.profit.drawdown,
            limits.max_drawdown,
            "lost since the profit was at its best",
        ),
    ):
        if limit is not None and not lost < limit:
            yield code.refusal(
                results.strategy,
                f"{figure(lost)} {quote} {words}, the limit is {figure(limit)} {quote}",
                figure(lost + _A_LITTLE),
            )


def _fills_in_row(results: Results, limits: RiskLimits) -> Iterator[Refusal]:
    """Orders count and not fills: many small trades against one order are one execution."""
    if len(results.recent_fills) < limits.max_fills_in_row:
        return
    side: Side | None = None
    orders: set[str] = set()
    for booked in reversed(results.recent_fills):
        fill = booked.fill
        if fill.pair != results.instrument.pair:
            continue
        if results.now - booked.at > limits.fills_window_s or fill.side is (side and side.opposite):
            break
        side = fill.side
        orders.add(fill.venue_order_id)
    if side is not None and len(orders) >= limits.max_fills_in_row:
        word = "bids" if side is Side.BUY else "asks"
        yield RefusalCode.FILLS_IN_ROW.refusal(
            results.strategy,
            f"{len(orders)} {word} were filled in a row within {limits.fills_window_s:g} s,"
            f" the limit is {limits.max_fills_in_row}",
            f"{len(orders) + 1}",
        )
