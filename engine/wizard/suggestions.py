"""Sensible answers: from the venue's rules, the book it shows, and what the account holds."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import attrs

from config.source.problems import Refused
from engine.wizard.market import Market
from trading.core.decimals import ONE, ZERO, decimal_text
from trading.core.identifiers import Currency
from trading.core.instrument import Instrument

_ROOM = Decimal("1.25")
"""An order of the smallest worth has to be one when the price has fallen by a fifth."""
_TYPICAL = 2
"""A suggested order is so many times the smallest one."""
_SPREAD_MIN = Decimal("0.001")
_TICKS_MIN = 3
_ORDERS_AT_STAKE = 10
"""Orders of one side that may fill with none on the other before a limit stops it."""
_PLAY_ORDERS = 200


def smallest_amount(market: Market) -> Decimal:
    """The smallest order that the venue takes, with some room for its worth, in base currency."""
    rules = market.instrument
    by_worth = rules.notional_min * _ROOM / market.mid
    return _lots_up(max(rules.quantity_min, by_worth), rules)


def amount(market: Market) -> Decimal:
    """An order to begin with, in base currency."""
    return _lots_up(_TYPICAL * smallest_amount(market), market.instrument)


def require_amount(number: Decimal, market: Market) -> Decimal:
    """
    An amount that the venue takes.

    Raises:
        Refused: It takes no such order.
    """
    rules, smallest = market.instrument, smallest_amount(market)
    if number < smallest:
        raise Refused(
            f"{decimal_text(number)} is too small",
            f"at least {decimal_text(smallest)} {rules.base}",
        )
    largest = min(rules.quantity_max, rules.notional_max / market.mid / _ROOM)
    if number > largest:
        most = decimal_text(rules.quantity_down(largest))
        raise Refused(f"{decimal_text(number)} is too large", f"at most {most} {rules.base}")
    if number != rules.quantity_down(number):
        raise Refused(
            f"{decimal_text(number)} is no multiple of {decimal_text(rules.lot_size)}",
            f"for example {decimal_text(_lots_up(number, rules))}",
        )
    return number


def spread(market: Market) -> Decimal:
    """A distance from the mid price: not inside the spread that is there, and some ticks away."""
    half = (market.ask - market.bid) / 2 / market.mid
    ticks = _TICKS_MIN * market.instrument.tick_size / market.mid
    return two_digits_up(max(_SPREAD_MIN, half, ticks))


def daily_loss(market: Market, order_amount: Decimal) -> Decimal:
    """What a day may cost to begin with: one order's worth, in quote currency."""
    return two_digits_up(order_amount * market.mid)


@attrs.frozen(kw_only=True)
class Limits:
    """Limits of money; base and quote are those of the pair."""

    max_order_notional: Decimal
    min_base_holding: Decimal
    max_base_holding: Decimal
    min_quote_holding: Decimal
    max_daily_loss: Decimal
    max_drawdown: Decimal


def limits(
    market: Market, order_amount: Decimal, max_loss: Decimal, held: Mapping[Currency, Decimal]
) -> Limits:
    """
    Room for some orders in each direction from what the account holds.

    Args:
        held: By currency; what is not there is not held, or not known.
    """
    rules = market.instrument
    base, quote = held.get(rules.base, ZERO), held.get(rules.quote, ZERO)
    at_stake = _ORDERS_AT_STAKE * order_amount
    return Limits(
        max_order_notional=two_digits_up(order_amount * market.mid * 2),
        min_base_holding=max(ZERO, two_digits_down(base - at_stake)),
        max_base_holding=two_digits_up(base + at_stake),
        min_quote_holding=max(ZERO, two_digits_down(quote - at_stake * market.mid)),
        max_daily_loss=max_loss,
        max_drawdown=2 * max_loss,
    )


def play_money(market: Market, order_amount: Decimal) -> dict[Currency, Decimal]:
    """What a play account begins with: enough for many orders of each side."""
    rules = market.instrument
    base = two_digits_up(_PLAY_ORDERS * order_amount)
    return {rules.base: base, rules.quote: two_digits_up(base * market.mid)}


def two_digits_up(number: Decimal) -> Decimal:
    """Rounded up to two digits, so that a person can read it."""
    return _two_digits(number, ROUND_CEILING)


def two_digits_down(number: Decimal) -> Decimal:
    return _two_digits(number, ROUND_FLOOR)


def _two_digits(number: Decimal, rounding: str) -> Decimal:
    if number == ZERO:
        return ZERO
    digit = ONE.scaleb(number.adjusted() - 1)
    return Decimal(decimal_text(number.quantize(digit, rounding=rounding)))


def _lots_up(quantity: Decimal, rules: Instrument) -> Decimal:
    lots = (quantity / rules.lot_size).to_integral_value(rounding=ROUND_CEILING)
    return lots * rules.lot_size
