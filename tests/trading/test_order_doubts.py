"""What is in doubt, for how long, and how it ended."""

from msgspec.structs import replace

from tests.support.builders import an_order
from trading.core.identifiers import StrategyName, VenueOrderId
from trading.gateway.tracker import OrderTracker
from trading.messages.account import OrderNotFound, OrderProcessed
from trading.orders.order import OrderStatus

ORDER = replace(an_order(), created_at=0.0, changed_at=0.0)
NAME = ORDER.client_order_id
OPENED = OrderProcessed(
    client_order_id=NAME, venue_order_id=VenueOrderId("v1"), success=True, reason=""
)


def sent() -> OrderTracker:
    tracker = OrderTracker()
    tracker.expect(ORDER, waits=True)
    tracker.leaving(NAME, 0.0)
    return tracker


def test_an_order_is_in_doubt_from_the_moment_its_answer_is_overdue() -> None:
    tracker = sent()
    assert tracker.doubts_of(ORDER.strategy) == ()
    tracker.mark_overdue(2.0, 2.0)
    [doubt] = tracker.doubts_of(ORDER.strategy)
    assert (doubt.order_id, doubt.since, doubt.until) == (NAME, 2.0, None)
    assert doubt.reason == "no outcome within 2 s"
    assert (doubt.disbelief.denials, doubt.disbelief.counts_from) == (0, 5.0)
    assert not doubt.disbelief.seen_alive
    assert tracker.doubts_of(StrategyName("another")) == ()


def test_a_cancel_under_way_is_no_end_of_it_and_denials_count() -> None:
    tracker = sent()
    tracker.mark_overdue(2.0, 2.0)
    tracker.cancel_sent(NAME, 3.0)
    tracker.hear(OrderNotFound(NAME), 4.0)
    tracker.hear(OrderNotFound(NAME), 6.0)
    [doubt] = tracker.doubts_of(ORDER.strategy)
    assert (doubt.since, doubt.disbelief.denials) == (2.0, 1), "the first came too early"


def test_what_was_given_up_after_long_is_remembered_with_its_outcome() -> None:
    tracker = sent()
    tracker.mark_overdue(2.0, 2.0)
    for at in (6.0, 6.5, 7.0):
        tracker.hear(OrderNotFound(NAME), at)
    [doubt] = tracker.doubts_of(ORDER.strategy)
    assert doubt.until == 7.0
    assert doubt.outcome == "rejected: the venue does not know it, asked 3 times"


def test_a_short_doubt_is_forgotten_and_one_that_was_alive_says_so() -> None:
    tracker = sent()
    tracker.hear(OPENED, 0.5)
    tracker.in_doubt(NAME, 1.0, "lost")
    [doubt] = tracker.doubts_of(ORDER.strategy)
    assert doubt.disbelief.seen_alive
    tracker.hear(OPENED, 2.0)
    assert tracker.working[NAME].status is OrderStatus.OPEN
    assert tracker.doubts_of(ORDER.strategy) == ()
