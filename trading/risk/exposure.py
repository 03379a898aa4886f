"""What the account may come to hold at worst: an interval, because what is open may fill or not."""

from collections.abc import Iterable
from decimal import Decimal

import attrs

from trading.decimals import ZERO
from trading.identifiers import Currency
from trading.market import Balance, Side
from trading.orders import Order
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


def base_in(order: Order) -> Decimal:
    """What an order still moves of the base currency."""
    return order.remaining_quantity


def quote_in(order: Order) -> Decimal:
    """What an order still moves of the quote currency."""
    return order.remaining_quantity * order.price


def exposure(view: RiskView) -> Exposure:
    """
    What the pair's working orders may make of the balances.

    Balances come late and out of order. So an order holds what is left of it or what the venue
    says is reserved, whichever is more, and a fill that a balance is too old to show counts as
    spent for the low end and as received for the high end. Where that counts something twice, it
    errs towards refusing, until the next word about the balance.
    """
    working = [order for order in view.working if order.pair == view.instrument.pair]
    bids = [order for order in working if order.side is Side.BUY]
    asks = [order for order in working if order.side is Side.SELL]
    base = _balance(view, view.instrument.base)
    quote = _balance(view, view.instrument.quote)
    base_bought, base_sold = _unsettled(view, base, in_quote=False)
    quote_spent, quote_earned = _unsettled(view, quote, in_quote=True)
    return Exposure(
        base=Interval(
            low=base.total - base_sold - max(base.reserved, _sum(map(base_in, asks))),
            high=base.total + base_bought + _sum(map(base_in, bids)),
        ),
        quote=Interval(
            low=quote.total - quote_spent - max(quote.reserved, _sum(map(quote_in, bids))),
            high=quote.total + quote_earned + _sum(map(quote_in, asks)),
        ),
    )


def _balance(view: RiskView, currency: Currency) -> Balance:
    nothing = Balance(currency=currency, available=ZERO, reserved=ZERO)
    return view.balances.get(currency, nothing)


def _unsettled(view: RiskView, balance: Balance, *, in_quote: bool) -> tuple[Decimal, Decimal]:
    """What fills younger than a balance bought and sold; all of them where its age is unknown."""
    amounts = {Side.BUY: ZERO, Side.SELL: ZERO}
    for booked in view.recent_fills:
        fill = booked.fill
        if fill.pair == view.instrument.pair and fill.traded_at_ms > balance.updated_at_ms:
            amounts[fill.side] += fill.quantity * (fill.price if in_quote else 1)
    return amounts[Side.BUY], amounts[Side.SELL]


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
