"""Each limit refuses by itself, and says which figures and which setting are at fault."""

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from msgspec.structs import replace

from tests.trading.builders import BASE, QUOTE, D, an_instrument
from tests.trading.risk.situations import (
    LIMITS,
    NOW,
    VIEW,
    a_balance,
    a_bid,
    a_top,
    an_ask,
    fills,
    profit,
    refused,
    with_balances,
    working,
)
from trading.core.identifiers import Pair, StrategyName
from trading.core.market import Side
from trading.orders.order import Order, OrderStatus
from trading.risk import CheckedOrder, RefusalCode, RiskLimits, RiskView, check
from trading.risk.refusal import Refusal

_C = RefusalCode
BUY, SELL = Side.BUY, Side.SELL
BID = a_bid()


@attrs.frozen
class Case:
    """A situation in which one limit alone stands in the way."""

    sentence: str
    order: Order = BID
    view: RiskView = VIEW
    limits: RiskLimits = LIMITS


def other_rules(**changes: Any) -> RiskView:
    rules = attrs.evolve(an_instrument(), **changes)
    return attrs.evolve(VIEW, instrument=rules)


def view(**changes: Any) -> RiskView:
    return attrs.evolve(VIEW, **changes)


def limits(**changes: Any) -> RiskLimits:
    return attrs.evolve(LIMITS, **changes)


WIDE = RiskLimits(price_collar=D(2), last_trade_collar=D(2))
DEEP_POCKETS = with_balances(a_balance(BASE, "10000000"), a_balance(QUOTE, "10000000"))
THREE_BIDS = tuple(working(a_bid("0.0990", "10", number)) for number in (2, 3, 4))

