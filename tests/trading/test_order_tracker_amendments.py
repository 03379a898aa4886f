"""Changing an order in its place: only the venue's word makes it smaller."""

import pytest

from tests.trading.builders import OURS, THEIRS, D, a_fill, a_report, an_order
from tests.trading.desk import Desk, E, S, an_open_desk, filled, reported
from trading.gateway.tracker import OrderTracker
from trading.messages.account import (
    BatchAnswered,
    BatchLeg,
    OrderAmended,
    OrderNews,
    OrderReported,
    RequestAcknowledged,
    RequestRefused,
)
from trading.orders.request_ids import Request, asked, request_id

AMEND = request_id(Request.AMEND, OURS)
YES = OrderAmended(venue_order_id=THEIRS, client_order_id=OURS, success=True)
NO = OrderAmended(venue_order_id=THEIRS, client_order_id=OURS, success=False, reason="would match")


def an_amending_desk(quantity: int = 6) -> Desk:
    desk = an_open_desk()
    desk.tracker.amend_sent(OURS, D(quantity), 1.0)
    return desk


def shown(quantity: int, remaining: int) -> OrderNews:
    return OrderReported(a_report(E.RESTING, quantity=D(quantity), remaining=D(remaining)))


def test_the_larger_quantity_counts_until_the_venue_has_confirmed_the_smaller() -> None:
    desk = an_amending_desk()
    assert (desk.order.quantity, desk.order.amended_to, desk.status()) == (D(10), D(6), S.OPEN)
    acknowledged = RequestAcknowledged(
        request_id=AMEND, venue_order_id=THEIRS, client_order_id=OURS
    )
    desk.hear(acknowledged)
    assert (desk.order.quantity, desk.order.amended_to) == (D(10), D(6))
    desk.hear(YES)
    assert (desk.order.quantity, desk.order.amended_to) == (D(6), None)


def test_a_report_with_the_new_quantity_is_proof_as_well() -> None:
    desk = an_amending_desk()
    desk.hear(shown(6, 6))
    assert (desk.order.quantity, desk.order.amended_to) == (D(6), None)
    assert desk.order.filled_quantity == 0


def test_a_report_from_before_the_change_proves_nothing() -> None:
    desk = an_amending_desk()
    desk.hear(shown(10, 10))
    assert (desk.order.quantity, desk.order.amended_to) == (D(10), D(6))


def test_a_change_that_was_given_up_and_reached_the_venue_after_all_is_seen() -> None:
    desk = an_amending_desk()
    desk.tracker.in_doubt(OURS, 2.0, "no outcome")
    desk.hear(shown(10, 10))
    assert (desk.order.quantity, desk.order.amended_to) == (D(10), None)
    desk.hear(shown(6, 6))
    assert desk.order.quantity == D(6)
    desk.hear(shown(10, 10))  # late: a quantity only shrinks
    assert desk.order.quantity == D(6)


@pytest.mark.parametrize("no", [NO, RequestRefused(request_id=AMEND, reason="no such order")])
def test_a_refused_change_leaves_the_order_as_it_was(no: OrderNews) -> None:
    desk = an_amending_desk()
    desk.hear(no)
    assert (desk.order.quantity, desk.order.amended_to, desk.status()) == (D(10), None, S.OPEN)


def test_a_fill_that_races_the_change_is_counted_and_the_change_still_holds() -> None:
    desk = an_amending_desk()
    desk.hear(filled(quantity=4), shown(6, 2))
    assert (desk.order.quantity, desk.order.filled_quantity) == (D(6), D(4))
    assert desk.order.remaining_quantity == D(2)
    desk.hear(filled("t-2", quantity=2), reported(E.WHOLLY_FILLED, 0))
    assert desk.status() is S.FILLED


def test_without_an_answer_the_order_is_in_doubt_and_asked_about() -> None:
    desk = an_amending_desk()
    assert desk.tracker.overdue_at(2.0) == 3.0
    desk.tracker.mark_overdue(3.0, 2.0)
    assert desk.status() is S.UNKNOWN
    desk.hear(shown(10, 10), now=4.0)
    assert (desk.status(), desk.order.quantity, desk.order.amended_to) == (S.OPEN, D(10), None)
    assert desk.tracker.overdue_at(2.0) is None


