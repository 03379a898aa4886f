"""News that waits for a name costs nobody else anything, and does not wait for ever."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.counting import lines_of
from tests.trading.builders import a_fill, an_order
from trading.core.identifiers import ClientOrderId, VenueOrderId
from trading.gateway.orphans import Orphans
from trading.gateway.tracker import OrderTracker
from trading.messages.account import FillReported, RequestAcknowledged
from trading.orders.request_ids import Request, request_id


def foreign(number: int, *, order: str | None = None) -> FillReported:
    """A fill of an order that nobody here has sent."""
    name = VenueOrderId(order or f"x-{number}")
    return FillReported(a_fill(f"t-{number}", order_id=None, venue_order_id=name))


def test_an_acknowledgement_takes_as_long_however_much_foreign_news_waits() -> None:
    def acknowledged_beside(strangers: int) -> int:
        tracker, order_id = OrderTracker(), ClientOrderId("qw-test-maker-1-1")
        for number in range(strangers):
            tracker.hear(foreign(number), 0.0)
        tracker.expect(an_order(order_id))
        news = RequestAcknowledged(
            request_id=request_id(Request.PLACE, order_id),
            venue_order_id=VenueOrderId("v-1"),
            client_order_id=None,
        )
        return lines_of(lambda: tracker.hear(news, 0.0))

    assert acknowledged_beside(1000) == acknowledged_beside(1)


def test_a_list_that_is_read_again_and_again_pushes_nothing_else_out() -> None:
    tracker, order_id = OrderTracker(), ClientOrderId("qw-test-maker-1-1")
    tracker.hear(foreign(0, order="v-1"), 0.0)  # comes before its order's name does
    for _ in range(20):
        for number in range(1, 101):
            tracker.hear(foreign(number), 0.0)
    tracker.expect(an_order(order_id))
    heard = tracker.hear(
        RequestAcknowledged(
            request_id=request_id(Request.PLACE, order_id),
            venue_order_id=VenueOrderId("v-1"),
            client_order_id=None,
        ),
        0.0,
    )
    assert [fill.client_order_id for fill in heard.fills] == [order_id]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.booleans()), max_size=60))
def test_no_more_waits_than_may_and_what_is_claimed_is_its_own(
    steps: list[tuple[str, int, bool]],
) -> None:
    orphans = Orphans(4)
    for order, number, claim in steps:
        if claim:
            claimed = orphans.claim(VenueOrderId(order))
            assert all(
                isinstance(news, FillReported) and news.fill.venue_order_id == order
                for news in claimed
            )
            assert len(set(claimed)) == len(claimed)
            assert orphans.claim(VenueOrderId(order)) == ()
        else:
            orphans.keep(VenueOrderId(order), foreign(number, order=order))
        assert len(orphans) <= 4
    left = [news for order in "abc" for news in orphans.claim(VenueOrderId(order))]
    assert len(orphans) == 0
    assert len(left) == len(set(left))
