"""What ends a strategy: a loss, a fall from the best profit, or being run over."""

from collections.abc import Iterator
from decimal import Decimal

from trading.market import Side
from trading.risk.arithmetic import exact
from trading.risk.limits import RiskLimits
from trading.risk.question import figure
from trading.risk.refusal import Refusal, RefusalCode
from trading.risk.view import RiskView

_A_LITTLE = Decimal("1e-8")
"""A limit breaks when it is reached: it has to be above what was lost."""


def breaches(view: RiskView, limits: RiskLimits) -> tuple[Refusal, ...]:
    """
    Every reason for which a strategy must stop for good; empty while there is none.

    What follows is not only that nothing new leaves: its orders are cancelled, and it stays halted
    through every restart until a person resumes it. Total and pure.
    """
    with exact():
        return (*_money(view, limits), *_fills_in_row(view, limits))


def _money(view: RiskView, limits: RiskLimits) -> Iterator[Refusal]:
    quote = view.instrument.quote
    for code, lost, limit, words in (
        (RefusalCode.DAILY_LOSS, -view.profit.today, limits.max_daily_loss, "lost today"),
        (
            RefusalCode.DRAWDOWN,
            view.profit.drawdown,
            limits.max_drawdown,
            "lost since the profit was at its best",
        ),
    ):
        if limit is not None and not lost < limit:
            yield code.refusal(
                view.strategy,
                f"{figure(lost)} {quote} {words}, the limit is {figure(limit)} {quote}",
                figure(lost + _A_LITTLE),
            )


def _fills_in_row(view: RiskView, limits: RiskLimits) -> Iterator[Refusal]:
    """Orders count and not fills: many small trades against one order are one execution."""
    side: Side | None = None
    orders: set[str] = set()
    for booked in reversed(view.recent_fills):
        fill = booked.fill
        if fill.pair != view.instrument.pair:
            continue
        if view.now - booked.at > limits.fills_window_s or fill.side is (side and side.opposite):
            break
        side = fill.side
        orders.add(fill.venue_order_id)
    if side is not None and len(orders) >= limits.max_fills_in_row:
        word = "bids" if side is Side.BUY else "asks"
        yield RefusalCode.FILLS_IN_ROW.refusal(
            view.strategy,
            f"{len(orders)} {word} were filled in a row within {limits.fills_window_s:g} s,"
            f" the limit is {limits.max_fills_in_row}",
            f"{len(orders) + 1}",
        )
