"""What the tracker counts once, and what it does not know: one scenario each."""

import pytest

from tests.trading.builders import OURS, STRATEGY, D, a_report, an_order
from tests.trading.desk import (
    PLACE,
    Desk,
    E,
    S,
    acknowledged,
    an_open_desk,
    filled,
    listed,
    processed,
    reported,
)
from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId, StrategyName, VenueOrderId
from trading.core.market import Side
from trading.gateway.tracker import OrderTracker
from trading.messages.account import (
    AccountSessionLost,
    AccountSessionOpened,
    OpenOrdersListed,
    OrderNews,
    OrderNotFound,
    OrderReported,
)
from trading.orders.completed import CompletedOrder, CompletedOrders
from trading.orders.evidence import Heard, NotFoundPolicy
from trading.orders.order import OrderEvent, OrderStatus

# Fills.


def test_executed_quantity_is_the_most_that_was_reported_or_filled() -> None:
    desk = an_open_desk()
    desk.hear(reported(E.PARTLY_FILLED, remaining=4))
    assert desk.order.filled_quantity == D(6)
    desk.hear(filled("t-1", 2), filled("t-2", 4), filled("t-2", 4), listed(remaining=9))
    assert desk.order.filled_quantity == D(6)
    desk.hear(filled("t-3", 4))
    assert desk.status() is S.FILLED


def test_more_than_was_ordered_is_booked_all_the_same() -> None:
    desk = an_open_desk()
    heard = desk.hear(filled("t-1", 8), filled("t-2", 8))
    assert (desk.status(), desk.order.filled_quantity) == (S.FILLED, D(16))
    assert desk.order.remaining_quantity == ZERO
    assert len(heard.fills) == 1
    assert len(desk.hear(filled("t-3", 1)).fills) == 1
    assert desk.tracker.completed_of(STRATEGY).buys == 1


@pytest.mark.parametrize(("side", "buys", "sells"), [(Side.BUY, 1, 0), (Side.SELL, 0, 1)])
def test_each_order_is_completed_once_and_by_its_side(side: Side, buys: int, sells: int) -> None:
    desk = Desk(an_order(side=side))
    desk.hear(filled("t-1", 9), now=6.0)
    assert desk.tracker.completed_of(STRATEGY) == CompletedOrders()
    desk.hear(filled("t-2", 1), now=7.0)
    last = CompletedOrder(client_order_id=OURS, side=side, price=D("0.1"), quantity=D(10), at=7.0)
    expected = CompletedOrders(
        buys=buys,
        sells=sells,
        last_side=side,
        last_price=D("0.1"),
        last_at=7.0,
        recent=(last,),
    )
    assert desk.tracker.completed_of(STRATEGY) == expected
    desk.hear(reported(E.WHOLLY_FILLED, 0), filled("t-2", 1), now=8.0)
    assert desk.tracker.completed_of(STRATEGY) == expected
    assert desk.tracker.completed_of(StrategyName("other")) == CompletedOrders()


# Not knowing.


@pytest.mark.parametrize("news", [AccountSessionLost(), AccountSessionOpened()])
def test_a_lost_stream_makes_what_is_due_unknown(news: OrderNews) -> None:
    tracker = OrderTracker()
    waiting, resting, cancelling = (ClientOrderId(f"qw-test-maker-abc-{n}") for n in (1, 2, 3))
    for order_id in (waiting, resting, cancelling):
        tracker.expect(an_order(order_id))
    for order_id in (resting, cancelling):
        venue_order_id = VenueOrderId(f"v-{order_id}")
        report = a_report(E.RESTING, order_id=order_id, venue_order_id=venue_order_id)
        tracker.hear(OrderReported(report), 1.0)
    tracker.cancel_sent(cancelling, 1.0)
    tracker.hear(news, 2.0)
    assert [order.status for order in tracker.working.values()] == [S.UNKNOWN, S.OPEN, S.UNKNOWN]
    assert tracker.working_of(STRATEGY) == tuple(tracker.working.values())


def test_an_overdue_answer_makes_an_order_unknown_at_its_deadline_and_not_before() -> None:
    desk = Desk(an_order(created_at=5.0))
    assert desk.tracker.overdue_at(2.0) == 7.0
    assert desk.tracker.mark_overdue(6.999, 2.0) == Heard()
    heard = desk.tracker.mark_overdue(7.0, 2.0)
    assert heard.changed == (desk.order,)
    assert desk.status() is S.UNKNOWN
    assert desk.tracker.overdue_at(2.0) is None


def test_an_order_that_rests_has_no_answer_due() -> None:
    desk = an_open_desk()
    assert desk.tracker.overdue_at(2.0) is None
    desk.tracker.mark_overdue(1e9, 2.0)
    assert desk.status() is S.OPEN


