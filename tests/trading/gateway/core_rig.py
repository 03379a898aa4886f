"""The gateway's core alone, between a paper venue and a paper ledger; the test has the luck."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar, cast

import attrs

from tests.trading.builders import BASE, PAIR, QUOTE, STRATEGY, D, an_instrument
from tests.trading.gateway.paper_venue import PaperVenue
from trading.account.account import AccountView
from trading.core.decimals import ZERO
from trading.core.errors import Outage, OutcomeUnknown, Rejected, TradingError
from trading.core.identifiers import ClientOrderId, ClientOrderIds
from trading.core.market import Balance, PriceLevel, Side, TopOfBook
from trading.decisions.decision import Amend, Quote
from trading.gateway.audit import AuditedCore, Begun, Handled
from trading.gateway.core import Beginning, Terms
from trading.gateway.effects import (
    CallHalt,
    Drop,
    Effect,
    EnterLanes,
    Journal,
    LetGo,
    Publish,
    Reconciled,
    SendCall,
    SendFrame,
    ShowFlat,
    Ticket,
)
from trading.gateway.events import (
    AboutToLeave,
    Answered,
    Durable,
    Event,
    Failed,
    Instructed,
    Looked,
    Told,
)
from trading.gateway.routing import Deadlines, RoutingPolicy
from trading.gateway.seen import PairSeen, Seen, StrategySeen
from trading.journal.entries import FillBooked, LedgerEntry, OrdersIntended
from trading.journal.remembered import Remembered, RememberedFold
from trading.messages.account import AccountSessionLost, AccountSessionOpened, OrderNews
from trading.messages.gateway import Instruction, WorkingOrders
from trading.orders.order import Order
from trading.readiness.lease import Component, Readiness
from trading.risk import RiskLimits
from trading.venues.interface import Venue

T = TypeVar("T")

GENEROUS = RiskLimits(
    price_collar=D(9),
    last_trade_collar=D(9),
    max_orders_per_side=1000,
    max_fills_in_row=100_000,
    max_book_age_s=1e12,
    max_instructions_per_minute=1_000_000,
)
_HELD = {BASE: D(1_000_000), QUOTE: D(1_000_000)}
_EPOCH_NS = 1_800_000_000 * 10**9
_FOR_EVER_S = 1e12
_SOON_S, _ANSWER_S = 0.5, 10.0
_ROUNDS_MAX = 1000


@attrs.define(eq=False, repr=False)
class CallUnderWay:
    """
    A call that the core has made.

    Args:
        arrived: What it came to at the venue; ``None`` while it has not arrived.
    """

    effect: SendCall
    arrived: Callable[[], Any] | None = None


@attrs.define(eq=False, repr=False)
class CoreRig:
    """
    A core and everything around it, one event at a time.

    Args:
        leased: Whether the strategy's lease runs.
        full: Whether room in the rate limits has to be waited for.
        jammed: Whether the socket takes its time with each frame.
        slow_disk: Whether the disk does.
        written: How many of the entries are on the disk.
        connected: Whether the account's stream is open.
        held: What the account had at first, by currency.
    """

    venue: PaperVenue = attrs.field(factory=PaperVenue)
    routing: RoutingPolicy = attrs.field(factory=RoutingPolicy)
    limits: RiskLimits = GENEROUS
    now: float = 1000.0
    full: bool = False
    jammed: bool = False
    slow_disk: bool = False
    leased: bool = True
    connected: bool = True
    halt: str = ""
    session: int = 1
    flat: bool = False
    compared: bool = False
    core: AuditedCore = attrs.field(init=False)
    rooms: dict[Ticket, EnterLanes] = attrs.field(factory=dict)
    frames: dict[Ticket, SendFrame] = attrs.field(factory=dict)
    calls: dict[Ticket, CallUnderWay] = attrs.field(factory=dict)
    receipts: list[tuple[Ticket, OrdersIntended]] = attrs.field(factory=list)
    let_go: set[Ticket] = attrs.field(factory=set)
    entries: list[LedgerEntry] = attrs.field(factory=list)
    written: int = 0
    durable: set[ClientOrderId] = attrs.field(factory=set)
    left: set[ClientOrderId] = attrs.field(factory=set)
    view: WorkingOrders | None = None
    halts: list[str] = attrs.field(factory=list)
    done: list[Effect] = attrs.field(factory=list)
    tape: list[Begun | Handled] = attrs.field(factory=list)
    events: int = 0
    _instructed: int = 0

    def __attrs_post_init__(self) -> None:
        self.begin(Remembered())

    # Lives.

    def begin(self, remembered: Remembered) -> None:
        """Begin a life of the core."""
        self.rooms.clear()
        self.frames.clear()
        self.calls.clear()
        self.receipts.clear()
        self.let_go.clear()
        self.tape.clear()
        self.venue.news.clear()
        self.view, self.compared = None, False
        terms = Terms(
            venue=cast("Venue", self.venue),
            ids=ClientOrderIds("test", self.session),
            deadlines=Deadlines(),
            routing=self.routing,
        )
        beginning = Beginning(
            terms=terms,
            remembered=remembered,
            stream_open=self.connected,
            now=self.now,
            seen=self.seen,
        )
        self.core = AuditedCore(beginning, self.tape.append)
        self._carry_out(self.core.begin())
        self.look()

    def crash(self, lost: int) -> None:
        """Begin again on what is on the disk: some of the newest entries may not be there."""
        kept = max(self.written, len(self.entries) - lost)
        self.entries, self.written = self.entries[:kept], min(self.written, kept)
        self.session += 1
        remembered = RememberedFold().add(self.entries)
        self.begin(remembered)

    # What is around.

    @property
    def seen(self) -> Seen:
        lease = Readiness(
            strategy=STRATEGY,
            pair=PAIR,
            standing={},
            missing={} if self.leased else {Component.CLOCK: "a test"},
            valid_until=_FOR_EVER_S,
        )
        price = D("0.1")
        top = TopOfBook(
            pair=PAIR,
            bids=(PriceLevel(price - D("0.001"), D(5)),),
            asks=(PriceLevel(price + D("0.001"), D(5)),),
            sequence=1,
            received_at=self.now,
        )
        return Seen(
            strategies={
                STRATEGY: StrategySeen(pair=PAIR, limits=self.limits, readiness=lease, top=top)
            },
            pairs={PAIR: PairSeen(instrument=_RULES, rules=_RULES, book_at=self.now)},
            account=AccountView(balances=self._balances(), fees={}, confirmed_at=self.now),
            halt=self.halt,
            flat=self.flat,
            wall_ns=_EPOCH_NS + round(self.now * 1e9),
            venue_ns=_EPOCH_NS + round(self.now * 1e9),
        )

    def _balances(self) -> Mapping[Any, Balance]:
        held = dict(_HELD)
        for fill in self.venue.traded:
            sign = 1 if fill.side is Side.BUY else -1
            held[BASE] += sign * fill.quantity
            held[QUOTE] -= sign * fill.quantity * fill.price
        return {
            name: Balance(currency=name, available=amount, reserved=ZERO)
            for name, amount in held.items()
        }

    # Events.

    def feed(self, event: Event) -> None:
        """Tell the core, and have done what takes no time now."""
        self._handle(event)
        while True:
            if self.rooms and not self.full:
                ticket = next(iter(self.rooms))
                del self.rooms[ticket]
                self._handle(Answered(ticket))
            elif self.frames and not self.jammed:
                self._handle(self._taken(next(iter(self.frames))))
            elif self.receipts and not self.slow_disk:
                self._handle(self._written())
            else:
                return

    def _handle(self, event: Event) -> None:
        self.venue.clock_ms = (_EPOCH_NS + round(self.now * 1e9)) // 1_000_000
        self.events += 1
        self._carry_out(self.core.handle(event, self.now, self.seen))

    def instruct(
        self,
        *quotes: Quote,
        cancels: Sequence[ClientOrderId] = (),
        amends: Sequence[Amend] = (),
    ) -> None:
        self._instructed += 1
        self.feed(
            Instructed(
                Instruction(
                    strategy=STRATEGY,
                    number=self._instructed,
                    cancels=tuple(cancels),
                    places=quotes,
                    amends=tuple(amends),
                )
            )
        )

    def grant(self, ticket: Ticket) -> None:
        """The rate limits have room."""
        del self.rooms[ticket]
        self.feed(Answered(ticket))

    def take_frame(self, ticket: Ticket) -> None:
        """The socket takes a frame, if there is one; it arrives."""
        self.feed(self._taken(ticket))

    def _taken(self, ticket: Ticket) -> Answered:
        frame = self.frames.pop(ticket).frame
        if self.connected:
            self.venue.take(frame)
        return Answered(ticket, value=self.connected)

    def arrive(self, ticket: Ticket) -> None:
        """A call reaches the venue, unless it is kept back at the last moment."""
        call = self.calls[ticket]
        if call.arrived is not None:
            return
        if call.effect.confirmed:
            self.feed(AboutToLeave(ticket))
            if ticket not in self.let_go:
                self.calls.pop(ticket, None)
                return
        try:
            value = call.effect.call.decode(b"")
        except Rejected as refusal:
            call.arrived = _raising(refusal)
        else:
            call.arrived = lambda: value

    def answer(self, ticket: Ticket) -> None:
        """What a call came to is heard of."""
        self.arrive(ticket)
        call = self.calls.pop(ticket, None)
        if call is None or call.arrived is None:
            return
        try:
            value = call.arrived()
        except TradingError as error:
            self.feed(Failed(ticket, error))
        else:
            self.feed(Answered(ticket, value))

    def fail(self, ticket: Ticket) -> None:
        """A call fails: before it has arrived as an outage, else nobody knows what became of it."""
        call = self.calls.pop(ticket)
        harmless = call.arrived is None or call.effect.call.harmless
        error = Outage("no line") if harmless else OutcomeUnknown("no answer")
        self.feed(Failed(ticket, error))

    def commit(self) -> None:
        """The disk has the oldest of what waits for it, or all where nobody waits."""
        if not self.receipts:
            self.written = len(self.entries)
            return
        self.feed(self._written())

    def _written(self) -> Durable:
        ticket, entry = self.receipts.pop(0)
        self.written = self.entries.index(entry) + 1
        self.durable |= {order.client_order_id for order in entry.orders}
        return Durable(ticket)

    def tell(self, count: int = 1_000_000) -> None:
        """Some of the news comes, oldest first, as one burst; nobody hears it without a stream."""
        news = self.venue.news
        if not self.connected:
            news.clear()
        elif news:
            burst = tuple(news.popleft() for _ in range(min(count, len(news))))
            self.feed(Told(burst))

    def disconnect(self) -> None:
        if self.connected:
            self.connected = False
            self.venue.news.clear()
            self.feed(Told((AccountSessionLost(),)))

    def connect(self) -> None:
        if not self.connected:
            self.connected = True
            self.feed(Told((AccountSessionOpened(),)))

    def look(self) -> None:
        """Something around has changed."""
        self.feed(Looked())

    def hear(self, *news: OrderNews) -> None:
        self.feed(Told(news))

    def pass_time(self, seconds: float) -> None:
        """
        Time passes; the core is woken when it wants to be.

        In half a second the venue has done all that has reached it, and the socket has taken a
        frame or certainly not; after ten a call without an answer has failed.
        """
        if seconds > _SOON_S:
            for ticket in tuple(self.frames):
                if self.frames.pop(ticket, None) is not None:
                    self.feed(Answered(ticket, value=False))
            while self.venue.queued:
                self.venue.go_on()
        if seconds > _ANSWER_S:
            _each(self.calls, self.fail)
        until = self.now + seconds
        while (wake_at := self.core.core.wake_at) <= until:
            self.now = max(self.now, wake_at)
            self.feed(Looked())
        self.now = until

    # What the core wants done.

    def _carry_out(self, effects: Sequence[Effect]) -> None:
        self.done += effects
        for effect in effects:
            match effect:
                case EnterLanes() | SendFrame() | SendCall() | LetGo() | Drop():
                    self._on_question(effect)
                case Journal(entries, receipt):
                    self._journal(entries, receipt)
                case Publish(_, view):
                    self.view = view
                case Reconciled(disagreement):
                    self.compared = not disagreement
                case ShowFlat(proven):
                    self.flat = proven
                case CallHalt(reason):
                    self.halts.append(reason)
                case _:  # the log, the rates and the pair's rules are not of this rig
                    pass

    def _on_question(self, effect: EnterLanes | SendFrame | SendCall | LetGo | Drop) -> None:
        ticket = effect.ticket
        match effect:
            case EnterLanes():
                self.rooms[ticket] = effect
            case SendFrame(_, frame):
                self._leaves(frame)
                self.frames[ticket] = effect
            case SendCall():
                self.calls[ticket] = CallUnderWay(effect)
                if not effect.confirmed:
                    self._leaves(effect.call.path)
            case LetGo():
                self._leaves(self.calls[ticket].effect.call.path)
                self.let_go.add(ticket)
            case Drop():
                self.rooms.pop(ticket, None)
                self.frames.pop(ticket, None)
                self.calls.pop(ticket, None)

    def _journal(self, entries: Sequence[LedgerEntry], receipt: Ticket | None) -> None:
        self.entries += entries
        if receipt is not None:
            entry = entries[-1]
            assert isinstance(entry, OrdersIntended)
            self.receipts.append((receipt, entry))

    def _leaves(self, request: str) -> None:
        """What has to be true at the moment at which something leaves."""
        kind, _, name = request.partition("/")
        order_id = ClientOrderId(name)
        if kind == "place":
            assert order_id in self.durable, "it left before it was durable"
            assert self.leased, "it left without a lease"
            assert not self.halt, "it left while nothing may be quoted"
            assert self.connected, "it left without a stream to hear of it"
            assert self.compared, "it left before the venue's orders were compared"
            assert self.venue.placed.get(order_id, 0) == 0, "it was sent again"
            self.left.add(order_id)
        elif kind == "cancel":
            known = order_id in self.left or self._is_old(order_id)
            assert known, "a cancel of an order that has not left"

    def _is_old(self, order_id: ClientOrderId) -> bool:
        return not ClientOrderIds("test", self.session).made(order_id)

    @property
    def orders(self) -> Mapping[ClientOrderId, Order]:
        """Ours that are or may be at the venue."""
        return self.core.core.tracker.working

    @property
    def booked(self) -> Sequence[FillBooked]:
        return [entry for entry in self.entries if isinstance(entry, FillBooked)]

    def settle(self) -> None:
        """End all trouble, and wait for as long as anything may take."""
        self.connect()
        for _ in range(400):
            self.go_on()
            self.pass_time(1.0)

    def go_on(self) -> None:
        """Whatever can go on goes on, until nothing can."""
        venue, rounds = self.venue, 0
        while (
            self.rooms or self.frames or self.calls or self.receipts or venue.news or venue.queued
        ):
            rounds += 1
            assert rounds < _ROUNDS_MAX, "it goes round and round"
            while venue.queued:
                venue.go_on()
            _each(self.rooms, self.grant)
            _each(self.frames, self.take_frame)
            _each(self.calls, self.answer)
            while self.receipts:
                self.commit()
            self.tell()


def _each(waiting: Mapping[Ticket, object], go_on: Callable[[Ticket], None]) -> None:
    for ticket in tuple(waiting):
        if ticket in waiting:
            go_on(ticket)


_RULES = an_instrument()


def a_quote(side: Side, ticks: int, quantity: int) -> Quote:
    """So many ticks away from the middle."""
    away = -1 if side is Side.BUY else 1
    return Quote(
        side=side,
        price=D("0.1") + away * ticks * D("0.00001"),
        quantity=Decimal(quantity),
        level=0,
    )


def _raising(error: TradingError) -> Callable[[], Any]:
    def answer() -> Any:
        raise error

    return answer
