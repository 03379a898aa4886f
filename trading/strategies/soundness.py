"""
Checks what a strategy returns, before it goes to the gateway.

A strategy may be another package's code, and all strategies share the gateway: no decision may make
the gateway fail, or touch another strategy's orders.
"""

import math
from collections.abc import Iterable
from decimal import Decimal

from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId, StrategyName, strategy_of
from trading.core.market import Side
from trading.decisions.decision import (
    Amend,
    Decision,
    Gate,
    Quote,
)

QUOTES_MAX = 200
"""Of one decision; the most levels on both sides twice over."""


class UnsoundDecision(ValueError):
    """A strategy has returned something that is no valid decision: a defect of the strategy."""


def answer_of(returned: object) -> tuple[object, object]:
    """
    The decision and the state that ``decide`` has returned, neither looked at yet.

    Raises:
        UnsoundDecision: It has returned something else.
    """
    if not isinstance(returned, tuple) or len(returned) != 2:  # noqa: PLR2004
        what = f"{len(returned)} values" if isinstance(returned, tuple) else type(returned).__name__
        raise UnsoundDecision(f"decide has to return (decision, state), not {what}")
    return returned[0], returned[1]


def sound(decision: object, strategy: StrategyName) -> Decision:
    """
    The decision, checked.

    Raises:
        UnsoundDecision: It is no valid decision.
    """
    if not isinstance(decision, Decision):
        raise UnsoundDecision(f"a {type(decision).__name__} is no Decision")
    for name in ("cancels", "places", "amends", "wanted", "gates"):
        if not isinstance(getattr(decision, name), tuple):
            raise UnsoundDecision(f"{name} is no tuple")
    if len(decision.places) > QUOTES_MAX or len(decision.wanted) > QUOTES_MAX:
        raise UnsoundDecision(f"there are more than {QUOTES_MAX} quotes")
    for quote in (*decision.places, *decision.wanted):
        _check_quote(quote)
    _check_each(decision.amends, Amend)
    for amend in decision.amends:
        if not _is_amount(amend.quantity):
            raise UnsoundDecision(f"{amend!r}: a quantity is a finite Decimal above zero")
    _check_ids((*decision.cancels, *(amend.order_id for amend in decision.amends)), strategy)
    _check_each(decision.gates, Gate)
    _check_moment(decision.look_again_at)
    return decision


def _check_each(values: Iterable[object], kind: type[object]) -> None:
    for value in values:
        if not isinstance(value, kind):
            raise UnsoundDecision(f"{value!r} is no {kind.__name__}")


def _check_moment(moment: object) -> None:
    # What is not a number would be waited for without end, or not at all.
    if moment is not None and (not isinstance(moment, int | float) or math.isnan(moment)):
        raise UnsoundDecision(f"look_again_at is {moment!r}, which is no moment")


def _check_quote(quote: object) -> None:
    if not isinstance(quote, Quote):
        raise UnsoundDecision(f"{quote!r} is no Quote")
    side: object = quote.side
    if not isinstance(side, Side):
        raise UnsoundDecision(f"{side!r} is no Side")
    if not (_is_amount(quote.price) and _is_amount(quote.quantity)):
        raise UnsoundDecision(f"{quote!r}: price and quantity are finite Decimals above zero")


def _is_amount(number: object) -> bool:
    return isinstance(number, Decimal) and number.is_finite() and number > ZERO


def _check_ids(order_ids: Iterable[ClientOrderId], strategy: StrategyName) -> None:
    for order_id in order_ids:
        try:
            owner = strategy_of(order_id)
        except (AttributeError, IndexError):
            raise UnsoundDecision(f"{order_id!r} is no order's id") from None
        if owner != strategy:
            raise UnsoundDecision(f"{order_id} is no order of {strategy}, but of {owner}")
