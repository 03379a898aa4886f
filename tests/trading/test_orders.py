"""The life of an order: the whole table, not some of it."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import D, an_order
from trading.core.decimals import ZERO
from trading.core.identifiers import VenueOrderId
from trading.orders.order import TRANSITIONS, Order, OrderEvent, OrderStatus, advance

S, E = OrderStatus, OrderEvent

EVIDENCE = {
    S.FILLED: {E.WHOLLY_FILLED},
    S.CANCELLED: {E.CANCELLED},
    S.REJECTED: {E.REJECTED},
    S.EXPIRED: {E.EXPIRED},
}
"""By which words of the venue a live order may end."""

LATE_UPGRADES = {
    # A fill that was on its way when the venue said the order was over.
    (S.CANCELLED, E.WHOLLY_FILLED): S.FILLED,
    (S.EXPIRED, E.WHOLLY_FILLED): S.FILLED,
    # An order that was given up, and turned up after all.
    (S.REJECTED, E.TURNED_UP): S.UNKNOWN,
    (S.REJECTED, E.WHOLLY_FILLED): S.FILLED,
    (S.REJECTED, E.CANCELLED): S.CANCELLED,
    (S.REJECTED, E.EXPIRED): S.EXPIRED,
}

LIVE = [status for status in S if not status.terminal]
ENDED = [status for status in S if status.terminal]

EXPECTED_OF_LIVE = {
    E.CANCEL_REFUSED: S.UNKNOWN,
    E.CANCEL_SENT: S.CANCEL_PENDING,
    E.ANSWER_OVERDUE: S.UNKNOWN,
    E.WHOLLY_FILLED: S.FILLED,
    E.CANCELLED: S.CANCELLED,
    E.REJECTED: S.REJECTED,
    E.EXPIRED: S.EXPIRED,
}


def test_the_table_has_every_status_and_every_event() -> None:
    assert set(TRANSITIONS) == set(S)
    assert all(set(row) == set(E) for row in TRANSITIONS.values())


@pytest.mark.parametrize(("status", "event"), list(product(S, E)))
def test_every_status_takes_every_event(status: OrderStatus, event: OrderEvent) -> None:
    assert advance(status, event) is TRANSITIONS[status][event]


def test_four_statuses_are_terminal() -> None:
    assert set(ENDED) == {S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED}


@pytest.mark.parametrize(("status", "event"), list(product(ENDED, E)))
def test_a_terminal_status_stays_except_for_what_comes_late(
    status: OrderStatus, event: OrderEvent
) -> None:
    stays = LATE_UPGRADES.get((status, event), status)
    assert advance(status, event) is stays


@pytest.mark.parametrize(("status", "event"), list(product(LIVE, E)))
def test_a_live_order_ends_only_by_the_venues_evidence(
    status: OrderStatus, event: OrderEvent
) -> None:
    after = advance(status, event)
    assert event in EVIDENCE.get(after, E)


@pytest.mark.parametrize(("status", "event"), list(product(LIVE, EXPECTED_OF_LIVE)))
def test_these_events_lead_from_every_live_status_to_the_same(
    status: OrderStatus, event: OrderEvent
) -> None:
    assert advance(status, event) is EXPECTED_OF_LIVE[event]


@pytest.mark.parametrize(
    ("status", "resting", "partly_filled"),
    [
        (S.PENDING, S.OPEN, S.PARTIALLY_FILLED),
        (S.OPEN, S.OPEN, S.PARTIALLY_FILLED),
        (S.PARTIALLY_FILLED, S.PARTIALLY_FILLED, S.PARTIALLY_FILLED),
        (S.UNKNOWN, S.OPEN, S.PARTIALLY_FILLED),
        (S.CANCEL_PENDING, S.CANCEL_PENDING, S.CANCEL_PENDING),
    ],
)
def test_a_sign_of_life_keeps_an_order_live_and_a_cancel_pending(
    status: OrderStatus, resting: OrderStatus, partly_filled: OrderStatus
) -> None:
    assert advance(status, E.RESTING) is resting
    assert advance(status, E.PARTLY_FILLED) is partly_filled


@pytest.mark.parametrize("event", [E.CANCEL_SENT, E.ANSWER_OVERDUE, E.CANCEL_REFUSED])
@pytest.mark.parametrize("status", S)
def test_what_only_we_know_ends_no_order(status: OrderStatus, event: OrderEvent) -> None:
    assert advance(status, event).terminal == status.terminal


def test_the_time_and_the_reason_of_a_change_are_kept() -> None:
    order = an_order().after(E.ANSWER_OVERDUE, 3.5, reason="late")
    assert (order.status, order.changed_at, order.reason) == (S.UNKNOWN, 3.5, "late")
    assert order.after(E.CANCELLED, 4.0).reason == "late"
    assert order.after(E.REJECTED, 4.0, reason="no funds").reason == "no funds"


def test_an_order_keeps_the_first_name_that_the_venue_gave_it() -> None:
    order = an_order().identified(VenueOrderId("v-1"))
    assert order.identified(VenueOrderId("v-2")).venue_order_id == "v-1"


# Executed quantity.

quantities = st.decimals(0, 30, places=3)


@given(st.lists(quantities), st.sampled_from(list(S)))
def test_the_filled_quantity_only_grows(reports: list[Decimal], status: OrderStatus) -> None:
    order = an_order(quantity=D(20), status=status)
    for at, report in enumerate(reports):
        after = order.filled_to(report, float(at))
        assert after.filled_quantity == max(order.filled_quantity, report)
        assert after.remaining_quantity == max(ZERO, D(20) - after.filled_quantity)
        order = after


@given(st.lists(quantities), st.sampled_from(LIVE))
def test_an_order_is_filled_exactly_when_all_of_it_is_executed(
    reports: list[Decimal], status: OrderStatus
) -> None:
    order = an_order(quantity=D(20), status=status)
    for report in reports:
        order = order.filled_to(report, 1.0)
    assert (order.status is S.FILLED) == (order.filled_quantity >= D(20))
    assert not order.status.terminal or order.status is S.FILLED


@pytest.mark.parametrize("late", [ZERO, D(3), D(4)])
def test_a_lower_or_equal_figure_is_late_news(late: Decimal) -> None:
    order = an_order(status=S.PARTIALLY_FILLED, filled_quantity=D(4))
    assert order.filled_to(late, 9.0) is order


def an_ended(status: OrderStatus, *filled: Decimal) -> Order:
    order = an_order(status=status)
    for quantity in filled:
        order = order.filled_to(quantity, 1.0)
    return order


@pytest.mark.parametrize(
    ("status", "filled", "after"),
    [
        (S.CANCELLED, (D(3),), S.CANCELLED),
        (S.CANCELLED, (D(3), D(10)), S.FILLED),
        (S.EXPIRED, (D(10),), S.FILLED),
        (S.REJECTED, (D(10),), S.FILLED),
        (S.FILLED, (D(12),), S.FILLED),
    ],
)
def test_a_late_fill_is_counted_on_an_order_that_has_ended(
    status: OrderStatus, filled: tuple[Decimal, ...], after: OrderStatus
) -> None:
    order = an_ended(status, *filled)
    assert order.status is after
    assert order.filled_quantity == filled[-1]
