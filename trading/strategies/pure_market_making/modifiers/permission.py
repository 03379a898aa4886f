"""Drops quotes that must not be sent: they would take, or break a trading rule."""

from trading.core.instrument import Instrument
from trading.core.market import Side, TopOfBook
from trading.decisions.decision import Gate, Quote
from trading.strategies.pure_market_making.gates import gate, named
from trading.strategies.pure_market_making.proposal import Change


def never_crossing(top: TopOfBook) -> Change:
    """Drops what would take instead of make."""

    def change(quote: Quote) -> tuple[Quote | None, Gate | None]:
        buying = quote.side is Side.BUY
        opposite = top.best_ask if buying else top.best_bid
        if quote.price < opposite if buying else quote.price > opposite:
            return quote, None
        return None, gate(
            "would_cross",
            quote.side,
            "{quote} at {price} would take the best {side} of {opposite}",
            quote=named(quote),
            price=quote.price,
            side="ask" if buying else "bid",
            opposite=opposite,
        )

    return change


def allowed_by(instrument: Instrument) -> Change:
    """Drops what the venue would refuse."""

    def change(quote: Quote) -> tuple[Quote | None, Gate | None]:
        if instrument.takes(quote.price, quote.quantity):
            return quote, None
        objections = instrument.objections(quote.price, quote.quantity)
        return None, gate(
            "trading_rule",
            quote.side,
            "{quote}: {objections}",
            quote=named(quote),
            objections="; ".join(objections),
            price=quote.price,
            quantity=quote.quantity,
        )

    return change