CASES: Mapping[RefusalCode, Case] = {
    _C.MISDIRECTED: Case(
        "an order of maker on BTCUSDT cannot be judged by the limits of maker on DOGEUSDT",
        replace(a_bid(), pair=Pair("BTCUSDT")),
    ),
    _C.ABSURD_NUMBER: Case("the quantity of -100 is not above zero", a_bid(quantity="-100")),
    _C.PAIR_INACTIVE: Case("DOGEUSDT is not active", view=other_rules(active=False)),
    _C.PRICE_NOT_POSITIVE: Case(
        "the price is not positive",
        a_bid("0"),
        other_rules(notional_min=D(0)),
        WIDE,
    ),
    _C.PRICE_OFF_TICK: Case("the price is not on a tick of 0.00001 USDT", a_bid("0.099501")),
    _C.QUANTITY_OFF_LOT: Case("the quantity is not on a lot of 1 DOGE", a_bid(quantity="100.5")),
    _C.QUANTITY_TOO_SMALL: Case(
        "the quantity of 100 DOGE is below the minimum of 101 DOGE",
        view=other_rules(quantity_min=D(101)),
    ),
    _C.QUANTITY_TOO_LARGE: Case(
        "the quantity of 100 DOGE is above the maximum of 99 DOGE",
        view=other_rules(quantity_max=D(99)),
    ),
    _C.NOTIONAL_TOO_SMALL: Case(
        "the notional of 9.95 USDT is below the minimum of 10 USDT",
        view=other_rules(notional_min=D(10)),
    ),
    _C.NOTIONAL_TOO_LARGE: Case(
        "the notional of 9.95 USDT is above the maximum of 9 USDT",
        view=other_rules(notional_max=D(9)),
    ),
    _C.WOULD_TAKE: Case(
        "at 0.1001 USDT it would trade with the best ask of 0.1001 USDT", a_bid("0.1001")
    ),
    _C.BALANCE_TOO_LOW: Case(
        "it needs 9.95 USDT, but only 9 USDT is free",
        view=with_balances(a_balance(BASE, "1000"), a_balance(QUOTE, "9")),
        limits=limits(min_quote_holding=None),
    ),
    _C.NOT_AMENDABLE: Case("tried with a change of an order, below"),
    _C.BOOK_UNKNOWN: Case("there is no book of DOGEUSDT", view=view(top=None)),
    _C.BOOK_STALE: Case(
        "the book was last confirmed 5.5 s ago, the limit is 5 s", view=view(book_at=NOW - 5.5)
    ),
    _C.BOOK_CROSSED: Case(
        "the best bid of 0.1 USDT is not below the best ask of 0.1 USDT",
        view=view(top=a_top("0.1", "0.1")),
    ),
    _C.CLOCK_UNSURE: Case(
        "the offset of the venue's clock is not sure", view=view(clock_sure=False)
    ),
    _C.FAR_FROM_MID: Case(
        "the price of 0.0979 USDT is 2.1 % from the mid price of 0.1 USDT, the limit is 2 %",
        a_bid("0.0979"),
    ),
    _C.FAR_FROM_LAST_TRADE: Case(
        "the price of 0.0995 USDT is 17.1 % from the last trade's price of 0.12 USDT,"
        " the limit is 3 %",
        view=view(last_trade_price=D("0.12")),
    ),
    _C.SELF_CROSS: Case(
        "at 0.0995 USDT it would trade with our own qw-test-maker-abc-sell9, which is cancel"
        " pending at 0.0995 USDT",
        view=view(working=(working(an_ask("0.0995", number=9), OrderStatus.CANCEL_PENDING),)),
    ),
    _C.NOTIONAL_LIMIT: Case(
        "the order is worth 20.099 USDT, the limit is 20 USDT", a_bid(quantity="202")
    ),
    _C.TOO_MANY_ORDERS: Case(
        "there are 3 working bids already, the limit is 3", view=view(working=THREE_BIDS)
    ),
    _C.BASE_HOLDING_LOW: Case(
        "at worst 499 DOGE would be left, the limit is 500 DOGE",
        an_ask(),
        with_balances(a_balance(BASE, "599"), a_balance(QUOTE, "1000")),
    ),
    _C.BASE_HOLDING_HIGH: Case(
        "at worst the account would hold 1501 DOGE, the limit is 1500 DOGE",
        view=with_balances(a_balance(BASE, "1401"), a_balance(QUOTE, "1000")),
    ),
    _C.QUOTE_HOLDING_LOW: Case(
        "at worst 899.05 USDT would be left, the limit is 900 USDT",
        view=with_balances(a_balance(BASE, "1000"), a_balance(QUOTE, "909")),
    ),
    _C.QUOTE_HOLDING_HIGH: Case(
        "at worst the account would hold 1101.05 USDT, the limit is 1100 USDT",
        an_ask(),
        with_balances(a_balance(BASE, "1000"), a_balance(QUOTE, "1091")),
    ),
    _C.TOO_MANY_INSTRUCTIONS: Case(
        "10 orders were placed or replaced within the last minute, the limit is 10",
        view=view(placements=10),
    ),
    _C.FILLS_IN_ROW: Case(
        "4 bids were filled in a row within 60 s, the limit is 4",
        view=view(recent_fills=fills(SELL, BUY, BUY, BUY, BUY)),
    ),
    _C.DAILY_LOSS: Case(
        "5 USDT lost today, the limit is 5 USDT", view=view(profit=profit(today="-5"))
    ),
    _C.DRAWDOWN: Case(
        "8.5 USDT lost since the profit was at its best, the limit is 8 USDT",
        view=view(profit=profit(total="1.5", high_water="10")),
    ),
}
BY_ORDERS = {code: case for code, case in CASES.items() if code is not _C.NOT_AMENDABLE}


def test_an_order_within_all_limits_may_leave() -> None:
    for order in (a_bid(), an_ask()):
        answer = check(order, VIEW, LIMITS)
        assert isinstance(answer, CheckedOrder)
        assert answer.order is order


def test_every_code_has_its_case() -> None:
    assert set(CASES) == set(RefusalCode)


@pytest.mark.parametrize("code", BY_ORDERS, ids=lambda code: code.value)
def test_each_limit_closes_alone(code: RefusalCode) -> None:
    case = CASES[code]
    [refusal] = refused(check(case.order, case.view, case.limits))
    setting = code.key and code.key.replace("NAME", "maker")
    assert refusal == Refusal(code, case.sentence, setting)


