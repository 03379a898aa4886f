"""
The order tracker against a naive venue, with the news reordered, duplicated, delayed and lost.

Whatever way the news takes, the tracker never knows better than the venue, and once all of it has
come it knows the same.
"""

import enum
from decimal import Decimal

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)
from typing_extensions import override

from tests.trading.builders import STRATEGY, D, a_fill, a_report, an_order
from trading.decimals import ZERO
from trading.identifiers import ClientOrderId, VenueOrderId
from trading.messages import (
    AccountSessionLost,
    AccountSessionOpened,
    CancelRefused,
    FillReported,
    OpenOrdersListed,
    OrderNews,
    OrderNotFound,
    OrderProcessed,
    OrderReport,
    OrderReported,
    RequestAcknowledged,
    RequestRefused,
)
from trading.order_tracker import Heard, OrderTracker, Settling, cancel_request, place_request
from trading.orders import Fill, OrderEvent, OrderStatus

QUANTITY = D(10)


class Truth(enum.Enum):
    """What an order really is, at the venue."""

    UNDER_WAY = "under way"
    LOST = "never arrived"
    REFUSED = "refused"
    RESTING = "resting"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


ENDINGS = {
    OrderStatus.FILLED: {Truth.FILLED},
    OrderStatus.CANCELLED: {Truth.CANCELLED},
    OrderStatus.EXPIRED: {Truth.EXPIRED},
    OrderStatus.REJECTED: {Truth.REFUSED, Truth.LOST},
}
WORDS = {
    Truth.RESTING: OrderEvent.RESTING,
    Truth.FILLED: OrderEvent.WHOLLY_FILLED,
    Truth.CANCELLED: OrderEvent.CANCELLED,
    Truth.EXPIRED: OrderEvent.EXPIRED,
    Truth.REFUSED: OrderEvent.REJECTED,
}


@attrs.define
class VenueOrder:
    """One order as the venue keeps it."""

    order_id: ClientOrderId
    venue_order_id: VenueOrderId
    sent_at: float
    truth: Truth = Truth.UNDER_WAY
    filled: Decimal = ZERO
    fills: list[Fill] = attrs.Factory(list)

    def report(self, *, anonymous: bool = False) -> OrderReport:
        event = WORDS[self.truth]
        if self.truth is Truth.RESTING and self.filled:
            event = OrderEvent.PARTLY_FILLED
        return a_report(
            event,
            order_id=None if anonymous else self.order_id,
            venue_order_id=self.venue_order_id,
            quantity=QUANTITY,
            remaining=QUANTITY - self.filled,
        )


