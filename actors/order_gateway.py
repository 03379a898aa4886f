"""The only way for an order to the venue, and the one that knows what became of each."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import attrs
import structlog
import trio

from actors.order_records import OrderRecords
from actors.order_sweep import sweep
from actors.ports import Bell, Latest, Posting, drain
from actors.rate_gate import RateGate
from actors.reconciliation import Reconciliation
from actors.venue_rest import VenueRest
from trading.errors import Outage, OutcomeUnknown, Rejected
from trading.identifiers import ClientOrderId, ClientOrderIds, Pair, StrategyName, TradeId
from trading.instrument import Instrument
from trading.messages import (
    AccountSessionLost,
    AccountSessionOpened,
    FillReported,
    FlatProof,
    Instruction,
    OrderNews,
    WorkingOrders,
)
from trading.order_evidence import Heard
from trading.order_tracker import OrderTracker
from trading.orders import Order, OrderStatus
from trading.rate_limits import Priority
from trading.readiness import Readiness
from trading.request_ids import Request, request_id
from trading.venues.interface import OrderFrame, Venue

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
        booking: For the ledger to take an entry; an order never waits for it.
        last_will: To cancel what is left when the gateway itself ends.
    """

    handover: float = 0.5
    outcome: float = 2.0
    lookup_pause: float = 0.5
    booking: float = 5.0
    last_will: float = 3.0


@attrs.frozen(kw_only=True)
class OrderGatewayActor:
    """
    Carries out instructions, follows every order to its end, withdraws what may not stay.

    Orders of a strategy whose lease has lapsed are cancelled here, whatever the strategy does.

    Ports:
        instructions: The strategies' decisions (capacity 0: taken means being carried out).
        news: What the venue says about orders, in order (lossless).
        session: There while the account's stream is open: a life may begin in the middle of one.
        requests: Frames to the account socket (capacity 0).
        ledger: Every change of an order and every fill (lossless).
        desks: What is kept for each strategy.
        stopping: Why the run is ending.
        halt: Why nothing may be quoted until somebody resumes; empty while quoting is allowed.
        flat: The venue's proof that nothing is left, under a halt or at the end.
        bell: Rung when a lease, the rules, the end or the halt change.

    Raises:
        Outage: Its last will was cut short: orders may be left. Or the ledger takes nothing.
    """

    venue: Venue
    rest: VenueRest
    gate: RateGate
    ids: ClientOrderIds
    instructions: trio.MemoryReceiveChannel[Instruction]
    news: trio.MemoryReceiveChannel[OrderNews]
    session: Latest[AccountSessionOpened]
    requests: trio.MemorySendChannel[str]
    ledger: trio.MemorySendChannel[Posting]
    desks: Mapping[StrategyName, Desk]
    stopping: Latest[str]
    halt: Latest[str]
    flat: Latest[FlatProof]
    bell: Bell
    deadlines: Deadlines = Deadlines()

    @property
    def withdrawn(self) -> str:
        """Why nothing may be quoted at all; empty while quoting is allowed."""
        return self.stopping.peek() or self.halt.peek() or ""

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        drain(self.news)
        life = _Life(self)
        for desk in self.desks.values():
            desk.working.withdraw()
        task_status.started()
        # The last will is a task like the others, so that its failure does not hide theirs.
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._leave_nothing, life)
            nursery.start_soon(life.listen)
            nursery.start_soon(life.obey)
            nursery.start_soon(life.guard)
            nursery.start_soon(life.find_out)
            nursery.start_soon(life.records.run)

    async def _leave_nothing(self, life: "_Life") -> None:
        try:
            await trio.sleep_forever()
        finally:
            if life.tracker.working:
                log.warning("gateway_last_will", deadline_s=self.deadlines.last_will)
                with trio.move_on_after(self.deadlines.last_will, shield=True) as last_will:
                    pause_s = self.deadlines.lookup_pause
                    await sweep(self.rest, self.venue, self.ids.owns, pause_s=pause_s)
                if last_will.cancelled_caught:
                    raise Outage("the gateway's last will was cut short: orders may still be open")