def test_all_refusals_come_at_once() -> None:
    view = attrs.evolve(VIEW, clock_sure=False, book_at=NOW - 99, last_trade_price=D(1))
    answer = refused(check(a_bid(quantity="1010.5"), view, LIMITS))
    assert {refusal.code for refusal in answer} == {
        *(_C.CLOCK_UNSURE, _C.BOOK_STALE, _C.FAR_FROM_LAST_TRADE, _C.QUANTITY_OFF_LOT),
        *(_C.NOTIONAL_LIMIT, _C.BASE_HOLDING_HIGH, _C.QUOTE_HOLDING_LOW),
    }


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-Infinity", "1e31", "1e-31"])
def test_an_absurd_price_is_refused(price: str) -> None:
    [refusal] = refused(check(a_bid(price), VIEW, LIMITS))
    assert refusal.code is _C.ABSURD_NUMBER


def test_the_bounds_themselves_are_allowed() -> None:
    at_the_bounds = with_balances(a_balance(BASE, "1400"), a_balance(QUOTE, "909.95"))
    stale_to_the_second = attrs.evolve(at_the_bounds, book_at=NOW - 5.0)
    assert isinstance(check(a_bid(), stale_to_the_second, LIMITS), CheckedOrder)
    at_the_collar = attrs.evolve(LIMITS, price_collar=D("0.005"), last_trade_collar=D("0.005"))
    assert isinstance(check(a_bid(), VIEW, at_the_collar), CheckedOrder)


def test_limits_of_money_that_are_not_given_refuse_nothing() -> None:
    lost = attrs.evolve(DEEP_POCKETS, profit=profit(today="-1e9", total="-1e9"))
    order = a_bid(quantity="1000000")
    assert isinstance(check(order, lost, RiskLimits()), CheckedOrder)


def test_an_account_beyond_a_bound_may_trade_its_way_back() -> None:
    too_much = with_balances(a_balance(BASE, "2000"), a_balance(QUOTE, "1000"))
    assert isinstance(check(an_ask(), too_much, LIMITS), CheckedOrder)
    [refusal] = refused(check(a_bid(), too_much, LIMITS))
    assert refusal.code is _C.BASE_HOLDING_HIGH


def test_a_taking_order_that_says_so_may_cross_the_book() -> None:
    taking = replace(a_bid("0.1001"), post_only=False)
    assert isinstance(check(taking, VIEW, LIMITS), CheckedOrder)


@pytest.mark.parametrize("status", [status for status in OrderStatus if not status.terminal])
def test_an_own_order_is_not_crossed_whatever_it_waits_for(status: OrderStatus) -> None:
    theirs = replace(working(an_ask("0.0996", number=9), status), strategy=StrategyName("b"))
    view = attrs.evolve(VIEW, working=(theirs,))
    [refusal] = refused(check(a_bid("0.0997"), view, LIMITS))
    assert refusal.code is _C.SELF_CROSS
    assert isinstance(check(a_bid("0.0995"), view, LIMITS), CheckedOrder)


def test_an_ask_at_an_own_bid_is_a_cross_too() -> None:
    view = attrs.evolve(VIEW, working=(working(a_bid("0.1005", number=9)),))
    [refusal] = refused(check(an_ask("0.1005"), view, LIMITS))
    assert refusal.code is _C.SELF_CROSS


def test_another_strategys_orders_do_not_fill_up_a_side() -> None:
    theirs = tuple(replace(order, strategy=StrategyName("b")) for order in THREE_BIDS)
    assert isinstance(check(a_bid(), attrs.evolve(VIEW, working=theirs), LIMITS), CheckedOrder)


def test_what_is_accepted_in_the_same_breath_counts() -> None:
    view, accepted = VIEW, 0
    for number in range(9):
        order = a_bid(number=number)
        if not isinstance(check(order, view, LIMITS), CheckedOrder):
            break
        view, accepted = view.with_order(order), accepted + 1
    assert accepted == LIMITS.max_orders_per_side
    assert view.placements == 3


def test_a_halted_strategy_places_nothing_even_if_nobody_halted_it() -> None:
    lost = attrs.evolve(VIEW, profit=profit(today="-5"))
    assert [refusal.code.halts for refusal in refused(check(a_bid(), lost, LIMITS))] == [True]