class TrackerModel(RuleBasedStateMachine):
    """Rules are what we do, what the venue does, and what the wire does to its news."""

    orders = Bundle("orders")
    wire = Bundle("wire")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.tracker = OrderTracker(Settling(answers=2, seconds=5.0))
        self.venue: list[VenueOrder] = []
        self.counted: list[Fill] = []
        self.executed: dict[ClientOrderId, Decimal] = {}
        self.ended: set[ClientOrderId] = set()

    def take(self, heard: Heard) -> None:
        self.counted += heard.fills
        assert len({order.client_order_id for order in heard.changed}) == len(heard.changed)

    # What we do.

    @initialize(target=orders)
    def place_the_first(self) -> VenueOrder:
        return self.placed()

    @rule(target=orders)
    def place(self) -> VenueOrder:
        return self.placed()

    def placed(self) -> VenueOrder:
        number = len(self.venue) + 1
        order = VenueOrder(
            ClientOrderId(f"qw-test-maker-abc-{number}"), VenueOrderId(f"v-{number}"), self.now
        )
        self.venue.append(order)
        self.executed[order.order_id] = ZERO
        self.tracker.expect(
            an_order(order.order_id, quantity=QUANTITY, created_at=self.now),
        )
        return order

    @rule(target=wire, order=orders)
    def cancel(self, order: VenueOrder) -> OrderNews:
        self.take(self.tracker.cancel_sent(order.order_id, self.now))
        return RequestAcknowledged(
            request_id=cancel_request(order.order_id),
            venue_order_id=None,
            client_order_id=order.order_id,
        )

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for order in self.venue:
            if order.truth is Truth.UNDER_WAY and self.now >= order.sent_at + 5.0:
                order.truth = Truth.LOST  # what arrives, arrives within the settling time
        self.take(self.tracker.mark_overdue(self.now, 2.0))

    # What the venue does.

    @rule(target=wire, order=orders, anonymous=st.booleans())
    def accept(self, order: VenueOrder, anonymous: bool) -> object:  # noqa: FBT001
        if order.truth is not Truth.UNDER_WAY:
            return multiple()
        order.truth = Truth.RESTING
        acknowledged = RequestAcknowledged(
            request_id=place_request(order.order_id),
            venue_order_id=order.venue_order_id,
            client_order_id=order.order_id,
        )
        processed = OrderProcessed(
            venue_order_id=order.venue_order_id,
            client_order_id=None if anonymous else order.order_id,
            success=True,
            reason="",
        )
        return multiple(acknowledged, processed)

    @rule(target=wire, order=orders, taken=st.booleans())
    def refuse(self, order: VenueOrder, taken: bool) -> object:  # noqa: FBT001
        if order.truth is not Truth.UNDER_WAY:
            return multiple()
        order.truth = Truth.REFUSED
        if not taken:
            return RequestRefused(request_id=place_request(order.order_id), reason="too fast")
        failed = OrderProcessed(
            venue_order_id=order.venue_order_id,
            client_order_id=order.order_id,
            success=False,
            reason="no funds",
        )
        return multiple(failed, OrderReported(order.report()))

    @rule(order=orders)
    def lose_on_the_way(self, order: VenueOrder) -> None:
        if order.truth is Truth.UNDER_WAY:
            order.truth = Truth.LOST

    @rule(target=wire, order=orders, quantity=st.sampled_from([1, 3, 10]), anonymous=st.booleans())
    def fill(self, order: VenueOrder, quantity: int, anonymous: bool) -> object:  # noqa: FBT001
        if order.truth is not Truth.RESTING:
            return multiple()
        fill = a_fill(
            f"t-{order.order_id}-{len(order.fills)}",
            min(D(quantity), QUANTITY - order.filled),
            order_id=None if anonymous else order.order_id,
            venue_order_id=order.venue_order_id,
        )
        order.fills.append(fill)
        order.filled += fill.quantity
        if order.filled == QUANTITY:
            order.truth = Truth.FILLED
        return multiple(FillReported(fill), OrderReported(order.report(anonymous=anonymous)))

    @rule(target=wire, order=orders, anonymous=st.booleans(), expired=st.booleans())
    def end(self, order: VenueOrder, anonymous: bool, expired: bool) -> object:  # noqa: FBT001
        if order.truth is not Truth.RESTING:
            return multiple()
        order.truth = Truth.EXPIRED if expired else Truth.CANCELLED
        return OrderReported(order.report(anonymous=anonymous))

    @rule(target=wire, order=orders, by_request=st.booleans())
    def refuse_cancel(self, order: VenueOrder, by_request: bool) -> OrderNews:  # noqa: FBT001
        if by_request:
            return RequestRefused(request_id=cancel_request(order.order_id), reason="too fast")
        return CancelRefused(order.venue_order_id, "no")

    @rule(target=wire)
    def list_open_orders(self) -> OrderNews:
        resting = (order for order in self.venue if order.truth is Truth.RESTING)
        return OpenOrdersListed(tuple(order.report() for order in resting))

    @rule(order=orders)
    def look_up(self, order: VenueOrder) -> None:
        """By REST: the truth of this moment."""
        if order.truth in WORDS:
            self.deliver(OrderReported(order.report()))
        else:
            self.deliver(OrderNotFound(order.order_id))

    # What the wire does: news that nobody takes off it is lost, or late for as long as it likes.

    @rule(news=consumes(wire))
    def deliver_once(self, news: OrderNews) -> None:
        self.deliver(news)

    @rule(news=wire)
    def deliver_and_keep(self, news: OrderNews) -> None:
        self.deliver(news)

    @rule(opened=st.booleans())
    def interrupt(self, opened: bool) -> None:  # noqa: FBT001
        self.deliver(AccountSessionOpened() if opened else AccountSessionLost())
        assert not any(
            order.status in {OrderStatus.PENDING, OrderStatus.CANCEL_PENDING}
            for order in self.tracker.working.values()
        )

    def deliver(self, news: OrderNews) -> None:
        self.take(self.tracker.hear(news, self.now))

    # What must always be true.

    @invariant()
    def an_order_ends_only_as_it_did_at_the_venue(self) -> None:
        for order in self.venue:
            known = self.tracker.find(order.order_id)
            assert known is not None
            assert (order.order_id in self.tracker.working) is not known.status.terminal
            if known.status.terminal:
                self.ended.add(order.order_id)
                assert order.truth in ENDINGS[known.status]
            assert known.status.terminal or order.order_id not in self.ended

    @invariant()
    def executed_quantity_grows_and_never_exceeds_the_venues(self) -> None:
        for order in self.venue:
            known = self.tracker.find(order.order_id)
            assert known is not None
            assert self.executed[order.order_id] <= known.filled_quantity <= order.filled
            self.executed[order.order_id] = known.filled_quantity

    @invariant()
    def each_fill_is_counted_once(self) -> None:
        assert len({fill.trade_id for fill in self.counted}) == len(self.counted)
        assert all(fill.client_order_id is not None for fill in self.counted)

    @invariant()
    def each_order_is_completed_once(self) -> None:
        known = [self.tracker.find(order.order_id) for order in self.venue]
        filled = sum(order is not None and order.status is OrderStatus.FILLED for order in known)
        assert self.tracker.completed_of(STRATEGY).buys == filled

    @override
    def teardown(self) -> None:
        """Read the venue's lists to the end: from here on both know the same."""
        for order in self.venue:
            for fill in order.fills:
                self.deliver(FillReported(attrs.evolve(fill, client_order_id=order.order_id)))
            if order.truth in WORDS:
                self.deliver(OrderReported(order.report()))
        for order in self.venue:
            known = self.tracker.find(order.order_id)
            assert known is not None
            assert known.filled_quantity == order.filled
            if order.truth in WORDS and order.truth is not Truth.RESTING:
                assert known.status.terminal
            if order.truth is Truth.RESTING:
                assert known.venue_order_id == order.venue_order_id
        self.an_order_ends_only_as_it_did_at_the_venue()
        self.each_order_is_completed_once()
        every_fill = [fill.trade_id for order in self.venue for fill in order.fills]
        assert sorted(fill.trade_id for fill in self.counted) == sorted(every_fill)


TrackerModel.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestTrackerAgainstANaiveVenue = TrackerModel.TestCase
