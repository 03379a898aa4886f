"""The exposure: the interval of what the account may come to hold, as open orders may fill."""

from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.identifiers import Currency
from trading.core.instrument import Instrument
from trading.core.market import Balance, Side
from trading.risk.view import RiskView


@attrs.frozen(kw_only=True)
class Interval:
    """
    Of one currency, fees aside.

    Args:
        low: All that gives it away fills, and nothing that brings it.
        high: All that brings it fills, and nothing that gives it away.
    """

    low: Decimal
    high: Decimal


@attrs.frozen(kw_only=True)
class Exposure:
    """What the account may come to hold of a pair's two currencies."""

    base: Interval
    quote: Interval

    def with_open(self, side: Side, base: Decimal, quote: Decimal) -> "Exposure":
        """The exposure with so much more of both currencies in orders of one side."""
        if side is Side.BUY:
            return Exposure(
                base=attrs.evolve(self.base, high=self.base.high + base),
                quote=attrs.evolve(self.quote, low=self.quote.low - quote),
            )
        return Exposure(
            base=attrs.evolve(self.base, low=self.base.low - base),
            quote=attrs.evolve(self.quote, high=self.quote.high + quote),
        )


def exposure(view: RiskView) -> Exposure:
    """
    What working orders may make of the balances of the pair's currencies.

    Balances come late and out of order. So an order holds what is left of it or what the venue
    says is reserved, whichever is more, and a fill that a balance is too old to show counts as
    spent for the low end and as received for the high end. Where that counts something twice, it
    errs towards refusing, until the next word about the balance.
    """
    return Exposure(
        base=_interval(view, view.instrument.base), quote=_interval(view, view.instrument.quote)
    )


def _interval(view: RiskView, currency: Currency) -> Interval:
    instruments = {**view.other_instruments, view.instrument.pair: view.instrument}
    nothing = Balance(currency=currency, available=ZERO, reserved=ZERO)
    balance = view.balances.get(currency, nothing)
    given = brought = spent = received = ZERO
    for order in view.working:
        if instrument := instruments.get(order.pair):
            moved = _moved(instrument, currency, order.remaining_quantity, order.price)
            gives, brings = moved if order.side is Side.BUY else reversed(moved)
            given, brought = given + gives, brought + brings
    for booked in view.recent_fills:
        fill = booked.fill
        instrument = instruments.get(fill.pair)
        # A balance of unknown age is as old as can be.
        if instrument and fill.traded_at_ms > balance.updated_at_ms:
            moved = _moved(instrument, currency, fill.quantity, fill.price)
            gave, brought_in = moved if fill.side is Side.BUY else reversed(moved)
            spent, received = spent + gave, received + brought_in
    return Interval(
        low=balance.total - spent - max(balance.reserved, given),
        high=balance.total + received + brought,
    )


def _moved(
    instrument: Instrument, currency: Currency, quantity: Decimal, price: Decimal
) -> tuple[Decimal, Decimal]:
    """What a buy gives away and brings of a currency; a sell does the reverse."""
    gives = quantity * price if currency == instrument.quote else ZERO
    brings = quantity if currency == instrument.base else ZERO
    return gives, brings
