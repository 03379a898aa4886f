"""What the tracker makes of the venue's news, in whatever order: one scenario each."""

import pytest

from tests.support.counting import lines_of
from tests.trading.builders import OURS, STRATEGY, TEN, THEIRS, D, a_fill, a_report, an_order
from tests.trading.desk import (
    CANCEL,
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
from trading.core.identifiers import ClientOrderId, VenueOrderId
from trading.messages.account import (
    AnswerUnclear,
    CancelRefused,
    FillReported,
    OpenOrdersListed,
    OrderNews,
    OrderNotFound,
    OrderReported,
    RequestRefused,
)
from trading.orders.completed import CompletedOrders
from trading.orders.evidence import Heard
from trading.orders.order import OrderStatus

# Placing.


def test_an_acknowledgement_is_not_an_outcome() -> None:
    desk = Desk()
    heard = desk.hear(acknowledged(PLACE))
    assert desk.status() is S.PENDING
    assert desk.order.venue_order_id == THEIRS
    assert heard == Heard()


def test_the_engines_yes_makes_an_order_open_and_its_no_ends_it() -> None:
    desk = Desk()
    desk.hear(processed(success=True), now=2.0)
    assert (desk.status(), desk.order.changed_at) == (S.OPEN, 2.0)
    refused = Desk()
    heard = refused.hear(processed(success=False))
    assert (refused.status(), refused.order.reason) == (S.REJECTED, "why")
    assert heard.changed == (refused.order,)


@pytest.mark.parametrize("rate_limited", [True, False])
def test_a_placement_that_was_refused_did_not_happen(rate_limited: bool) -> None:  # noqa: FBT001
    desk = Desk()
    desk.hear(RequestRefused(request_id=PLACE, reason="slow down", rate_limited=rate_limited))
    assert (desk.status(), desk.order.reason) == (S.REJECTED, "slow down")


def test_a_placement_that_never_left_did_not_happen() -> None:
    desk = Desk()
    desk.tracker.never_left(OURS, 2.0, "not sent")
    assert (desk.status(), desk.order.reason) == (S.REJECTED, "not sent")


def test_an_order_that_failed_has_executed_nothing_whatever_its_report_says_remains() -> None:
    desk = Desk()
    desk.hear(reported(E.REJECTED, remaining=0))
    assert (desk.status(), desk.order.filled_quantity) == (S.REJECTED, ZERO)
    assert desk.tracker.completed_of(STRATEGY) == CompletedOrders()


def test_a_client_order_id_is_never_used_twice() -> None:
    desk = Desk()
    with pytest.raises(AssertionError, match="used twice"):
        desk.tracker.expect(an_order())


def test_an_answer_without_our_request_id_is_known_by_the_order_it_names() -> None:
    desk = Desk()
    desk.hear(acknowledged(""))
    assert desk.order.venue_order_id == THEIRS


# Any order of news.


def test_a_fill_may_come_before_the_acknowledgement() -> None:
    desk = Desk()
    heard = desk.hear(filled())
    assert desk.status() is S.FILLED
    assert [fill.trade_id for fill in heard.fills] == ["t-1"]
    desk.hear(acknowledged(PLACE), processed(success=True), reported(E.RESTING))
    assert desk.status() is S.FILLED


@pytest.mark.parametrize(
    ("orphan", "status", "executed"),
    [
        (reported(E.CANCELLED, remaining=7, anonymous=True), S.CANCELLED, 3),
        (reported(E.WHOLLY_FILLED, remaining=0, anonymous=True), S.FILLED, 10),
        (reported(E.PARTLY_FILLED, remaining=6, anonymous=True), S.PARTIALLY_FILLED, 4),
        (processed(success=False, order_id=None), S.REJECTED, 0),
        (filled(quantity=4, anonymous=True), S.PARTIALLY_FILLED, 4),
        (CancelRefused(THEIRS, "no"), S.UNKNOWN, 0),
    ],
)
def test_news_by_the_venues_name_alone_is_applied_once_the_name_is_known(
    orphan: OrderNews, status: OrderStatus, executed: int
) -> None:
    desk = Desk()
    assert desk.hear(orphan) == Heard()
    assert desk.status() is S.PENDING
    heard = desk.hear(acknowledged(PLACE))
    assert (desk.status(), desk.order.filled_quantity) == (status, D(executed))
    assert heard.changed == (desk.order,)
    assert len(heard.fills) == isinstance(orphan, FillReported)


def test_an_orphaned_fill_is_counted_once_and_by_our_name() -> None:
    desk = Desk()
    desk.hear(filled(quantity=4, anonymous=True), filled(quantity=4, anonymous=True))
    heard = desk.hear(acknowledged(PLACE))
    assert [(fill.client_order_id, fill.quantity) for fill in heard.fills] == [(OURS, D(4))]
    assert desk.hear(acknowledged(PLACE)) == Heard()


def test_news_about_an_order_that_is_not_ours_changes_nothing() -> None:
    desk = Desk()
    foreign = VenueOrderId("v-9")
    report = a_report(E.CANCELLED, order_id=ClientOrderId("x"), venue_order_id=foreign)
    fill = a_fill(order_id=None, venue_order_id=foreign)
    assert desk.hear(OrderReported(report), FillReported(fill)) == Heard()
    assert desk.hear(RequestRefused(request_id="place/nobody", reason="no")) == Heard()
    assert desk.hear(OrderNotFound(ClientOrderId("x"))) == Heard()
    assert desk.status() is S.PENDING


def test_a_busy_stranger_on_the_account_does_not_make_us_slow() -> None:
    desk = Desk()

    def next_fills(first: int, count: int) -> int:
        """The lines that news of so many foreign fills takes."""
        fills = [
            a_fill(f"x-{number}", order_id=None, venue_order_id=VenueOrderId(f"x-{number}"))
            for number in range(first, first + count)
        ]
        return lines_of(lambda: desk.hear(*map(FillReported, fills)))

    few = next_fills(0, 200)
    next_fills(200, 6_000)
    # Looking through a thousand orphans at each piece of news would take a hundred times as many.
    assert next_fills(6_200, 200) < 2 * few


def test_an_unknown_status_makes_an_order_unknown_and_what_was_executed_counts() -> None:
    desk = an_open_desk()
    desk.hear(reported(None, remaining=8))
    assert (desk.status(), desk.order.filled_quantity) == (S.UNKNOWN, D(2))
    desk.hear(reported(E.RESTING, remaining=8), reported(None, remaining=10))
    assert (desk.status(), desk.order.filled_quantity) == (S.UNKNOWN, D(2))


def test_an_unknown_status_in_a_list_of_open_orders_changes_nothing() -> None:
    desk = an_open_desk()
    desk.hear(OpenOrdersListed((a_report(None),)))
    assert desk.status() is S.OPEN


def test_an_unknown_status_ends_nothing_and_revives_nothing() -> None:
    desk = an_open_desk()
    desk.hear(reported(E.CANCELLED), reported(None))
    assert desk.status() is S.CANCELLED


# Cancelling.


def test_a_cancel_that_was_acknowledged_is_not_a_cancellation() -> None:
    desk = an_open_desk()
    desk.tracker.cancel_sent(OURS, 2.0)
    desk.hear(acknowledged(CANCEL), acknowledged(CANCEL, None))
    assert desk.status() is S.CANCEL_PENDING
    desk.hear(reported(E.CANCELLED))
    assert desk.status() is S.CANCELLED


def test_a_stale_list_after_a_cancel_does_not_reopen_the_order() -> None:
    desk = an_open_desk()
    desk.tracker.cancel_sent(OURS, 2.0)
    desk.hear(listed())
    assert desk.status() is S.CANCEL_PENDING
    desk.hear(reported(E.CANCELLED), listed(), processed(success=True))
    assert desk.status() is S.CANCELLED


def test_absence_from_a_list_changes_nothing() -> None:
    desk = an_open_desk()
    assert desk.hear(OpenOrdersListed(())) == Heard()
    assert desk.status() is S.OPEN
    desk.tracker.cancel_sent(OURS, 2.0)
    assert desk.hear(OpenOrdersListed(())) == Heard()
    assert desk.status() is S.CANCEL_PENDING


def test_an_order_whose_placement_has_an_unclear_answer_is_unknown() -> None:
    desk = Desk()
    desk.hear(AnswerUnclear(request_id=PLACE, reason="no name"))
    assert desk.status() is S.UNKNOWN
    desk.hear(reported(E.RESTING))
    assert desk.status() is S.OPEN


@pytest.mark.parametrize(
    "refusal",
    [
        CancelRefused(THEIRS, "no"),
        RequestRefused(request_id=CANCEL, reason="no"),
        RequestRefused(request_id=CANCEL, reason="no", rate_limited=True),
    ],
)
def test_a_refused_cancel_leaves_the_order_unknown(refusal: OrderNews) -> None:
    desk = an_open_desk()
    desk.tracker.cancel_sent(OURS, 2.0)
    desk.hear(refusal)
    assert (desk.status(), desk.order.reason) == (S.UNKNOWN, "no")
    assert desk.tracker.unknown() == (desk.order,)


def test_a_race_of_cancel_and_fill_ends_filled_with_the_fill_counted_once() -> None:
    desk = an_open_desk()
    desk.tracker.cancel_sent(OURS, 2.0)
    first = desk.hear(filled("t-1", 4))
    assert desk.status() is S.CANCEL_PENDING
    second = desk.hear(CancelRefused(THEIRS, "already filled"), filled("t-2", 6))
    again = desk.hear(filled("t-1", 4), filled("t-2", 6), reported(E.WHOLLY_FILLED, 0))
    assert desk.status() is S.FILLED
    assert desk.order.filled_quantity == TEN
    assert [len(heard.fills) for heard in (first, second, again)] == [1, 1, 0]
    assert desk.tracker.completed_of(STRATEGY).buys == 1


def test_a_fill_that_was_overtaken_by_its_cancellation_is_counted() -> None:
    desk = an_open_desk()
    desk.hear(reported(E.CANCELLED, remaining=10))
    heard = desk.hear(filled("t-1", 4))
    assert (desk.status(), desk.order.filled_quantity) == (S.CANCELLED, D(4))
    assert len(heard.fills) == 1
    desk.hear(filled("t-2", 6))
    assert desk.status() is S.FILLED
    assert desk.tracker.completed_of(STRATEGY).buys == 1
