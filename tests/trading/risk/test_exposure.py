"""What the account may come to hold at worst, however late its balances are told."""

import attrs
import pytest
from msgspec.structs import replace

from tests.trading.builders import BASE, QUOTE, D, a_fill, an_instrument
from tests.trading.risk.situations import (
    NOW,
    VIEW,
    a_balance,
    a_bid,
    an_ask,
    with_balances,
    working,
)
from trading.core.identifiers import Currency, Pair
from trading.core.market import Side
from trading.journal.entries import FillBooked
from trading.orders.order import OrderStatus
from trading.risk import Exposure, Interval, exposure

BID, ASK = a_bid("0.09", "100"), an_ask("0.11", "200")


def interval(low: str, high: str) -> Interval:
    return Interval(low=D(low), high=D(high))


STILL = interval("1000", "1000")


def booked(side: Side, at_ms: int) -> FillBooked:
    fill = a_fill(quantity=D(100), side=side, price=D("0.09"))
    return FillBooked(attrs.evolve(fill, traded_at_ms=at_ms), NOW)


def test_without_orders_it_is_what_is_held() -> None:
    nothing_open = Exposure(base=interval("1000", "1000"), quote=interval("1000", "1000"))
    assert exposure(VIEW) == nothing_open


@pytest.mark.parametrize("status", [status for status in OrderStatus if not status.terminal])
def test_everything_open_may_fill_or_not(status: OrderStatus) -> None:
    view = attrs.evolve(VIEW, working=(working(BID, status), working(ASK, status)))
    expected = Exposure(base=interval("800", "1100"), quote=interval("991", "1022"))
    assert exposure(view) == expected


def test_only_what_is_left_of_an_order_is_open() -> None:
    view = attrs.evolve(VIEW, working=(working(BID, OrderStatus.PARTIALLY_FILLED, "40"),))
    expected = Exposure(base=interval("1000", "1060"), quote=interval("994.6", "1000"))
    assert exposure(view) == expected


def test_an_order_that_the_venue_has_reserved_for_counts_once() -> None:
    view = with_balances(a_balance(BASE, "1000"), a_balance(QUOTE, "1000", "9"))
    assert exposure(attrs.evolve(view, working=(working(BID),))).quote.low == D(991)


def test_what_somebody_else_has_reserved_may_go() -> None:
    view = with_balances(a_balance(BASE, "1000", "300"), a_balance(QUOTE, "1000", "50"))
    expected = Exposure(base=interval("700", "1000"), quote=interval("950", "1000"))
    assert exposure(view) == expected


def test_an_order_of_a_pair_that_is_not_known_shows_in_what_is_reserved() -> None:
    other = replace(working(BID), pair=Pair("BTCZAR"))
    assert exposure(attrs.evolve(VIEW, working=(other,))) == exposure(VIEW)


@pytest.mark.parametrize(
    ("base", "quote", "side", "expected"),
    [
        ("BTC", "USDT", Side.BUY, Exposure(base=STILL, quote=interval("991", "1000"))),
        ("BTC", "USDT", Side.SELL, Exposure(base=STILL, quote=interval("1000", "1009"))),
        ("DOGE", "ZAR", Side.BUY, Exposure(base=interval("1000", "1100"), quote=STILL)),
        ("USDT", "ZAR", Side.SELL, Exposure(base=STILL, quote=interval("900", "1000"))),
        ("USDT", "ZAR", Side.BUY, Exposure(base=STILL, quote=interval("1000", "1100"))),
        ("BTC", "ZAR", Side.BUY, Exposure(base=STILL, quote=STILL)),
    ],
)
def test_a_currency_is_shared_by_pairs(
    base: str, quote: str, side: Side, expected: Exposure
) -> None:
    pair = Pair(base + quote)
    rules = attrs.evolve(an_instrument(), pair=pair, base=Currency(base), quote=Currency(quote))
    order = replace(working(BID), pair=pair, side=side)
    filled = attrs.evolve(booked(side, at_ms=2).fill, pair=pair)
    known = attrs.evolve(VIEW, other_instruments={pair: rules})
    assert exposure(attrs.evolve(known, working=(order,))) == expected
    assert exposure(attrs.evolve(known, recent_fills=(FillBooked(filled, NOW),))) == expected


@pytest.mark.parametrize(
    ("side", "base", "quote"),
    [
        (Side.BUY, interval("1000", "1100"), interval("991", "1000")),
        (Side.SELL, interval("900", "1000"), interval("1000", "1009")),
    ],
)
def test_a_fill_that_the_balances_are_too_old_to_show_may_be_in_them_or_not(
    side: Side, base: Interval, quote: Interval
) -> None:
    view = attrs.evolve(VIEW, recent_fills=(booked(side, at_ms=2),))
    assert exposure(view) == Exposure(base=base, quote=quote)


def test_a_fill_that_the_balances_show_counts_no_more() -> None:
    view = attrs.evolve(VIEW, recent_fills=(booked(Side.BUY, at_ms=1),))
    assert exposure(view) == exposure(VIEW)


def test_a_balance_of_unknown_age_shows_no_fill() -> None:
    ageless = with_balances(a_balance(BASE, "1000", at_ms=0), a_balance(QUOTE, "1000", at_ms=0))
    view = attrs.evolve(ageless, recent_fills=(booked(Side.BUY, at_ms=1),))
    assert exposure(view).quote.low == D(991)


def test_a_currency_that_is_not_listed_is_not_held() -> None:
    assert exposure(attrs.evolve(VIEW, balances={})) == Exposure(
        base=interval("0", "0"), quote=interval("0", "0")
    )