class _Life:
    """One life of the gateway: its five tasks and the state they share."""

    def __init__(self, gateway: OrderGatewayActor) -> None:
        self.tracker = OrderTracker()
        self._gateway = gateway
        self._deadlines = gateway.deadlines
        self._obeyed = dict.fromkeys(gateway.desks, 0)
        self._stream_open = gateway.session.peek() is not None
        self._session = 0
        self._reconciled = False
        self._questions = Bell()
        self._strays: set[TradeId] = set()
        self.records = OrderRecords(gateway.ledger, gateway.deadlines.booking)
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
            self._hear(news)
            if isinstance(news, AccountSessionOpened | AccountSessionLost):
                self._stream_open = isinstance(news, AccountSessionOpened)
                self._reconciled = False
                self._session += 1
                self._publish_all()
                self._questions.ring()

    def _hear(self, news: OrderNews) -> None:
        now = trio.current_time()
        if isinstance(news, FillReported):
            fill = news.fill
            known = self._reconciliation.knows(fill.client_order_id)
            if self._gateway.ids.made(fill.client_order_id) and not known:
                # Of this run, but of an order that only a former life of the gateway knew.
                if fill.trade_id not in self._strays:
                    self._strays.add(fill.trade_id)
                    self.records.stray(fill, now)
                return
        self._tell(self.tracker.hear(news, now))

    def _tell(self, heard: Heard) -> None:
        """Publish first: whoever decides next must see what is already known."""
        now = trio.current_time()
        if heard.changed:
            self._publish_all()
            self._gateway.bell.ring()
            self._questions.ring()
        self.records.write(heard, now)

    def _publish_all(self) -> None:
        for strategy in self._gateway.desks:
            self._publish(strategy)

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
            cancelled = self._mark_cancelled(instruction.cancels)
            placed = self._accept(instruction)
            self._obeyed[instruction.strategy] = instruction.number
            self._publish(instruction.strategy)
            self._gateway.bell.ring()  # answers are due from now on
            async with trio.open_nursery() as nursery:
                for order in cancelled:
                    nursery.start_soon(self._cancel, order)
            for order in placed:
                await self._place(order)

    def _accept(self, instruction: Instruction) -> list[Order]:
        """The new orders of an instruction, without those that may not leave."""
        now = trio.current_time()
        desk = self._gateway.desks[instruction.strategy]
        placed: list[Order] = []
        for quote in instruction.places:
            if reasons := self._refusals(desk, quote.price, quote.quantity):
                # On the way out it is nothing to worry about.
                tell = log.info if self._gateway.withdrawn else log.warning
                tell(
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
                post_only=quote.post_only,
                created_at=now,
                changed_at=now,
            )
            self.tracker.expect(order)
            self.records.placed(order, now)
            placed.append(order)
        return placed

    def _refusals(self, desk: Desk, price: Decimal, quantity: Decimal) -> tuple[str, ...]:
        if reason := self._not_permitted(desk, trio.current_time()):
            return (reason,)
        if not self._stream_open:
            return ("the account's stream is not open",)
        if not self._reconciled:
            return ("the venue's orders have not been compared with ours yet",)
        instrument = desk.instrument.peek()
        if instrument is None:
            return ("the pair's rules are not known",)
        return instrument.objections(price, quantity)

    def _not_permitted(self, desk: Desk, now: float) -> str:
        """Why a strategy may not have orders at the venue; empty when it may."""
        if halt := self._gateway.withdrawn:
            return halt
        readiness = desk.readiness.peek()
        if readiness is None or not readiness.ready:
            missing = "readiness is not known" if readiness is None else readiness.reasons
            return f"not ready: {missing}"
        return "" if readiness.holds_at(now) else "not ready: the lease has lapsed"

    async def _place(self, order: Order) -> None:
        reason = self._too_late(order)
        if not reason:
            frame = self._gateway.venue.place_frame(
                order, request_id(Request.PLACE, order.client_order_id)
            )
            if await self._hand_over(frame, Priority.NEW):
                return
            reason = "the account's stream did not take it"
        now, reason = trio.current_time(), f"not sent: {reason}"
        self._tell(self.tracker.never_left(order.client_order_id, now, reason))

    def _too_late(self, order: Order) -> str:
        """Why an order may not leave any more, after those before it took their time."""
        current = self.tracker.working.get(order.client_order_id)
        if current is None or current.status is not OrderStatus.PENDING:
            return "it was withdrawn before its turn came"
        desk = self._gateway.desks[order.strategy]
        return "; ".join(self._refusals(desk, order.price, order.quantity))

    def _mark_cancelled(self, order_ids: Iterable[ClientOrderId]) -> Sequence[Order]:
        """Those of some orders that a cancel must be sent for; from now on they wait for it."""
        current = [self.tracker.working.get(order_id) for order_id in order_ids]
        orders = [o for o in current if o and o.status is not OrderStatus.CANCEL_PENDING]
        for order in orders:
            self._tell(self.tracker.cancel_sent(order.client_order_id, trio.current_time()))
        return orders

    async def _cancel(self, order: Order) -> None:
        gateway = self._gateway
        current = self.tracker.working.get(order.client_order_id)
        if current is None:
            return  # it ended, or turned out never to have left
        order = current
        frame = gateway.venue.cancel_frame(order, request_id(Request.CANCEL, order.client_order_id))
        if self._stream_open and await self._hand_over(frame, Priority.CANCEL):
            return
        cancel = gateway.venue.cancel(order.pair, order.venue_order_id, order.client_order_id)
        try:
            await gateway.rest.call(cancel, Priority.CANCEL)
        except (Rejected, OutcomeUnknown, Outage) as error:
            # Nothing follows from this but that it must be looked up, which becomes due by itself.
            log.warning("cancel_not_confirmed", order=order.client_order_id, cause=str(error))

    async def _hand_over(self, frame: OrderFrame, priority: Priority) -> bool:
        """Whether the account socket took a frame; if not, it has certainly not left."""
        with trio.move_on_after(self._deadlines.handover) as patience:
            await self._gateway.gate.enter(frame.lanes, priority)
            await self._gateway.requests.send(frame.text)
        return not patience.cancelled_caught

    # Guarding: what may not stay is withdrawn, what is overdue is UNKNOWN.

    async def guard(self) -> None:
        # Each cancel by itself: one that the venue is slow to answer holds up no other.
        async with trio.open_nursery() as nursery:
            while True:
                now = trio.current_time()
                self._tell(self.tracker.mark_overdue(now, self._deadlines.outcome))
                for desk in self._gateway.desks.values():
                    if reason := self._not_permitted(desk, now):
                        for order in self._withdraw(desk, reason):
                            nursery.start_soon(self._cancel, order)
                if self._gateway.withdrawn:
                    self._questions.ring()
                with trio.move_on_at(self._next_due()):
                    await self._gateway.bell.wait()

    def _withdraw(self, desk: Desk, reason: str) -> Sequence[Order]:
        # UNKNOWN ones are looked up first: once found open they come by here again.
        orders = [
            order
            for order in self.tracker.working.values()
            if order.pair == desk.pair and order.status in _CANCELLABLE
        ]
        for order in orders:
            self.records.withdrawn(order, reason)
        return self._mark_cancelled([order.client_order_id for order in orders])

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
            if self._gateway.withdrawn and not self.tracker.working:
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
            self._publish_all()

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
