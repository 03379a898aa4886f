"""A change of a working order is judged as if the larger of the two could fill."""

from decimal import Decimal

import attrs
import pytest

from tests.trading.builders import BASE, QUOTE, D
from tests.trading.risk.situations import (
    LIMITS,
    VIEW,
    a_balance,
    a_bid,
    an_ask,
    refused,
    with_balances,
    working,
)
from trading.orders.order import Order, OrderStatus
from trading.risk import CheckedAmendment, Refusal, RefusalCode, RiskView, check_amendment

_C = RefusalCode
BID = working(a_bid("0.0995", "100"))
SHOWN = attrs.evolve(VIEW, working=(BID,))


def amended(price: str, quantity: str, view: RiskView = SHOWN) -> CheckedAmendment | set[_C]:
    answer = check_amendment(next(iter(view.working.values())), D(price), D(quantity), view, LIMITS)
    if isinstance(answer, CheckedAmendment):
        return answer
    return {refusal.code for refusal in answer}


def test_a_change_within_all_limits_may_leave() -> None:
    answer = amended("0.0996", "110")
    assert isinstance(answer, CheckedAmendment)
    assert answer.order is BID
    assert (answer.amended.price, answer.amended.quantity) == (Decimal("0.0996"), Decimal(110))
    assert answer.amended.client_order_id == BID.client_order_id


def test_it_does_not_stand_in_its_own_way() -> None:
    """The place that it has on its side, and the money that it holds, are its own."""
    full = attrs.evolve(
        with_balances(a_balance(BASE, "1400"), a_balance(QUOTE, "909.95", "9.95")),
        working=(BID,),
    )
    limits = attrs.evolve(LIMITS, max_orders_per_side=1)
    answer = check_amendment(BID, D("0.0994"), D(100), full, limits)
    assert isinstance(answer, CheckedAmendment)


def test_only_what_it_adds_must_be_covered() -> None:
    poor = attrs.evolve(
        with_balances(a_balance(BASE, "1000"), a_balance(QUOTE, "10", "9.95")), working=(BID,)
    )
    limits = attrs.evolve(LIMITS, min_quote_holding=None)
    assert isinstance(check_amendment(BID, D("0.0995"), D(100), poor, limits), CheckedAmendment)
    [refusal] = refused(check_amendment(BID, D("0.0995"), D(110), poor, limits))
    setting = "strategies.maker.order_amount"
    sentence = "it needs 0.995 USDT, but only 0.05 USDT is free"
    assert refusal == Refusal(_C.BALANCE_TOO_LOW, sentence, setting)


@pytest.mark.parametrize(
    ("price", "quantity", "codes"),
    [
        ("0.0995", "202", {_C.NOTIONAL_LIMIT}),
        ("0.0979", "100", {_C.FAR_FROM_MID}),
        ("0.1001", "100", {_C.WOULD_TAKE}),
        ("0.0995", "0", {_C.ABSURD_NUMBER}),
        ("0.0995", "3", {_C.QUANTITY_TOO_SMALL, _C.NOTIONAL_TOO_SMALL}),
    ],
)
def test_a_change_is_held_against_the_limits_of_an_order(
    price: str, quantity: str, codes: set[_C]
) -> None:
    assert amended(price, quantity) == codes


def test_growing_beyond_the_bounds_is_refused() -> None:
    nearly_full = attrs.evolve(
        with_balances(a_balance(BASE, "1395"), a_balance(QUOTE, "1000")), working=(BID,)
    )
    assert isinstance(amended("0.0995", "105", nearly_full), CheckedAmendment)
    assert amended("0.0995", "106", nearly_full) == {_C.BASE_HOLDING_HIGH}


@pytest.mark.parametrize("order", [BID, working(an_ask())])
def test_an_order_can_be_made_smaller_whatever_the_account_holds(order: Order) -> None:
    for base, quote in (("9000", "9000"), ("1", "1")):
        beyond = with_balances(a_balance(BASE, base), a_balance(QUOTE, quote))
        view = attrs.evolve(beyond, working=(order,))
        assert isinstance(
            check_amendment(order, order.price, D(50), view, LIMITS), CheckedAmendment
        )


@pytest.mark.parametrize(
    "status", [OrderStatus.PENDING, OrderStatus.CANCEL_PENDING, OrderStatus.UNKNOWN]
)
def test_an_order_in_doubt_is_not_changed(status: OrderStatus) -> None:
    view = attrs.evolve(VIEW, working=(working(BID, status),))
    assert amended("0.0996", "100", view) == {_C.NOT_AMENDABLE}


def test_an_order_that_is_gone_is_not_changed() -> None:
    [refusal] = refused(check_amendment(BID, BID.price, BID.quantity, VIEW, LIMITS))
    assert refusal.code is _C.NOT_AMENDABLE
    assert refusal.sentence == ("qw-test-maker-abc-buy1 is open and not known to be working")


def test_a_change_must_not_cross_an_own_order() -> None:
    both = attrs.evolve(SHOWN, working=(BID, working(an_ask("0.1000"))))
    assert amended("0.1000", "100", both) == {_C.SELF_CROSS}
