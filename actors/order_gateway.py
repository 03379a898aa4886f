"""The only way for an order to the venue, and the one that knows what became of each."""

from collections.abc import Mapping

import attrs
import structlog
import trio

from actors.order_sweep import sweep
from actors.ports import Bell, Latest, drain
from actors.reconciliation import Reconciliation
from actors.venue_rest import VenueRest
from trading.errors import Outage, OutcomeUnknown, Rejected
from trading.identifiers import ClientOrderIds, Pair, StrategyName
from trading.instrument import Instrument
from trading.journal.entries import FillBooked, LedgerEntry, OrderRecorded
from trading.messages import (
    AccountSessionLost,
    AccountSessionOpened,
    FillReported,
    FlatProof,
    Instruction,
    OrderNews,
    WorkingOrders,
)
from trading.order_tracker import Heard, OrderTracker, cancel_request, place_request
from trading.orders import Order, OrderStatus
from trading.readiness import Readiness
from trading.strategies.interface import Quote
from trading.venues.interface import Venue

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class Desk:
    """
    What the gateway keeps for one strategy.

    Args:
        readiness: Its lease to quote; without it orders are withdrawn and none is taken.
        instrument: The rules its orders must obey.
        working: Its orders as the gateway knows them.
    """

    pair: Pair
    readiness: Latest[Readiness]
    instrument: Latest[Instrument]
    working: Latest[WorkingOrders]


@attrs.frozen(kw_only=True)
class Deadlines:
    """
    How long the gateway waits for what, in seconds.

    Args:
        handover: For the account socket to take a frame.
        outcome: For the venue's word on a placement or a cancel; then the order is UNKNOWN.
        lookup_pause: Between two questions about an UNKNOWN order.
        last_will: To cancel what is left when the gateway itself ends.
    """

    handover: float = 0.5
    outcome: float = 2.0
    lookup_pause: float = 0.5
    last_will: float = 3.0


@attrs.frozen(kw_only=True)
class OrderGatewayActor:
    """
    Carries out instructions, follows every order to its end, withdraws what may not stay.

    Orders of a strategy whose lease has lapsed are cancelled here, whatever the strategy does.

    Ports:
        instructions: The strategies' decisions (capacity 0: taken means being carried out).
        news: What the venue says about orders, in order (lossless).
        requests: Frames to the account socket (capacity 0).
        ledger: Every change of an order and every fill (lossless).
        desks: What is kept for each strategy.
        halt: Why nothing may be quoted any more; empty while quoting is allowed.
        flat: The venue's proof that nothing is left, after a halt.
        bell: Rung when a lease, the rules or the halt change.

    Raises:
        Outage: Its last will was cut short: orders may be left.
    """

    venue: Venue
    rest: VenueRest
    ids: ClientOrderIds
    instructions: trio.MemoryReceiveChannel[Instruction]
    news: trio.MemoryReceiveChannel[OrderNews]
    requests: trio.MemorySendChannel[str]
    ledger: trio.MemorySendChannel[LedgerEntry]
    desks: Mapping[StrategyName, Desk]
    halt: Latest[str]
    flat: Latest[FlatProof]
    bell: Bell
    deadlines: Deadlines = Deadlines()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        drain(self.news)
        life = _Life(self)
        for desk in self.desks.values():
            desk.working.withdraw()
        task_status.started()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(life.listen)
                nursery.start_soon(life.obey)
                nursery.start_soon(life.guard)
                nursery.start_soon(life.find_out)
        finally:
            if life.tracker.working:
                await self._last_will()

    async def _last_will(self) -> None:
        log.warning("gateway_last_will", deadline_s=self.deadlines.last_will)
        with trio.move_on_after(self.deadlines.last_will, shield=True) as last_will:
            await sweep(self.rest, self.venue, self.ids.owns, pause_s=self.deadlines.lookup_pause)
        if last_will.cancelled_caught:
            raise Outage("the gateway's last will was cut short: orders may still be open")


