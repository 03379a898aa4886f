"""A view and its parts, plain unless a test says otherwise."""

from decimal import Decimal
from typing import Any

import attrs

from trading.core.decimals import ZERO
from trading.core.fees import Fees
from trading.core.identifiers import Currency, Pair
from trading.core.instrument import Instrument
from trading.core.market import Balance, PriceLevel, TopOfBook
from trading.orders.completed import CompletedOrders
from trading.strategies.interface import View

PAIR = Pair("DOGEUSDT")
"""What is traded; a test that needs another pair changes the instrument."""

BASE = Currency("DOGE")
"""The pair's base currency, in which quantities are."""

QUOTE = Currency("USDT")
"""The pair's quote currency, in which prices are."""


def an_instrument(
    *, tick_size: str = "0.01", lot_size: str = "0.01", active: bool = True
) -> Instrument:
    """The pair's trading rules; an order has 0.1 to 1000 DOGE and is worth 5 to 100000 USDT."""
    return Instrument(
        pair=PAIR,
        base=BASE,
        quote=QUOTE,
        tick_size=Decimal(tick_size),
        lot_size=Decimal(lot_size),
        quantity_min=Decimal("0.1"),
        quantity_max=Decimal(1000),
        notional_min=Decimal(5),
        notional_max=Decimal(100_000),
        active=active,
    )


def a_top(
    bid: str | Decimal = "99.99", ask: str | Decimal = "100.01", *, pair: Pair = PAIR
) -> TopOfBook:
    """The top of a book with one level of 5 on each side."""
    return TopOfBook(
        pair=pair,
        bids=(PriceLevel(Decimal(bid), Decimal(5)),),
        asks=(PriceLevel(Decimal(ask), Decimal(5)),),
        sequence=1,
        received_at=0.0,
    )


def balances(
    base: str | Decimal = "100",
    quote: str | Decimal = "10000",
    *,
    reserved_base: Decimal = ZERO,
    reserved_quote: Decimal = ZERO,
) -> dict[Currency, Balance]:
    """Of both currencies of the pair, by currency: what is available, and what orders hold."""
    return {
        BASE: Balance(currency=BASE, available=Decimal(base), reserved=reserved_base),
        QUOTE: Balance(currency=QUOTE, available=Decimal(quote), reserved=reserved_quote),
    }


def a_view(now: float = 0.0, **changes: Any) -> View:
    """
    A market around 100 with nothing of ours in it.

    Args:
        now: Monotonic seconds.
        changes: Fields of the view that are to be different.
    """
    plain = View(
        now=now,
        instrument=an_instrument(),
        top=a_top(),
        balances=balances(),
        fees=Fees(maker=Decimal("0.001"), taker=Decimal("0.002")),
        orders=(),
        completed=CompletedOrders(),
    )
    return attrs.evolve(plain, **changes)
