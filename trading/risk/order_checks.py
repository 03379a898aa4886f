"""The limits that depend on an order alone, on its instrument's rules and on the market."""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal

from trading.core.decimals import ZERO
from trading.core.instrument import TradingRule
from trading.core.market import Side
from trading.decisions.remedy import percent_above
from trading.orders.order import OrderStatus
from trading.risk.question import Check, Question, figure, percentage
from trading.risk.refusal import Refusal, RefusalCode

_C = RefusalCode

_RULE_CODES: Mapping[TradingRule, RefusalCode] = {
    TradingRule.ACTIVE: _C.PAIR_INACTIVE,
    TradingRule.PRICE_ABOVE_ZERO: _C.PRICE_NOT_POSITIVE,
    TradingRule.TICK: _C.PRICE_OFF_TICK,
    TradingRule.LOT: _C.QUANTITY_OFF_LOT,
    TradingRule.QUANTITY_MIN: _C.QUANTITY_TOO_SMALL,
    TradingRule.QUANTITY_MAX: _C.QUANTITY_TOO_LARGE,
    TradingRule.NOTIONAL_MIN: _C.NOTIONAL_TOO_SMALL,
    TradingRule.NOTIONAL_MAX: _C.NOTIONAL_TOO_LARGE,
}

_AMENDABLE = frozenset({OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED})

_MAGNITUDE_MAX = 30
"""Powers of ten, either way: no venue knows larger or finer numbers."""


def identity(question: Question) -> Iterator[Refusal]:
    """What is wrong with it in a way that leaves nothing else to be said."""
    order, view = question.order, question.view
    if (order.pair, order.strategy) != (view.instrument.pair, view.strategy):
        yield question.refusal(
            _C.MISDIRECTED,
            f"an order of {order.strategy} on {order.pair} cannot be judged by the limits of"
            f" {view.strategy} on {view.instrument.pair}",
        )
    for name, number in (("price", order.price), ("quantity", order.quantity)):
        if not number.is_finite() or abs(number.adjusted()) > _MAGNITUDE_MAX:
            yield question.refusal(_C.ABSURD_NUMBER, f"no {name} can be {figure(number)}")
    if order.quantity.is_finite() and not order.quantity > ZERO:
        yield question.refusal(
            _C.ABSURD_NUMBER, f"the quantity of {figure(order.quantity)} is not above zero"
        )


def amendable(question: Question) -> Iterator[Refusal]:
    """A change of what may be gone, or is being cancelled, would have an unknown outcome."""
    replaced = question.replaced
    if replaced is None:
        return
    works = question.view.working.get(replaced.client_order_id) == replaced
    if not works or replaced.status not in _AMENDABLE:
        yield question.refusal(
            _C.NOT_AMENDABLE,
            f"{replaced.client_order_id} is {replaced.status.value} and not known to be working",
        )


def _trading_rules(question: Question) -> Iterator[Refusal]:
    order = question.order
    for objection in question.view.instrument.broken_rules(order.price, order.quantity):
        enough = _quantity_that_keeps(objection.rule, order.price, question)
        yield question.refusal(_RULE_CODES[objection.rule], objection.sentence, enough)


def _quantity_that_keeps(rule: TradingRule, price: Decimal, question: Question) -> str | None:
    """The order's nearest quantity at which a rule would be kept; ``None`` where none is."""
    rules, quantity = question.view.instrument, question.order.quantity
    match rule:
        case TradingRule.LOT:
            wanted = rules.quantity_down(quantity) or rules.lot_size
        case TradingRule.QUANTITY_MIN:
            wanted = rules.quantity_min
        case TradingRule.QUANTITY_MAX:
            wanted = rules.quantity_max
        case TradingRule.NOTIONAL_MIN if price > ZERO:
            down = rules.quantity_down(rules.notional_min / price)
            wanted = down if down * price >= rules.notional_min else down + rules.lot_size
        case TradingRule.NOTIONAL_MAX:
            wanted = rules.quantity_down(rules.notional_max / price)
        case _:
            return None
    return figure(wanted)


def _clock(question: Question) -> Iterator[Refusal]:
    if not question.view.clock_sure:
        yield question.refusal(_C.CLOCK_UNSURE, "the offset of the venue's clock is not sure")


def _book(question: Question) -> Iterator[Refusal]:
    view, limits = question.view, question.limits
    top = view.top
    if top is None:
        yield question.refusal(_C.BOOK_UNKNOWN, f"there is no book of {view.instrument.pair}")
        return
    age_s = view.now - view.book_at
    if not age_s <= limits.max_book_age_s:
        yield question.refusal(
            _C.BOOK_STALE,
            f"the book was last confirmed {age_s:.1f} s ago, the limit is"
            f" {limits.max_book_age_s:g} s",
            f"{math.ceil(age_s)}" if math.isfinite(age_s) else None,
        )
    if not top.best_bid < top.best_ask:
        yield question.refusal(
            _C.BOOK_CROSSED,
            f"the best bid of {question.in_quote(top.best_bid)} is not below the best ask of"
            f" {question.in_quote(top.best_ask)}",
        )


def _collars(question: Question) -> Iterator[Refusal]:
    view, limits = question.view, question.limits
    mid_price = None if view.top is None else view.top.mid_price
    for code, name, reference, collar in (
        (_C.FAR_FROM_MID, "the mid price", mid_price, limits.price_collar),
        (
            _C.FAR_FROM_LAST_TRADE,
            "the last trade's price",
            view.last_trade_price,
            limits.last_trade_collar,
        ),
    ):
        if reference is not None:
            yield from _collar(question, code, (name, reference), collar)


def _collar(
    question: Question, code: RefusalCode, reference: tuple[str, Decimal], collar: Decimal
) -> Iterator[Refusal]:
    name, price = reference
    distance = abs(question.order.price - price)
    # Not a division: a reference of zero must refuse and not fail.
    if not (price > ZERO and distance <= collar * price):
        far = percentage(distance / price) if price > ZERO else "infinitely far"
        yield question.refusal(
            code,
            f"the price of {question.in_quote(question.order.price)} is {far} from {name} of"
            f" {question.in_quote(price)}, the limit is {percentage(collar)}",
            percent_above(distance / price) if price > ZERO else None,
        )


def _crossings(question: Question) -> Iterator[Refusal]:
    order, top = question.order, question.view.top
    buys = order.side is Side.BUY
    if order.post_only and top is not None:
        best = top.best_ask if buys else top.best_bid
        if not (order.price < best if buys else order.price > best):
            word = "ask" if buys else "bid"
            yield question.refusal(
                _C.WOULD_TAKE,
                f"at {question.in_quote(order.price)} it would trade with the best {word} of"
                f" {question.in_quote(best)}",
            )
    for other in question.others(order.side.opposite):
        if not (order.price < other.price if buys else order.price > other.price):
            yield question.refusal(
                _C.SELF_CROSS,
                f"at {question.in_quote(order.price)} it would trade with our own"
                f" {other.client_order_id}, which is {other.status.value} at"
                f" {question.in_quote(other.price)}",
            )
            return


def _notional(question: Question) -> Iterator[Refusal]:
    order, limit = question.order, question.limits.max_order_notional
    notional = order.price * order.quantity
    if limit is not None and not notional <= limit:
        yield question.refusal(
            _C.NOTIONAL_LIMIT,
            f"the order is worth {question.in_quote(notional)}, the limit is"
            f" {question.in_quote(limit)}",
            figure(notional),
        )


CHECKS: tuple[Check, ...] = (_trading_rules, _clock, _book, _collars, _crossings, _notional)