class _Life:
    """One life of the gateway: its four tasks and the state they share."""

    def __init__(self, gateway: OrderGatewayActor) -> None:
        self.tracker = OrderTracker()
        self._gateway = gateway
        self._deadlines = gateway.deadlines
        self._obeyed = dict.fromkeys(gateway.desks, 0)
        self._stream_open = False
        self._session = 0
        self._reconciled = False
        self._questions = Bell()
        self._reconciliation = Reconciliation(
            venue=gateway.venue,
            rest=gateway.rest,
            ids=gateway.ids,
            tracker=self.tracker,
            tell=self._hear,
        )

    # Listening to the venue.

    async def listen(self) -> None:
        async for news in self._gateway.news:
            if isinstance(news, AccountSessionOpened):
                self._stream_open, self._reconciled = True, False
                self._session += 1
                self._questions.ring()
            elif isinstance(news, AccountSessionLost):
                self._stream_open = self._reconciled = False
            await self._hear(news)

    async def _hear(self, news: OrderNews) -> None:
        now = trio.current_time()
        if isinstance(news, FillReported):
            order_id = news.fill.client_order_id
            if self._gateway.ids.made(order_id) and not self._reconciliation.knows(order_id):
                # Of this run, but of an order that only a former life of the gateway knew.
                log.warning("stray_fill", order=order_id, trade=news.fill.trade_id)
                await self._gateway.ledger.send(FillBooked(news.fill, now))
        await self._tell(self.tracker.hear(news, now))

    async def _tell(self, heard: Heard) -> None:
        """Publish first: whoever decides next must see what is already known."""
        now = trio.current_time()
        if heard.changed:
            for strategy in self._gateway.desks:
                self._publish(strategy)
            self._gateway.bell.ring()
            self._questions.ring()
        for order in heard.changed:
            _log_order("order_" + order.status.value.replace(" ", "_"), order)
            await self._gateway.ledger.send(OrderRecorded(order, now))
        for fill in heard.fills:
            log.info(
                "fill",
                order=fill.client_order_id,
                trade=fill.trade_id,
                pair=fill.pair,
                side=fill.side.value,
                price=fill.price,
                quantity=fill.quantity,
                fee=fill.fee,
                fee_currency=fill.fee_currency,
            )
            await self._gateway.ledger.send(FillBooked(fill, now))

    def _publish(self, strategy: StrategyName) -> None:
        self._gateway.desks[strategy].working.put(
            WorkingOrders(
                orders=self.tracker.working_of(strategy),
                completed=self.tracker.completed_of(strategy),
                instruction=self._obeyed[strategy],
                reconciled=self._reconciled,
            )
        )

    # Obeying the strategies.

    async def obey(self) -> None:
        async for instruction in self._gateway.instructions:
            strategy = instruction.strategy
            cancels = [self.tracker.working.get(order_id) for order_id in instruction.cancels]
            placed = self._accept(instruction)
            self._obeyed[strategy] = instruction.number
            self._publish(strategy)
            for order in cancels:
                if order is not None:
                    await self._cancel(order)
            for order in placed:
                await self._place(order)

    def _accept(self, instruction: Instruction) -> list[Order]:
        """The new orders of an instruction, without those that may not leave."""
        now = trio.current_time()
        desk = self._gateway.desks[instruction.strategy]
        placed: list[Order] = []
        for quote in instruction.places:
            if reasons := self._refusals(desk, quote, now):
                log.warning(
                    "order_refused",
                    strategy=instruction.strategy,
                    pair=desk.pair,
                    side=quote.side.value,
                    price=quote.price,
                    quantity=quote.quantity,
                    reasons=reasons,
                )
                continue
            order = Order(
                client_order_id=self._gateway.ids.next(instruction.strategy),
                strategy=instruction.strategy,
                pair=desk.pair,
                side=quote.side,
                price=quote.price,
                quantity=quote.quantity,
                created_at=now,
                changed_at=now,
            )
            self.tracker.expect(order)
            placed.append(order)
        return placed

    def _refusals(self, desk: Desk, quote: Quote, now: float) -> tuple[str, ...]:
        if reason := self._not_permitted(desk, now):
            return (reason,)
        if not self._stream_open:
            return ("the account's stream is not open",)
        if not self._reconciled:
            return ("the venue's orders have not been compared with ours yet",)
        instrument = desk.instrument.peek()
        if instrument is None:
            return ("the pair's rules are not known",)
        return instrument.objections(quote.price, quote.quantity)

    def _not_permitted(self, desk: Desk, now: float) -> str:
        """Why a strategy may not have orders at the venue; empty when it may."""
        if halt := self._gateway.halt.peek():
            return halt
        readiness = desk.readiness.peek()
        if readiness is None or not readiness.ready:
            missing = "readiness is not known" if readiness is None else readiness.reasons
            return f"not ready: {missing}"
        return "" if readiness.holds_at(now) else "not ready: the lease has lapsed"

    async def _place(self, order: Order) -> None:
        _log_order("order_placed", order)
        await self._gateway.ledger.send(OrderRecorded(order, order.created_at))
        frame = self._gateway.venue.place_frame(order, place_request(order.client_order_id))
        if not await self._hand_over(frame):
            await self._tell(
                self.tracker.never_left(
                    order.client_order_id,
                    trio.current_time(),
                    "not sent: the account's stream did not take it",
                )
            )

    async def _cancel(self, order: Order) -> None:
        gateway = self._gateway
        current = self.tracker.working.get(order.client_order_id)
        if current is None or current.status is OrderStatus.CANCEL_PENDING:
            return  # it ended, or somebody else was faster, while we waited
        order = current
        await self._tell(self.tracker.cancel_sent(order.client_order_id, trio.current_time()))
        frame = gateway.venue.cancel_frame(order, cancel_request(order.client_order_id))
        if self._stream_open and await self._hand_over(frame):
            return
        try:
            await gateway.rest.call(
                gateway.venue.cancel(order.pair, order.venue_order_id, order.client_order_id)
            )
        except (Rejected, OutcomeUnknown, Outage) as error:
            # Nothing follows from this but that it must be looked up, which becomes due by itself.
            log.warning("cancel_not_confirmed", order=order.client_order_id, cause=str(error))

    async def _hand_over(self, frame: str) -> bool:
        """Whether the account socket took a frame; if not, it has certainly not left."""
        with trio.move_on_after(self._deadlines.handover) as patience:
            await self._gateway.requests.send(frame)
        return not patience.cancelled_caught

    # Guarding: what may not stay is withdrawn, what is overdue is UNKNOWN.

    async def guard(self) -> None:
        while True:
            now = trio.current_time()
            await self._tell(self.tracker.mark_overdue(now, self._deadlines.outcome))
            for desk in self._gateway.desks.values():
                if reason := self._not_permitted(desk, now):
                    await self._withdraw(desk.pair, reason)
            if self._gateway.halt.peek():
                self._questions.ring()
            with trio.move_on_at(self._next_due()):
                await self._gateway.bell.wait()

    async def _withdraw(self, pair: Pair, reason: str) -> None:
        for order in tuple(self.tracker.working.values()):
            # UNKNOWN ones are looked up first: once found open they come by here again.
            if order.pair == pair and order.status in _CANCELLABLE:
                _log_order("order_withdrawn", order, reason=reason)
                await self._cancel(order)

    def _next_due(self) -> float:
        due = [
            readiness.valid_until
            for desk in self._gateway.desks.values()
            if (readiness := desk.readiness.peek()) is not None
            and readiness.holds_at(trio.current_time())
        ]
        if (overdue_at := self.tracker.overdue_at(self._deadlines.outcome)) is not None:
            due.append(overdue_at)
        return min(due, default=float("inf"))

    # Finding out what is not known.

    async def find_out(self) -> None:
        while True:
            if self._stream_open and not self._reconciled:
                await self._reconcile()
            for order in self.tracker.unknown():
                await self._reconciliation.look_up(order)
            if self._gateway.halt.peek() and not self.tracker.working:
                await self._prove_flat()
            if self.tracker.unknown() or (self._stream_open and not self._reconciled):
                await trio.sleep(self._deadlines.lookup_pause)
            else:
                await self._questions.wait()

    async def _reconcile(self) -> None:
        session = self._session
        agreed = await self._reconciliation.compare()
        # A stream that was lost or replaced meanwhile makes the comparison worthless.
        if agreed and session == self._session and self._stream_open:
            self._reconciled = True
            for strategy in self._gateway.desks:
                self._publish(strategy)

    async def _prove_flat(self) -> None:
        if self._gateway.flat.peek() is not None:
            return
        await sweep(
            self._gateway.rest,
            self._gateway.venue,
            self._gateway.ids.owns,
            pause_s=self._deadlines.lookup_pause,
        )
        self._gateway.flat.put(FlatProof(proven=True))


_CANCELLABLE = frozenset({OrderStatus.PENDING, OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED})


def _log_order(event: str, order: Order, *, reason: str = "") -> None:
    log.info(
        event,
        order=order.client_order_id,
        strategy=order.strategy,
        pair=order.pair,
        side=order.side.value,
        price=order.price,
        quantity=order.quantity,
        filled=order.filled_quantity,
        reason=reason or order.reason or None,
    )
