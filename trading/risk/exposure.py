"""The exposure: the interval of what the account may come to hold, as open orders may fill."""

from decimal import Decimal

import msgspec

from trading.core.decimals import ZERO
from trading.core.identifiers import Currency, Pair
from trading.core.instrument import Instrument
from trading.core.market import Balance, Side
from trading.orders.order import Order
from trading.risk.view import RiskView


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """
    Of one currency, fees aside.

    Args:
        low: All that gives it away fills, and nothing that brings it.
        high: All that brings it fills, and nothing that gives it away.
    """

    low: Decimal
    high: Decimal

    def lowered(self, amount: Decimal) -> "Interval":
        """With so much more that may be given away."""
        return Interval(low=self.low - amount, high=self.high)

    def raised(self, amount: Decimal) -> "Interval":
        """With so much more that may be brought."""
        return Interval(low=self.low, high=self.high + amount)


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """What the account may come to hold of a pair's two currencies."""

    base: Interval
    quote: Interval

    def with_open(self, side: Side, base: Decimal, quote: Decimal) -> "Exposure":
        """The exposure with so much more of both currencies in orders of one side."""
        if side is Side.BUY:
            return Exposure(base=self.base.raised(base), quote=self.quote.lowered(quote))
        return Exposure(base=self.base.lowered(base), quote=self.quote.raised(quote))


def exposure(view: RiskView, without: Order | None = None) -> Exposure:
    """
    What working orders may make of the balances of the pair's currencies.

    Balances come late and out of order. So an order holds what is left of it or what the venue
    says is reserved, whichever is more, and a fill that a balance is too old to show counts as
    spent for the low end and as received for the high end. Where that counts something twice, it
    errs towards refusing, until the next word about the balance.

    Args:
        without: A working order that is left out.
    """
    return Exposure(
        base=_interval(view, view.instrument.base, without),
        quote=_interval(view, view.instrument.quote, without),
    )


def _interval(view: RiskView, currency: Currency, without: Order | None) -> Interval:
    balance = view.balances.get(currency)
    if balance is None:
        balance = Balance(currency=currency, available=ZERO, reserved=ZERO)
    given, brought = _open(view, currency, without)
    spent = received = ZERO
    for booked in view.recent_fills:
        fill = booked.fill
        instrument = _rules(view, fill.pair)
        # A balance of unknown age is as old as can be.
        if instrument and fill.traded_at_ms > balance.updated_at_ms:
            moved = _moved(instrument, currency, fill.quantity, fill.quantity * fill.price)
            gave, brought_in = moved if fill.side is Side.BUY else reversed(moved)
            spent, received = spent + gave, received + brought_in
    return Interval(
        low=balance.total - spent - max(balance.reserved, given),
        high=balance.total + received + brought,
    )


def _open(view: RiskView, currency: Currency, without: Order | None) -> tuple[Decimal, Decimal]:
    """What all open orders give away of a currency, and what they bring."""
    given = brought = ZERO
    amounts = list(view.working.sums())
    amounts += [_amounts(order, 1) for order in view.beside]
    if without is not None:
        amounts.append(_amounts(without, -1))
    for pair, side, base, quote in amounts:
        if instrument := _rules(view, pair):
            moved = _moved(instrument, currency, base, quote)
            gives, brings = moved if side is Side.BUY else reversed(moved)
            given, brought = given + gives, brought + brings
    return given, brought


def _amounts(order: Order, sign: int) -> tuple[Pair, Side, Decimal, Decimal]:
    remaining = order.remaining_quantity * sign
    return order.pair, order.side, remaining, remaining * order.price


def _rules(view: RiskView, pair: Pair) -> Instrument | None:
    return view.instrument if pair == view.instrument.pair else view.other_instruments.get(pair)


def _moved(
    instrument: Instrument, currency: Currency, base: Decimal, quote: Decimal
) -> tuple[Decimal, Decimal]:
    """What a buy gives away and brings of a currency; a sell does the reverse."""
    gives = quote if currency == instrument.quote else ZERO
    brings = base if currency == instrument.base else ZERO
    return gives, brings
