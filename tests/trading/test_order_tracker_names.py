"""A fill that has two names is counted once, and two fills that look alike are counted twice."""

import attrs

from tests.trading.builders import OURS, D, a_fill, an_order
from tests.trading.desk import Desk, E, S, an_open_desk, reported
from trading.core.identifiers import TradeId
from trading.gateway.tracker import OrderTracker
from trading.messages.account import FillReported, OrderNews


def told(name: str, quantity: int = 4, *, at_ms: int = 0, listed: bool = False) -> OrderNews:
    fill = attrs.evolve(a_fill(name, D(quantity)), traded_at_ms=at_ms)
    return FillReported(fill, listed=listed)


def booked(desk: Desk, *news: OrderNews) -> list[str]:
    """The names of the fills that some news add."""
    return [str(fill.trade_id) for piece in news for fill in desk.hear(piece).fills]


def test_a_fill_that_the_list_calls_otherwise_is_counted_once_and_told_once() -> None:
    desk = an_open_desk()
    assert booked(desk, told("stream"), reported(E.PARTLY_FILLED, remaining=6)) == ["stream"]
    heard = desk.hear(told("list", at_ms=1_999, listed=True))
    assert heard.fills == ()
    assert [(one.fill.trade_id, one.counted_as) for one in heard.renamed] == [("list", "stream")]
    assert desk.hear(told("list", at_ms=1_999, listed=True)).renamed == ()
    assert desk.order.filled_quantity == D(4)


def test_a_fill_that_was_found_in_the_list_first_is_counted_once() -> None:
    desk = an_open_desk()
    assert booked(desk, told("list", listed=True), told("stream")) == ["list"]


def test_another_price_quantity_side_or_time_is_another_fill() -> None:
    desk = an_open_desk()
    desk.hear(told("stream", 2))
    other_price = FillReported(attrs.evolve(a_fill("b", D(2)), price=D(7)), listed=True)
    others = [told("a", 1, listed=True), other_price, told("c", 2, at_ms=2_001, listed=True)]
    assert booked(desk, *others) == ["a", "b", "c"]


def test_two_fills_alike_on_the_stream_are_two() -> None:
    desk = an_open_desk()
    assert booked(desk, told("t-1"), told("t-2")) == ["t-1", "t-2"]


def test_two_fills_alike_in_the_list_are_two_though_the_stream_told_but_one() -> None:
    desk = an_open_desk()
    assert booked(desk, told("t-1")) == ["t-1"]
    assert booked(desk, told("l-1", listed=True), told("l-2", listed=True)) == ["l-2"]


def test_a_fill_whose_name_stands_in_the_list_has_no_other_name_there() -> None:
    desk = an_open_desk()
    assert booked(desk, told("t-1"), told("t-1", listed=True)) == ["t-1"]
    assert booked(desk, told("t-2", listed=True)) == ["t-2"]


def test_the_total_of_the_order_decides_before() -> None:
    desk = an_open_desk()
    desk.hear(told("t-1"), reported(E.PARTLY_FILLED, remaining=2))
    assert booked(desk, told("t-2", listed=True)) == ["t-2"]


def test_the_total_of_the_order_decides_afterwards() -> None:
    desk = an_open_desk()
    assert booked(desk, told("t-1"), told("t-2", listed=True)) == ["t-1"]
    assert booked(desk, reported(E.PARTLY_FILLED, remaining=6)) == []
    assert booked(desk, reported(E.PARTLY_FILLED, remaining=2)) == ["t-2"]
    assert booked(desk, told("t-2", listed=True)) == []


def test_an_order_that_ended_and_whose_total_is_accounted_for_takes_no_other_name() -> None:
    desk = an_open_desk()
    desk.hear(told("t-1", 10))
    assert desk.status() is S.FILLED
    assert booked(desk, told("t-2", 10, listed=True)) == []


def test_a_fill_of_a_former_life_is_known_by_its_other_name() -> None:
    tracker = OrderTracker()
    tracker.restore([an_order().filled_to(D(4), -60.0)], {OURS: D(4)}, 0.0)
    tracker.remember([a_fill("t-1", D(4))])
    heard = tracker.hear(told("l-1", listed=True), 1.0)
    assert heard.fills == ()
    assert heard.renamed[0].counted_as == TradeId("t-1")