def test_an_unknown_order_comes_back_by_evidence_alone() -> None:
    desk = Desk()
    desk.hear(AccountSessionLost())
    desk.hear(OpenOrdersListed(()), acknowledged(PLACE))
    assert desk.status() is S.UNKNOWN
    desk.hear(listed())
    assert desk.status() is S.OPEN


def not_found(desk: Desk, *times: float) -> None:
    for now in times:
        desk.hear(OrderNotFound(OURS), now=now)


def test_not_found_is_believed_only_after_several_answers_that_come_late_enough() -> None:
    desk = Desk()
    desk.hear(AccountSessionLost())
    not_found(desk, 1.0, 2.0, 3.0, 4.0, 4.99, 5.0, 5.1)
    assert desk.status() is S.UNKNOWN
    not_found(desk, 5.2)
    assert desk.status() is S.REJECTED


def test_an_order_that_was_given_up_may_turn_up_for_a_quarter_of_an_hour() -> None:
    desk = Desk()
    desk.hear(AccountSessionLost())
    not_found(desk, 5.0, 6.0, 7.0)
    assert [order.status for order in desk.tracker.given_up(906.9)] == [S.REJECTED]
    assert desk.tracker.given_up(907.1) == ()


@pytest.mark.parametrize(
    ("event", "end"), [(E.CANCELLED, S.CANCELLED), (E.WHOLLY_FILLED, S.FILLED)]
)
def test_an_order_that_was_given_up_and_turned_up_has_the_end_that_the_venue_tells(
    event: OrderEvent, end: OrderStatus
) -> None:
    desk = Desk()
    desk.hear(AccountSessionLost())
    not_found(desk, 5.0, 6.0, 7.0)
    desk.hear(listed(), now=30.0)
    assert desk.status() is S.OPEN
    desk.hear(reported(event), now=31.0)
    assert desk.status() is end
    assert desk.tracker.given_up(32.0) == ()


def test_a_fill_of_an_order_that_was_given_up_shows_that_it_works_and_is_at_stake() -> None:
    desk = Desk()
    desk.hear(AccountSessionLost())
    not_found(desk, 5.0, 6.0, 7.0)
    heard = desk.hear(filled("t-1", 3), now=30.0)
    assert [order.client_order_id for order in heard.revived] == [OURS]
    assert [order.status for order in heard.changed] == [S.PARTIALLY_FILLED]
    assert desk.tracker.working[OURS].filled_quantity == D(3)
    desk.hear(reported(E.CANCELLED, remaining=7), now=31.0)
    assert (desk.status(), desk.order.filled_quantity) == (S.CANCELLED, D(3))
    assert not desk.tracker.working


def test_an_order_that_was_given_up_and_is_filled_whole_has_ended() -> None:
    desk = Desk()
    desk.hear(AccountSessionLost())
    not_found(desk, 5.0, 6.0, 7.0)
    desk.hear(filled("t-1", int(desk.order.quantity)), now=30.0)
    assert desk.status() is S.FILLED
    assert not desk.tracker.working


def test_an_order_that_the_venue_refused_stays_refused_whatever_comes_late() -> None:
    desk = Desk()
    desk.hear(reported(E.REJECTED))
    desk.hear(listed(), now=30.0)
    assert desk.status() is S.REJECTED


def test_what_a_former_life_gave_up_may_turn_up_in_this_one() -> None:
    desk = Desk()
    desk.hear(AccountSessionLost())
    not_found(desk, 5.0, 6.0, 7.0)
    refused = an_order(order_id=ClientOrderId("another"), status=S.REJECTED)
    tracker = OrderTracker()
    tracker.restore([desk.order, refused], {}, 8.0)
    assert tracker.given_up(9.0) == (desk.order,)


def test_the_settling_rule_is_a_parameter() -> None:
    tracker = OrderTracker(NotFoundPolicy(answers=1, seconds=60.0))
    tracker.expect(an_order(created_at=10.0))
    tracker.hear(AccountSessionLost(), 11.0)
    tracker.hear(OrderNotFound(OURS), 69.9)
    assert len(tracker.working) == 1
    tracker.hear(OrderNotFound(OURS), 70.0)
    assert len(tracker.working) == 0


@pytest.mark.parametrize(
    "life",
    [
        listed(),
        processed(success=True),
        reported(E.RESTING),
        reported(E.PARTLY_FILLED, remaining=3),
        reported(None),
        reported(None, remaining=3),
        filled("t-1", 3),
    ],
)
def test_not_found_is_never_believed_of_an_order_that_showed_life(life: OrderNews) -> None:
    desk = Desk()
    desk.hear(life)
    desk.tracker.cancel_sent(OURS, 2.0)
    desk.hear(AccountSessionLost())
    assert desk.status() is S.UNKNOWN
    not_found(desk, *range(10, 100))
    assert desk.status() is S.UNKNOWN


def test_not_found_says_nothing_about_an_order_that_we_have_no_doubt_about() -> None:
    desk = Desk()
    not_found(desk, *range(10, 100))
    assert desk.status() is S.PENDING
