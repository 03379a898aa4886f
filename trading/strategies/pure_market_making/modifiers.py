"""
The steps from wish to quote, each a small function from proposal to proposal.

None of them ever adds a quote, makes one larger or moves one towards the market, so that in any
order no step can undo what a former one made safe.
"""

from collections.abc import Mapping
from decimal import Decimal

import attrs

from trading.decimals import ONE, ZERO, decimal_text
from trading.identifiers import Currency
from trading.instrument import Instrument
from trading.market import Side, TopOfBook
from trading.strategies.interface import Gate, Quote
from trading.strategies.pure_market_making.parameters import Parameters
from trading.strategies.pure_market_making.proposal import Modifier, Proposal


def levels(reference_price: Decimal, parameters: Parameters) -> Proposal:
    """The wish itself: levels at fixed distances, not yet on tick nor lot."""
    buys: list[Quote] = []
    sells: list[Quote] = []
    for level in range(parameters.order_levels):
        further = level * parameters.order_level_spread
        quantity = parameters.order_amount + level * parameters.order_level_amount
        bid = reference_price * (ONE - parameters.bid_spread - further)
        ask = reference_price * (ONE + parameters.ask_spread + further)
        buys.append(Quote(side=Side.BUY, price=bid, quantity=quantity, level=level))
        sells.append(Quote(side=Side.SELL, price=ask, quantity=quantity, level=level))
    return Proposal(buys=tuple(buys), sells=tuple(sells))


def on_tick_and_lot(instrument: Instrument) -> Modifier:
    """Bids down, asks up, quantities down."""

    def change(quote: Quote) -> tuple[Quote | None, Gate | None]:
        quantity = instrument.quantity_down(quote.quantity)
        if quantity <= ZERO:
            return None, Gate(
                code="quantity_too_small",
                side=quote.side,
                sentence=f"{_named(quote)} wants {decimal_text(quote.quantity)} {instrument.base},"
                f" less than a lot of {decimal_text(instrument.lot_size)}",
            )
        price = instrument.price_away(quote.side, quote.price)
        return attrs.evolve(quote, price=price, quantity=quantity), None

    return lambda proposal: proposal.each(change)


def within_budget(
    instrument: Instrument, budget: Mapping[Currency, Decimal], maker_fee: Decimal
) -> Modifier:
    """
    Nearest levels first, no more than the account can pay; the last one affordable shrinks.

    A buy needs its fee as well. A rebate is no money to spend: it comes after the fill.
    """

    def change_all(proposal: Proposal) -> Proposal:
        left = {
            Side.BUY: budget.get(instrument.quote, ZERO),
            Side.SELL: budget.get(instrument.base, ZERO),
        }
        whole = dict(left)

        def change(quote: Quote) -> tuple[Quote | None, Gate | None]:
            unit_cost = quote.price * (ONE + max(ZERO, maker_fee))
            unit = unit_cost if quote.side is Side.BUY else ONE
            if quote.quantity * unit <= left[quote.side]:
                left[quote.side] -= quote.quantity * unit
                return quote, None
            quantity = instrument.quantity_down(left[quote.side] / unit)
            # Money is spent nearest first: a level that had to shrink leaves nothing to others.
            left[quote.side] = ZERO
            gate = _short_of_money(quote, quantity, instrument, whole[quote.side])
            return (attrs.evolve(quote, quantity=quantity) if quantity > ZERO else None), gate

        return proposal.each(change)

    return change_all


def never_crossing(top: TopOfBook) -> Modifier:
    """Drops what would take instead of make."""

    def change(quote: Quote) -> tuple[Quote | None, Gate | None]:
        buying = quote.side is Side.BUY
        opposite = top.best_ask if buying else top.best_bid
        if quote.price < opposite if buying else quote.price > opposite:
            return quote, None
        return None, Gate(
            code="would_cross",
            side=quote.side,
            sentence=f"{_named(quote)} at {decimal_text(quote.price)} would take the best"
            f" {'ask' if buying else 'bid'} of {decimal_text(opposite)}",
        )

    return lambda proposal: proposal.each(change)


def allowed_by(instrument: Instrument) -> Modifier:
    """Drops what the venue would refuse."""

    def change(quote: Quote) -> tuple[Quote | None, Gate | None]:
        objections = instrument.objections(quote.price, quote.quantity)
        if not objections:
            return quote, None
        return None, Gate(
            code="trading_rule",
            side=quote.side,
            sentence=f"{_named(quote)}: {'; '.join(objections)}",
        )

    return lambda proposal: proposal.each(change)


def _short_of_money(
    quote: Quote, affordable: Decimal, instrument: Instrument, budget: Decimal
) -> Gate:
    currency = instrument.quote if quote.side is Side.BUY else instrument.base
    figures = (
        f"of {decimal_text(quote.quantity)} {instrument.base} at {decimal_text(quote.price)}"
        f" from a budget of {decimal_text(budget)} {currency}"
    )
    if affordable > ZERO:
        sentence = f"{_named(quote)} can pay for {decimal_text(affordable)} {figures}"
        return Gate(code="budget_shrunk", side=quote.side, sentence=sentence)
    return Gate(
        code="budget", side=quote.side, sentence=f"{_named(quote)} can pay for nothing {figures}"
    )


def _named(quote: Quote) -> str:
    return f"{quote.side.value} level {quote.level}"
