"""The limits that depend on the account: an order together with all that is open already."""

from collections.abc import Iterator
from decimal import Decimal

from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.risk.exposure import exposure
from trading.risk.question import Check, Question, figure
from trading.risk.refusal import Refusal, RefusalCode

_C = RefusalCode


def _exposure(question: Question) -> Iterator[Refusal]:
    """
    Only an end that the order moves outwards is looked at.

    So an account that is beyond a bound already may still trade its way back, and an order may
    always be made smaller.
    """
    order, limits = question.order, question.limits
    base, quote = question.added_base, question.added_quote
    after = exposure(question.view, question.counted_already).with_open(order.side, base, quote)
    if order.side is Side.BUY:
        given, brought = quote, base
        left, held = after.quote.low, after.base.high
        low, high = _C.QUOTE_HOLDING_LOW, _C.BASE_HOLDING_HIGH
        bounds = limits.min_quote_holding, limits.max_base_holding
    else:
        given, brought = base, quote
        left, held = after.base.low, after.quote.high
        low, high = _C.BASE_HOLDING_LOW, _C.QUOTE_HOLDING_HIGH
        bounds = limits.min_base_holding, limits.max_quote_holding
    if given > ZERO:
        yield from _covered(question, given, left)
        yield from _low(question, low, left, bounds[0])
    if brought > ZERO:
        yield from _high(question, high, held, bounds[1])


def _covered(question: Question, needed: Decimal, left: Decimal) -> Iterator[Refusal]:
    if not left >= ZERO:
        yield question.refusal(
            _C.BALANCE_TOO_LOW,
            f"it needs {_given(question, needed)}, but only"
            f" {_given(question, max(ZERO, left + needed))} is free",
            _payable(question, needed, left),
        )


def _payable(question: Question, needed: Decimal, left: Decimal) -> str | None:
    """The largest quantity that what is free would cover; ``None`` where that is nothing."""
    if question.replaced is not None:
        return None  # what a change adds is in no proportion to the order
    # In proportion, which is exact: what an order needs grows with what remains of it.
    share = max(ZERO, left + needed) / needed
    quantity = question.view.instrument.quantity_down(question.order.quantity * share)
    return figure(quantity) if quantity > ZERO else None


def _given(question: Question, amount: Decimal) -> str:
    """An amount of the currency that the order gives away."""
    buys = question.order.side is Side.BUY
    return question.in_quote(amount) if buys else question.in_base(amount)


def _received(question: Question, amount: Decimal) -> str:
    buys = question.order.side is Side.BUY
    return question.in_base(amount) if buys else question.in_quote(amount)


def _low(
    question: Question, code: RefusalCode, left: Decimal, limit: Decimal | None
) -> Iterator[Refusal]:
    if limit is not None and not left >= limit:
        yield question.refusal(
            code,
            f"at worst {_given(question, left)} would be left, the limit is"
            f" {_given(question, limit)}",
            # A limit may not be below zero: then the order has to be smaller instead.
            figure(left) if left >= ZERO else None,
        )


def _high(
    question: Question, code: RefusalCode, held: Decimal, limit: Decimal | None
) -> Iterator[Refusal]:
    if limit is not None and not held <= limit:
        yield question.refusal(
            code,
            f"at worst the account would hold {_received(question, held)}, the limit is"
            f" {_received(question, limit)}",
            figure(held),
        )


def _orders_per_side(question: Question) -> Iterator[Refusal]:
    order, limit = question.order, question.limits.max_orders_per_side
    working = question.others_of_its_side
    if working >= limit:
        word = "bids" if order.side is Side.BUY else "asks"
        yield question.refusal(
            _C.TOO_MANY_ORDERS,
            f"there are {working} working {word} already, the limit is {limit}",
            f"{working + 1}",
        )


def _instructions(question: Question) -> Iterator[Refusal]:
    sent, limit = question.view.placements, question.limits.max_instructions_per_minute
    if sent >= limit:
        yield question.refusal(
            _C.TOO_MANY_INSTRUCTIONS,
            f"{sent} orders were placed or replaced within the last minute, the limit is {limit}",
            f"{sent + 1}",
        )


CHECKS: tuple[Check, ...] = (_exposure, _orders_per_side, _instructions)