def test_the_change_may_have_happened_while_it_was_in_doubt() -> None:
    desk = an_amending_desk()
    desk.tracker.mark_overdue(3.0, 2.0)
    desk.hear(shown(6, 6), now=4.0)
    assert (desk.status(), desk.order.quantity) == (S.OPEN, D(6))


@pytest.mark.parametrize("quantity", [10, 11, 0])
def test_only_a_smaller_quantity_may_be_asked_for(quantity: int) -> None:
    with pytest.raises(AssertionError):
        an_open_desk().tracker.amend_sent(OURS, D(quantity), 1.0)


def test_an_order_in_doubt_is_not_changed() -> None:
    desk = an_open_desk()
    desk.tracker.in_doubt(OURS, 2.0, "the answer was cut off")
    assert (desk.status(), desk.order.amendable) == (S.UNKNOWN, False)


def test_a_batchs_reply_names_orders_and_ends_nothing() -> None:
    desk = Desk()
    legs = (
        BatchLeg(accepted=False, venue_order_id=None, client_order_id=None, reason="too small"),
        BatchLeg(accepted=True, venue_order_id=THEIRS, client_order_id=OURS),
    )
    desk.hear(BatchAnswered("b-1", legs))
    assert (desk.order.venue_order_id, desk.status()) == (THEIRS, S.PENDING)


# Former lives.


def test_an_order_of_a_former_life_is_in_doubt_until_the_venue_speaks() -> None:
    tracker = OrderTracker()
    heard = tracker.restore([an_order().after(E.RESTING, -60.0)], {}, 0.0)
    assert [order.status for order in heard.changed] == [S.UNKNOWN]
    assert tracker.working[OURS].status is S.UNKNOWN


def test_a_late_fill_of_an_order_that_ended_in_a_former_life_is_counted_once() -> None:
    tracker = OrderTracker()
    ended = an_order().after(E.CANCELLED, -60.0)
    tracker.restore([ended], {}, 0.0)
    tracker.remember([a_fill("t-1", D(4))])
    assert tracker.hear(filled("t-1"), 1.0).fills == ()
    assert len(tracker.hear(filled("t-2", 3), 1.0).fills) == 1
    assert OURS not in tracker.working


def test_what_was_booked_before_counts_for_how_much_is_filled() -> None:
    tracker = OrderTracker()
    tracker.restore([an_order().filled_to(D(4), -60.0)], {OURS: D(4)}, 0.0)
    tracker.remember([a_fill("t-1", D(4))])
    tracker.hear(filled("t-2", 6), 1.0)
    order = tracker.find(OURS)
    assert order is not None
    assert (order.status, order.filled_quantity) == (S.FILLED, D(10))


# Request ids.


@pytest.mark.parametrize("request_", list(Request))
def test_a_request_id_tells_what_was_asked_about_which_order(request_: Request) -> None:
    assert asked(request_id(request_, OURS)) == (request_, OURS)


@pytest.mark.parametrize("strange", ["", "c-1", "open/qw-1", "/"])
def test_a_reply_to_nothing_of_ours_is_about_nothing(strange: str) -> None:
    assert asked(strange) is None


# What is filled and not booked.


def test_what_is_filled_without_its_fill_is_at_stake_until_the_fill_comes() -> None:
    desk = an_open_desk()
    desk.hear(reported(E.WHOLLY_FILLED, 0))
    (missing,) = desk.tracker.unbooked()
    assert (missing.status, missing.remaining_quantity, missing.side) == (
        S.UNKNOWN,
        D(10),
        desk.order.side,
    )
    desk.hear(filled("t-1", 4))
    assert [order.remaining_quantity for order in desk.tracker.unbooked()] == [D(6)]
    desk.hear(filled("t-2", 6))
    assert desk.tracker.unbooked() == ()
