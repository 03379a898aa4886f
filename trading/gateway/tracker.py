"""
The order tracker: all orders of ours, folded from the venue's news in any order of arrival.

News about an order may come before its acknowledgement, twice, late, or by its venue order id
alone. Fills are counted once, also under two names. No outcome is assumed that the venue has not
reported.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal

import attrs
from msgspec.structs import replace

from trading.core.identifiers import ClientOrderId, StrategyName, TradeId, VenueOrderId
from trading.gateway.answer_deadlines import AnswerDeadlines
from trading.gateway.fill_count import FillCount, FillSource
from trading.gateway.orphans import Orphans
from trading.messages.account import (
    AnswerUnclear,
    BatchAnswered,
    CancelRefused,
    FillReported,
    OpenOrdersListed,
    OrderAmended,
    OrderFailed,
    OrderNews,
    OrderNotFound,
    OrderProcessed,
    OrderReport,
    OrderReported,
    RequestAcknowledged,
    RequestRefused,
)
from trading.orders.completed import CompletedOrders
from trading.orders.doubts import Doubt, OrderDoubts
from trading.orders.evidence import NOTHING, Disbelief, Heard, NotFoundPolicy, Renamed
from trading.orders.order import Fill, Order, OrderEvent, OrderStatus, advance
from trading.orders.request_ids import Request, asked
from trading.risk import OpenOrders

_REMEMBERED_MAX = 20_000
"""Ended orders kept for late news; hours of them at a busy pair."""

_ORPHANS_MAX = 1_000
"""Pieces of news about orders that have no name yet; foreign ones never get one."""


class OrderTracker:
    """
    Every order sent, by our id and by the venue's.

    Args:
        settling: When an order the venue does not know is given up.
    """

    def __init__(self, settling: NotFoundPolicy = NotFoundPolicy()) -> None:  # a frozen value
        self._orders: dict[ClientOrderId, Order] = {}
        self._working = OpenOrders()
        self._due: dict[ClientOrderId, float] = {}
        self._unknown: dict[ClientOrderId, None] = {}
        self._listed: dict[VenueOrderId, tuple[OrderReport, Order]] = {}
        self._by_venue_id: dict[VenueOrderId, ClientOrderId] = {}
        self._orphans = Orphans(_ORPHANS_MAX)
        self._named: list[VenueOrderId] = []
        self._fill_count = FillCount()
        self._silence = AnswerDeadlines(settling)
        self._seen_alive: set[ClientOrderId] = set()
        self._doubts = OrderDoubts(self._disbelief)
        self._completed: dict[StrategyName, CompletedOrders] = {}
        self._now = 0.0
        self._changed: dict[ClientOrderId, Order] = {}
        self._fills: list[Fill] = []
        self._renamed: list[Renamed] = []
        self._revived: dict[ClientOrderId, Order] = {}

    # Looking.

    @property
    def working(self) -> OpenOrders:
        """Orders that are not terminal, oldest first; UNKNOWN ones are among them."""
        return self._working

    def working_of(self, strategy: StrategyName) -> tuple[Order, ...]:
        return self._working.of_strategy(strategy)

    def completed_of(self, strategy: StrategyName) -> CompletedOrders:
        return self._completed.get(strategy, CompletedOrders())

    def waits(self, order_id: ClientOrderId) -> bool:
        """Whether an order is still to leave: there is nothing to be cancelled at the venue."""
        order = self._working.get(order_id)
        return order is not None and self._silence.has_to_wait(order)

    def find(self, order_id: ClientOrderId) -> Order | None:
        """An order that is working or has ended lately."""
        return self._orders.get(order_id)

    def unknown(self) -> tuple[Order, ...]:
        return tuple(self._working[order_id] for order_id in self._unknown)

    def doubts_of(self, strategy: StrategyName) -> tuple[Doubt, ...]:
        """A strategy's orders in doubt, and those that were for long."""
        return self._doubts.of(strategy)

    def given_up(self, now: float) -> tuple[Order, ...]:
        """Orders that ended because the venue did not know them, and may still turn up."""
        orders = (self._orders[order_id] for order_id in self._silence.given_up(now))
        return tuple(order for order in orders if order.status is OrderStatus.REJECTED)

    def overdue_at(self, answer_deadline_s: float) -> float | None:
        """Monotonic seconds at which the next answer becomes overdue."""
        return min(self._due.values()) + answer_deadline_s if self._due else None

    def unbooked(self) -> tuple[Order, ...]:
        """
        Filled quantities whose fills are missing, as orders in doubt.

        Neither an open order nor a balance shows them, so they are counted here.
        """
        return tuple(self._fill_count.unbooked(self._orders[i]) for i in self._fill_count.short)

    def identifies(self, fill: Fill) -> bool:
        """Whether a fill is known to be of one of our orders."""
        return fill.client_order_id in self._orders or fill.venue_order_id in self._by_venue_id

    def named(self, name: str) -> Order | None:
        """The order with an id, ours or the venue's; ``None`` for any other text."""
        order_id = self._by_venue_id.get(VenueOrderId(name), ClientOrderId(name))
        return self._orders.get(order_id)

    def counted(self, trade_id: TradeId) -> bool:
        """Whether a fill is counted."""
        return self._fill_count.knows(trade_id)

    # What we do.

    def restore(
        self,
        orders: Iterable[Order],
        booked: Mapping[ClientOrderId, Decimal],
        now: float,
        short: Collection[ClientOrderId] = (),
    ) -> Heard:
        """
        Take up orders of a former life.

        What had not ended is in doubt: it may have changed since. What was sent at the end of that
        life may still be on its way.

        Args:
            orders: Oldest first; ended ones so that late fills find them.
            booked: What is booked of each order's fills.
            short: Those that are filled by more than that.
        """
        self._fill_count.restore(booked)

        def take() -> None:
            for order in orders:
                order_id = order.client_order_id
                self._orders[order_id] = order
                if order.venue_order_id is not None:
                    self._by_venue_id[order.venue_order_id] = order_id
                self._silence.remember(order)
                if order_id in short:
                    self._fill_count.compare(order)
                if not order.status.terminal:
                    self._work(order)
                    self._silence.settles_from(order_id, now)
                    reason = "of a former life: the venue is asked"
                    self._advance(order_id, OrderEvent.ANSWER_OVERDUE, reason=reason)

        return self._fold(now, take)

    def remember(self, fills: Iterable[Fill]) -> None:
        """Fills that were booked elsewhere."""
        self._fill_count.remember(fills)

    def expect(self, order: Order, *, waits: bool = False) -> None:
        """
        Add an order that is about to leave.

        Args:
            waits: It has to wait for its turn: an answer is due once ``leaving`` was told.
        """
        assert order.client_order_id not in self._orders, "a client order id was used twice"
        self._orders[order.client_order_id] = order
        if waits:
            self._silence.waits(order.client_order_id)
        self._work(order)
        self._forget_old()

    def leaving(self, order_id: ClientOrderId, now: float) -> None:
        """Note that an order leaves now: from this moment its answer is due."""
        self._silence.waits_no_more(order_id)
        self._silence.settles_from(order_id, now)
        if (order := self._working.get(order_id)) is not None:
            self._orders[order_id] = leaving = replace(order, changed_at=now)
            self._work(leaving)

    def stays(self, order_id: ClientOrderId) -> None:
        """Note that an order has certainly not left: it waits for its turn once more."""
        order = self._working.get(order_id)
        if order is not None and order.status is OrderStatus.PENDING:
            self._silence.waits(order_id)
            self._work(order)

    def cancel_sent(self, order_id: ClientOrderId, now: float) -> Heard:
        """Note that a cancel is about to leave."""
        return self._fold(now, lambda: self._advance(order_id, OrderEvent.CANCEL_SENT))

    def amend_sent(self, order_id: ClientOrderId, quantity: Decimal, now: float) -> Heard:
        """Note an amendment that is about to leave, to a quantity filled and remaining together."""

        def amend() -> None:
            order = self._working[order_id]
            assert order.amendable, order
            assert order.filled_quantity < quantity < order.quantity, (order, quantity)
            self._store(order, order.amending(quantity, now))

        return self._fold(now, amend)

    def in_doubt(self, order_id: ClientOrderId, now: float, reason: str) -> Heard:
        """Mark an order UNKNOWN: a request may or may not have reached the venue."""
        return self._fold(
            now, lambda: self._advance(order_id, OrderEvent.ANSWER_OVERDUE, reason=reason)
        )

    def never_left(self, order_id: ClientOrderId, now: float, reason: str) -> Heard:
        """End an order that could not be handed to the connection: it was certainly not placed."""
        self._silence.waits_no_more(order_id)
        return self._fold(now, lambda: self._advance(order_id, OrderEvent.REJECTED, reason=reason))

    def mark_overdue(self, now: float, answer_deadline_s: float) -> Heard:
        """Mark orders UNKNOWN whose answer should have come by now."""
        overdue = [
            order_id
            for order_id, changed_at in self._due.items()
            if changed_at + answer_deadline_s <= now
        ]
        if not overdue:
            return NOTHING

        def mark() -> None:
            for order_id in overdue:
                reason = f"no outcome within {answer_deadline_s:g} s"
                self._advance(order_id, OrderEvent.ANSWER_OVERDUE, reason=reason)

        return self._fold(now, mark)

    # What we hear.

    def hear(self, news: OrderNews, now: float) -> Heard:
        """Take one piece of news, and earlier news that can be attributed with it."""

        def take() -> None:
            self._take(news)
            # With a new name, earlier news kept for it can be attributed.
            while self._named:
                for orphan in self._orphans.claim(self._named.pop()):
                    self._take(orphan)

        return self._fold(now, take)

    def _fold(self, now: float, change: Callable[[], None]) -> Heard:
        self._now = now
        self._changed, self._fills, self._renamed, self._revived = {}, [], [], {}
        change()
        self._doubts.changed(self._changed.values(), now)
        if not (self._changed or self._fills or self._renamed or self._revived):
            return NOTHING
        return Heard(
            changed=tuple(self._changed.values()),
            fills=tuple(self._fills),
            renamed=tuple(self._renamed),
            revived=tuple(self._revived.values()),
        )

    def _take(self, news: OrderNews) -> None:
        match news:
            case RequestAcknowledged() | RequestRefused() | AnswerUnclear() | BatchAnswered():
                self._take_reply(news)
            case OrderReported(report):
                self._take_report(report, news)
            case OpenOrdersListed(reports):
                for report in reports:
                    self._take_listed(report)
            case FillReported(fill, listed):
                self._take_fill(fill, FillSource.LIST if listed else FillSource.STREAM, news)
            case OrderProcessed() | OrderFailed() | CancelRefused() | OrderAmended():
                self._take_outcome(news)
            case OrderNotFound(order_id):
                self._take_not_found(order_id)
            case _:
                self._lose_answers()

    def _take_outcome(
        self, news: OrderProcessed | OrderFailed | CancelRefused | OrderAmended
    ) -> None:
        if isinstance(news, OrderAmended):
            self._take_amendment(news)
        elif isinstance(news, CancelRefused):
            order_id = self._identify(None, news.venue_order_id, news)
            self._advance(order_id, OrderEvent.CANCEL_REFUSED, reason=news.reason)
        elif isinstance(news, OrderFailed):
            self._take_failure(news)
        else:
            order_id = self._identify(news.client_order_id, news.venue_order_id, news)
            event = OrderEvent.RESTING if news.success else OrderEvent.REJECTED
            self._advance(order_id, event, reason=news.reason)

    def _take_failure(self, news: OrderFailed) -> None:
        """Mark the order UNKNOWN, as the message's meaning is unclear; an ended one stays so."""
        order_id = news.client_order_id
        if news.venue_order_id is not None:
            order_id = self._identify(order_id, news.venue_order_id, news)
        reason = f"the venue says that it failed: {news.reason or 'no reason given'}"
        self._advance(order_id, OrderEvent.ANSWER_OVERDUE, reason=reason)

    def _lose_answers(self) -> None:
        """Mark answers due on a former stream as overdue: they will not come."""
        for order in tuple(self._working.values()):
            if self._silence.awaits(order):
                self._advance(
                    order.client_order_id,
                    OrderEvent.ANSWER_OVERDUE,
                    reason="the account's stream was lost before the outcome came",
                )

    def _take_amendment(self, news: OrderAmended) -> None:
        order_id = self._identify(news.client_order_id, news.venue_order_id, news)
        if order_id is not None:
            order = self._orders[order_id]
            amended = order.amended(self._now) if news.success else order.not_amended(self._now)
            self._store(order, amended)

    def _take_reply(
        self, news: RequestAcknowledged | RequestRefused | AnswerUnclear | BatchAnswered
    ) -> None:
        if isinstance(news, BatchAnswered):
            for leg in news.legs:
                self._name(leg.client_order_id, leg.venue_order_id)
            return
        about = asked(news.request_id)
        if isinstance(news, AnswerUnclear):
            if about is not None:
                self._advance(about[1], OrderEvent.ANSWER_OVERDUE, reason=news.reason)
            return
        if isinstance(news, RequestRefused):
            if about is not None:
                self._take_refusal(*about, news.reason)
            return
        # It names the order, and is no outcome: neither placed, nor cancelled, nor changed.
        order_id = about[1] if about is not None else None
        known = order_id if order_id in self._orders else news.client_order_id
        self._name(known, news.venue_order_id)

    def _name(self, order_id: ClientOrderId | None, venue_order_id: VenueOrderId | None) -> None:
        if venue_order_id is not None:
            self._identify(order_id, venue_order_id, None)

    def _take_refusal(self, request: Request, order_id: ClientOrderId, reason: str) -> None:
        if request is Request.PLACE:
            self._advance(order_id, OrderEvent.REJECTED, reason=reason)
        elif request is Request.CANCEL:
            self._advance(order_id, OrderEvent.CANCEL_REFUSED, reason=reason)
        elif (order := self._orders.get(order_id)) is not None:
            self._store(order, order.not_amended(self._now))

    def _take_listed(self, report: OrderReport) -> None:
        """Take a row of a list; nothing where it said the same of the order as it is."""
        said, order = self._listed.get(report.venue_order_id, (None, None))
        if said is report and order is not None:
            order_id = order.client_order_id
            if self._working.get(order_id) is order and not self._fill_count.has_doubts(order_id):
                return
        self._take_report(report, None)
        known = self._by_venue_id.get(report.venue_order_id)
        if known is not None and (order := self._working.get(known)) is not None:
            self._listed[report.venue_order_id] = (report, order)

    def _take_report(self, report: OrderReport, news: OrderNews | None) -> None:
        order_id = self._identify(report.client_order_id, report.venue_order_id, news)
        if order_id is None:
            return
        # Any report shows that the venue knows the order.
        self._seen_alive.add(order_id)
        order = self._orders[order_id]
        if report.quantity == order.amended_to:
            self._store(order, order.amended(self._now))
        elif order.status is OrderStatus.UNKNOWN:
            # The answer to an overdue change: it has not happened, or we will hear of it again.
            self._store(order, order.not_amended(self._now))
        if report.event in _SIGNS_OF_LIFE:
            # A change that was given up, or whose outcome was lost, may have reached the venue.
            order = self._orders[order_id]
            self._store(order, order.shrunk_to(report.quantity, self._now))
        if report.event is not OrderEvent.REJECTED:
            # A failed order has executed nothing, whatever remaining quantity is reported.
            self._filled_to(order_id, report.quantity - report.remaining_quantity)
            for fill, where in self._fill_count.doubted(order_id):
                self._take_fill(fill, where, None)
        self._take_status(order_id, report, by_itself=news is not None)

    def _take_status(
        self, order_id: ClientOrderId, report: OrderReport, *, by_itself: bool
    ) -> None:
        if report.event is not None:
            self._advance(order_id, report.event, reason=report.reason)
        elif by_itself:
            # Listed among the open orders it is open, whatever status is named there.
            strange = f"the venue calls it {report.status_text[:60]!r}, which we do not know"
            self._advance(order_id, OrderEvent.ANSWER_OVERDUE, reason=strange)

    def _take_fill(self, fill: Fill, where: FillSource, news: OrderNews | None) -> None:
        order_id = self._identify(fill.client_order_id, fill.venue_order_id, news)
        if order_id is None or self._fill_count.told(fill.trade_id, where):
            return
        fill = attrs.evolve(fill, client_order_id=order_id)
        if where is FillSource.STREAM and not fill.fee_told:
            self._show_life(order_id)
            self._filled_to(order_id, self._fill_count.await_fee(order_id, fill))
            self._fill_count.compare(self._orders[order_id])
            return
        twin = self._fill_count.counted_as(self._orders[order_id], fill, where)
        if twin is not None:
            if self._fill_count.doubt(order_id, fill, where, twin):
                self._renamed.append(Renamed(fill=fill, counted_as=twin.trade_id))
            return
        filled_quantity = self._fill_count.add(order_id, fill, where)
        self._fills.append(fill)
        self._show_life(order_id)
        self._filled_to(order_id, filled_quantity)
        self._fill_count.compare(self._orders[order_id])

    def _take_not_found(self, order_id: ClientOrderId) -> None:
        order = self._working.get(order_id)
        if order is None or order_id in self._seen_alive:
            return
        if reason := self._silence.denied(order, self._now):
            self._advance(order_id, OrderEvent.REJECTED, reason=reason)

    def _disbelief(self, order_id: ClientOrderId) -> Disbelief:
        seen_alive = order_id in self._seen_alive
        return self._silence.disbelief(self._orders[order_id], seen_alive=seen_alive)

    # Changing.

    def _identify(
        self,
        order_id: ClientOrderId | None,
        venue_order_id: VenueOrderId,
        news: OrderNews | None,
    ) -> ClientOrderId | None:
        """Our id of the order that is meant; news of an unknown id is kept for later."""
        if order_id is None or order_id not in self._orders:
            order_id = self._by_venue_id.get(venue_order_id)
        if order_id is None:
            if news is not None:
                self._orphans.keep(venue_order_id, news)
            return None
        if venue_order_id not in self._by_venue_id:
            self._by_venue_id[venue_order_id] = order_id
            self._named.append(venue_order_id)
            # A name alone is not counted as a change.
            order = self._orders[order_id] = self._orders[order_id].identified(venue_order_id)
            if order_id in self._working:
                self._working.put(order)
        return order_id

    def _filled_to(self, order_id: ClientOrderId, quantity: Decimal) -> None:
        order = self._orders[order_id]
        self._store(order, order.filled_to(quantity, self._now))

    def _advance(
        self, order_id: ClientOrderId | None, event: OrderEvent, *, reason: str = ""
    ) -> None:
        if order_id is None or (order := self._orders.get(order_id)) is None:
            return
        if event in _SIGNS_OF_LIFE:
            order = self._show_life(order_id)
        if advance(order.status, event) is not order.status:
            self._store(order, order.after(event, self._now, reason=reason))

    def _show_life(self, order_id: ClientOrderId) -> Order:
        """Note that an order rests or trades at the venue; one that was given up works again."""
        self._seen_alive.add(order_id)
        order = self._orders[order_id]
        if self._silence.gave_up(order):
            reason = "it was given up, and is at the venue after all"
            turned_up = order.after(OrderEvent.TURNED_UP, self._now, reason=reason)
            self._store(order, turned_up)
            self._revived[order_id] = turned_up
        return self._orders[order_id]

    def _store(self, before: Order, after: Order) -> None:
        if after is before:
            return
        order_id = after.client_order_id
        self._orders[order_id] = self._changed[order_id] = after
        self._fill_count.compare(after)
        if after.status.terminal:
            self._working.drop(order_id)
            self._due.pop(order_id, None)
            self._unknown.pop(order_id, None)
            if after.venue_order_id is not None:
                self._listed.pop(after.venue_order_id, None)
        else:
            self._work(after)
        if after.status is OrderStatus.FILLED and before.status is not OrderStatus.FILLED:
            self._complete(after)

    def _work(self, order: Order) -> None:
        """Keep an order that is not over, and since when an answer about it is due."""
        self._working.put(order)
        if order.status is OrderStatus.UNKNOWN:
            self._unknown[order.client_order_id] = None
        else:
            self._unknown.pop(order.client_order_id, None)
        if self._silence.awaits(order):
            self._due[order.client_order_id] = order.changed_at
        else:
            self._due.pop(order.client_order_id, None)

    def _complete(self, order: Order) -> None:
        before = self.completed_of(order.strategy)
        self._completed[order.strategy] = before.after(order, self._now)

    def _forget_old(self) -> None:
        if len(self._orders) <= _REMEMBERED_MAX:
            return
        ended = (order for order in self._orders.values() if order.status.terminal)
        if (oldest := next(ended, None)) is not None:
            self._forget(oldest)

    def _forget(self, order: Order) -> None:
        del self._orders[order.client_order_id]
        self._fill_count.forget(order.client_order_id)
        self._silence.forget(order.client_order_id)
        self._seen_alive.discard(order.client_order_id)
        if order.venue_order_id is not None:
            self._by_venue_id.pop(order.venue_order_id, None)


_SIGNS_OF_LIFE = frozenset({OrderEvent.RESTING, OrderEvent.PARTLY_FILLED})
