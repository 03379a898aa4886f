"""What a gateway begins with, entry by entry."""

import pytest
from msgspec.structs import replace

from tests.support.builders import a_balance, a_fill, an_order
from trading.core.identifiers import TradeId
from trading.journal.entries import (
    BalanceRecorded,
    FillBooked,
    Halted,
    OrderRecorded,
    OrdersIntended,
)
from trading.journal.remembered import ENDED_MAX, FILLS_MAX, RememberedFold
from trading.orders.order import OrderEvent, OrderStatus


def test_an_intended_order_is_remembered_until_it_ends() -> None:
    fold = RememberedFold()
    order = an_order(1)
    assert fold.add([OrdersIntended((order,), 0.0)]).orders == (order,)
    ended = order.after(OrderEvent.CANCELLED, 1.0)
    known = fold.add([OrderRecorded(ended, 1.0)])
    assert (known.orders, known.ended) == ((), (ended,))


def test_an_intent_that_is_told_late_brings_nothing_back() -> None:
    ended = an_order(1, status=OrderStatus.CANCELLED)
    known = RememberedFold().add([OrderRecorded(ended, 0.0), OrdersIntended((an_order(1),), 0.0)])
    assert known.orders == ()


def test_an_order_that_ended_again_is_the_newest_of_the_ended() -> None:
    first, second = (an_order(n, status=OrderStatus.CANCELLED) for n in (1, 2))
    filled = replace(first, status=OrderStatus.FILLED)
    entries = [OrderRecorded(order, 0.0) for order in (first, second, filled)]
    assert RememberedFold().add(entries).ended == (second, filled)


def test_what_is_kept_of_the_past_is_bounded_and_the_oldest_goes_first() -> None:
    fold = RememberedFold()
    for number in range(ENDED_MAX + 3):
        fold.add([OrderRecorded(an_order(number, status=OrderStatus.CANCELLED), 0.0)])
    ended = fold.value.ended
    assert (len(ended), ended[0]) == (ENDED_MAX, an_order(3, status=OrderStatus.CANCELLED))
    fills = [FillBooked(a_fill(number), 0.0) for number in range(FILLS_MAX + 2)]
    trades = fold.add(fills).trade_ids
    assert len(trades) == FILLS_MAX
    assert TradeId("trade-1") not in trades
    assert TradeId("trade-2") in trades


def test_the_newest_fill_is_the_newest_by_the_venues_clock() -> None:
    fold = RememberedFold()
    assert fold.value.last_fill_at_ms is None
    late = [FillBooked(a_fill(n, traded_at_ms=at), 0.0) for n, at in ((1, 500), (2, 300))]
    assert fold.add(late).last_fill_at_ms == 500


def test_what_nothing_was_added_to_is_not_copied() -> None:
    fold = RememberedFold()
    before = fold.add([OrderRecorded(an_order(1, status=OrderStatus.CANCELLED), 0.0)])
    after = fold.add([BalanceRecorded(a_balance("USDT", "1"), 0.0), FillBooked(a_fill(), 0.0)])
    assert after.ended is before.ended
    assert after.orders is before.orders


def test_a_halt_has_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        Halted("", 0.0)


def test_what_is_booked_of_an_order_is_the_sum_of_its_fills() -> None:
    fold = RememberedFold()
    fills = [FillBooked(a_fill(number), 0.0) for number in (1, 2, 2)]
    known = fold.add(fills)
    order_id = fills[0].fill.client_order_id
    assert order_id is not None
    assert known.booked == {order_id: fills[0].fill.quantity + fills[1].fill.quantity}
