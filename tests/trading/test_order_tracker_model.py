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
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)
from typing_extensions import override

from tests.trading.builders import STRATEGY, D, a_fill, a_report, an_order
from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId, VenueOrderId
from trading.gateway.tracker import OrderTracker
from trading.messages.account import (
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
from trading.orders.evidence import Heard, NotFoundPolicy
from trading.orders.order import Fill, OrderEvent, OrderStatus
from trading.orders.request_ids import Request, request_id

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


choices = st.integers(0, 1_000)


class TrackerModel(RuleBasedStateMachine):
    """Rules are what we do, what the venue does, and what the wire does to its news."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.tracker = OrderTracker(NotFoundPolicy(answers=2, seconds=5.0))
        self.venue: list[VenueOrder] = []
        self.wire: list[OrderNews] = []
        self.said: list[OrderNews] = []
        self.counted: list[Fill] = []
        self.executed: dict[ClientOrderId, Decimal] = {}
        self.ended: set[ClientOrderId] = set()

    def those(self, truth: Truth) -> list[VenueOrder]:
        return [order for order in self.venue if order.truth is truth]

    def take(self, heard: Heard) -> None:
        self.counted += heard.fills
        assert len({order.client_order_id for order in heard.changed}) == len(heard.changed)

    def say(self, *news: OrderNews) -> None:
        self.wire += news
        self.said += news

    def deliver(self, news: OrderNews) -> None:
        self.take(self.tracker.hear(news, self.now))

    # What we do.

    @rule(arrives=st.booleans(), anonymous=st.booleans())
    def place(self, arrives: bool, anonymous: bool) -> None:  # noqa: FBT001
        number = len(self.venue) + 1
        order = VenueOrder(
            ClientOrderId(f"qw-test-maker-abc-{number}"), VenueOrderId(f"v-{number}"), self.now
        )
        self.venue.append(order)
        self.executed[order.order_id] = ZERO
        self.tracker.expect(an_order(order.order_id, quantity=QUANTITY, created_at=self.now))
        if arrives:
            self.accept(order, anonymous=anonymous)

    @precondition(lambda self: self.venue)
    @rule(which=choices)
    def cancel(self, which: int) -> None:
        order = self.venue[which % len(self.venue)]
        self.take(self.tracker.cancel_sent(order.order_id, self.now))
        acknowledged = RequestAcknowledged(
            request_id=request_id(Request.CANCEL, order.order_id),
            venue_order_id=None,
            client_order_id=order.order_id,
        )
        self.say(acknowledged)

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for order in self.those(Truth.UNDER_WAY):
            if self.now >= order.sent_at + 5.0:
                order.truth = Truth.LOST  # what arrives, arrives within the settling time
        self.take(self.tracker.mark_overdue(self.now, 2.0))

    # What the venue does.

    def accept(self, order: VenueOrder, *, anonymous: bool) -> None:
        order.truth = Truth.RESTING
        acknowledged = RequestAcknowledged(
            request_id=request_id(Request.PLACE, order.order_id),
            venue_order_id=order.venue_order_id,
            client_order_id=order.order_id,
        )
        processed = OrderProcessed(
            venue_order_id=order.venue_order_id,
            client_order_id=None if anonymous else order.order_id,
            success=True,
            reason="",
        )
        self.say(acknowledged, processed)

    @precondition(lambda self: self.those(Truth.UNDER_WAY))
    @rule(which=choices, fate=st.sampled_from(["late", "failed", "reported", "too fast"]))
    def decide(self, which: int, fate: str) -> None:
        under_way = self.those(Truth.UNDER_WAY)
        order = under_way[which % len(under_way)]
        if fate == "late":
            self.accept(order, anonymous=True)
            return
        order.truth = Truth.REFUSED
        if fate == "too fast":
            place = request_id(Request.PLACE, order.order_id)
            self.say(RequestRefused(request_id=place, reason="too fast"))
            return
        failed = OrderProcessed(
            venue_order_id=order.venue_order_id,
            client_order_id=order.order_id,
            success=False,
            reason="no funds",
        )
        self.say(failed if fate == "failed" else OrderReported(order.report()))

    @precondition(lambda self: self.those(Truth.RESTING))
    @rule(which=choices, quantity=st.sampled_from([1, 4, 10]), anonymous=st.booleans())
    def fill(self, which: int, quantity: int, anonymous: bool) -> None:  # noqa: FBT001
        resting = self.those(Truth.RESTING)
        order = resting[which % len(resting)]
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
        self.say(FillReported(fill), OrderReported(order.report(anonymous=anonymous)))

    @precondition(lambda self: self.those(Truth.RESTING))
    @rule(which=choices, anonymous=st.booleans(), expired=st.booleans())
    def end(self, which: int, anonymous: bool, expired: bool) -> None:  # noqa: FBT001
        resting = self.those(Truth.RESTING)
        order = resting[which % len(resting)]
        order.truth = Truth.EXPIRED if expired else Truth.CANCELLED
        self.say(OrderReported(order.report(anonymous=anonymous)))

    @precondition(lambda self: self.venue)
    @rule(which=choices, by_request=st.booleans())
    def refuse_cancel(self, which: int, by_request: bool) -> None:  # noqa: FBT001
        order = self.venue[which % len(self.venue)]
        self.say(
            RequestRefused(request_id=request_id(Request.CANCEL, order.order_id), reason="too fast")
            if by_request
            else CancelRefused(order.venue_order_id, "no")
        )

    @rule()
    def list_open_orders(self) -> None:
        reports = tuple(order.report() for order in self.those(Truth.RESTING))
        self.say(OpenOrdersListed(reports))

    # What the wire does: news that nobody takes off it is lost, or late for as long as it likes.

    @precondition(lambda self: self.wire)
    @rule(taken=st.lists(st.tuples(choices, st.booleans()), min_size=1, max_size=4))
    def arrive(self, taken: list[tuple[int, bool]]) -> None:
        for which, again in taken:
            if self.wire:
                place = which % len(self.wire)
                self.deliver(self.wire[place] if again else self.wire.pop(place))

    @precondition(lambda self: self.venue)
    @rule(which=choices, times=st.integers(1, 3))
    def look_up(self, which: int, times: int) -> None:
        """By REST: the truth of this moment."""
        order = self.venue[which % len(self.venue)]
        for _ in range(times):
            if order.truth in WORDS:
                self.deliver(OrderReported(order.report()))
            else:
                self.deliver(OrderNotFound(order.order_id))

    @precondition(lambda self: self.those(Truth.RESTING))
    @rule(which=choices, times=st.integers(1, 3))
    def forget(self, which: int, times: int) -> None:
        """By REST: a replica that does not know an order which has been heard of."""
        resting = self.those(Truth.RESTING)
        order = resting[which % len(resting)]
        known = self.tracker.find(order.order_id)
        assert known is not None
        if known.filled_quantity or known.status is OrderStatus.OPEN:
            self.take(self.tracker.cancel_sent(order.order_id, self.now))
            self.interrupt(opened=False)
            self.now += 5.0
            self.wait(0.1)
            for _ in range(times):
                self.deliver(OrderNotFound(order.order_id))

    @rule(opened=st.booleans())
    def interrupt(self, opened: bool) -> None:  # noqa: FBT001
        self.deliver(AccountSessionOpened() if opened else AccountSessionLost())
        assert not any(
            order.status in {OrderStatus.PENDING, OrderStatus.CANCEL_PENDING}
            for order in self.tracker.working.values()
        )

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
        """First every fill comes, then all that was ever said, last things first."""
        every_fill = [fill for order in self.venue for fill in order.fills]
        for fill in every_fill:
            order_id = next(o.order_id for o in self.venue if fill in o.fills)
            self.deliver(FillReported(attrs.evolve(fill, client_order_id=order_id)))
        for order in self.venue:
            known = self.tracker.find(order.order_id)
            assert known is not None
            assert known.filled_quantity == order.filled
            assert (known.status is OrderStatus.FILLED) is (order.truth is Truth.FILLED)
        for news in reversed(self.said):
            self.deliver(news)
        for order in self.venue:
            known = self.tracker.find(order.order_id)
            assert known is not None
            if order.truth is Truth.RESTING:
                assert known.venue_order_id == order.venue_order_id
            elif order.truth in WORDS:
                assert known.status.terminal
        self.an_order_ends_only_as_it_did_at_the_venue()
        self.each_order_is_completed_once()
        counted = sorted(fill.trade_id for fill in self.counted)
        assert counted == sorted(fill.trade_id for fill in every_fill)


TrackerModel.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestTrackerAgainstANaiveVenue = TrackerModel.TestCase
