"""A fill that the stream tells without its fee is executed at once, and counted as it is listed."""

import attrs

from tests.trading.builders import D, a_fill
from tests.trading.desk import Desk, S, an_open_desk
from trading.gateway.tracker import OrderTracker
from trading.messages.account import FillReported, OrderNews


def untold(name: str, quantity: int = 4) -> OrderNews:
    return FillReported(attrs.evolve(a_fill(name, D(quantity)), fee=D(0), fee_told=False))


def in_the_list(name: str, quantity: int = 4, *, told: bool = True) -> OrderNews:
    fill = attrs.evolve(a_fill(name, D(quantity)), fee=D("0.1"), fee_told=told)
    return FillReported(fill, listed=True)


def unbooked(tracker: OrderTracker) -> list[int]:
    return [int(order.quantity) for order in tracker.unbooked()]


def booked(desk: Desk, *news: OrderNews) -> list[str]:
    return [str(fill.trade_id) for piece in news for fill in desk.hear(piece).fills]


def test_what_it_fills_is_known_at_once_and_in_doubt_until_it_is_listed() -> None:
    desk = an_open_desk()
    assert booked(desk, untold("t-1"), untold("t-1"), untold("t-2")) == []
    assert (desk.order.filled_quantity, desk.order.status) == (D(8), S.PARTIALLY_FILLED)
    assert unbooked(desk.tracker) == [8]
    (fill,) = desk.hear(in_the_list("t-1")).fills
    assert fill.fee == D("0.1")
    assert unbooked(desk.tracker) == [4]
    assert booked(desk, in_the_list("t-2"), untold("t-2")) == ["t-2"]
    assert unbooked(desk.tracker) == []
    assert desk.order.filled_quantity == D(8)


def test_a_fill_that_the_list_tells_without_a_fee_has_none() -> None:
    desk = an_open_desk()
    assert booked(desk, untold("t-1"), in_the_list("t-1", told=False)) == ["t-1"]


def test_one_that_the_list_calls_otherwise_is_not_awaited_any_longer() -> None:
    desk = an_open_desk()
    assert booked(desk, untold("t-1"), in_the_list("l-1"), untold("t-2", 2)) == ["l-1"]
    assert desk.order.filled_quantity == D(6)
