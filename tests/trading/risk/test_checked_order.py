"""An order that was not checked cannot be sent: neither by its type, nor by pretending."""

import attrs
import pytest

from tests.trading.builders import D
from tests.trading.risk.situations import LIMITS, VIEW, a_bid, working
from trading.orders.order import Order
from trading.risk import CheckedAmendment, CheckedOrder, check, check_amendment


def price_on_the_wire(checked: CheckedOrder) -> str:
    """What a venue's placement looks like to the type checker."""
    return str(checked.order.price)


def test_a_checked_order_is_sendable() -> None:
    answer = check(a_bid(), VIEW, LIMITS)
    assert isinstance(answer, CheckedOrder)
    assert price_on_the_wire(answer) == "0.0995"


def test_an_order_as_such_is_not_sendable_for_the_type_checker() -> None:
    """The ignored complaints are the test: mypy fails where one of them is not needed."""
    order: Order = a_bid()
    with pytest.raises(AttributeError):
        price_on_the_wire(order)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        price_on_the_wire(check(a_bid("9"), VIEW, LIMITS))  # type: ignore[arg-type]


def test_nobody_else_makes_one() -> None:
    with pytest.raises(TypeError):
        CheckedOrder(a_bid())  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"a CheckedOrder comes from trading\.risk alone"):
        CheckedOrder(a_bid(), seal=object())
    with pytest.raises(TypeError, match=r"a CheckedAmendment comes from trading\.risk alone"):
        CheckedAmendment(a_bid(), a_bid(), seal=None)


def test_what_was_checked_stays_as_it_was() -> None:
    checked = check(a_bid(), VIEW, LIMITS)
    assert isinstance(checked, CheckedOrder)
    with pytest.raises(AttributeError):
        checked.order = a_bid("0.2")  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.NotAnAttrsClassError):
        attrs.evolve(checked, order=a_bid("0.2"))  # type: ignore[misc]


def test_a_checked_change_is_no_checked_order() -> None:
    bid = working(a_bid())
    view = attrs.evolve(VIEW, working=(bid,))
    change = check_amendment(bid, D("0.0996"), D(100), view, LIMITS)
    assert isinstance(change, CheckedAmendment)
    with pytest.raises(AttributeError):
        change.amended = bid  # type: ignore[misc]
    with pytest.raises(AttributeError):
        change.order = bid  # type: ignore[misc]
    assert price_on_the_wire(change) == "0.0995"  # type: ignore[arg-type]
