"""One life of the order gateway: its core is told what happens, and what it wants is done."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial

import structlog
import trio

from actors.orders.gateway_ports import Gateway
from actors.orders.ledger_outlet import LedgerOutlet
from actors.orders.surroundings import Surroundings
from actors.ports.lossless import drain
from actors.ports.ports import JournalBatch, Receipt, Wakeup
from trading.core.errors import Fatal, Outage, OutcomeUnknown, Rejected
from trading.core.identifiers import ClientOrderId
from trading.gateway.core import GatewayCore, Terms
from trading.gateway.effects import (
    CallHalt,
    DoubtRules,
    Drop,
    Effect,
    EnterLanes,
    Journal,
    LetGo,
    Log,
    Publish,
    Reconciled,
    SendCall,
    SendFrame,
    ShowFlat,
    SlowDown,
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
from trading.journal.remembered import Remembered
from trading.messages.gateway import FlatProof
from trading.orders.order import Order

log = structlog.get_logger()


class _Withheld(Exception):
    """The core keeps a call back at the last moment."""


class GatewayLife:
    """
    Tells the core each event, and carries out the effects in their order.

    Args:
        remembered: The ledger's memory of former lives.
    """

    def __init__(self, gateway: Gateway, remembered: Remembered) -> None:
        self._gateway = gateway
        self._surroundings = Surroundings(gateway)
        self._core = GatewayCore(
            Terms(
                venue=gateway.venue,
                ids=gateway.ids,
                deadlines=gateway.deadlines,
                routing=gateway.terms,
            ),
            remembered,
            stream_open=gateway.session.read() is not None,
            now=trio.current_time(),
            seen=self._surroundings.now(),
        )
        self._outlet = LedgerOutlet(gateway.ledger, gateway.deadlines.booking)
        self._under_way: dict[Ticket, trio.CancelScope] = {}
        self._let_go: set[Ticket] = set()
        self._room = Wakeup()
        self._watching = trio.CancelScope()

    @property
    def working(self) -> Mapping[ClientOrderId, Order]:
        """Every order that is or may be at the venue."""
        return self._core.tracker.working

    def begin(self, nursery: trio.Nursery) -> None:
        """Start the tasks."""
        self._nursery = nursery
        self._carry_out(self._core.begin())
        for task in (self._listen, self._obey, self._watch, self._outlet.run):
            nursery.start_soon(task)

    # Telling the core.

    async def _listen(self) -> None:
        async for first in self._gateway.news:
            # A burst is taken as a whole before a strategy decides on it.
            self._feed(Told((first, *drain(self._gateway.news))))

    async def _obey(self) -> None:
        async for instruction in self._gateway.instructions:
            self._feed(Instructed(instruction))
            while self._core.full:
                await self._room.wait()

    async def _watch(self) -> None:
        while True:
            with trio.move_on_at(self._core.wake_at) as self._watching:
                await self._gateway.bell.wait()
            self._feed(Looked())

    def _feed(self, event: Event) -> None:
        self._carry_out(self._handle(event))

    def _handle(self, event: Event) -> Iterable[Effect]:
        return self._core.handle(event, trio.current_time(), self._surroundings.now())

    # Carrying out.

    def _carry_out(self, effects: Iterable[Effect]) -> None:
        waiting = deque(effects)
        while waiting:
            if (answer := self._do(waiting.popleft())) is not None:
                waiting.extend(self._handle(answer))
        self._watching.deadline = self._core.wake_at
        if not self._core.full:
            self._room.ring()

    def _do(self, effect: Effect) -> Event | None:  # noqa: C901, PLR0912  # one line for each kind
        """Carry out one effect, or begin to; what comes of it, where that is known at once."""
        gateway = self._gateway
        match effect:
            case EnterLanes():
                return self._enter(effect)
            case SendFrame():
                return self._send(effect)
            case SendCall(ticket):
                self._begin(ticket, partial(self._call, effect))
            case Log(level, event, fields):
                getattr(log, level.value)(event, **fields)
            case Journal():
                self._journal(effect)
            case Publish(strategy, view, wakes):
                working = gateway.strategy_ports[strategy].working
                (working.put if wakes else working.renew)(view)
            case LetGo(ticket):
                self._let_go.add(ticket)
            case Drop(ticket):
                if (scope := self._under_way.pop(ticket, None)) is not None:
                    scope.cancel()
            case Reconciled(disagreement):
                gateway.shared.reconciled(disagreement)
            case DoubtRules(pair, reason):
                gateway.shared.doubt_rules(pair, reason)
            case SlowDown(lanes):
                gateway.gate.complain(lanes)
            case CallHalt(reason):
                gateway.breach.put(reason)
            case ShowFlat(proven):
                gateway.flat.put(FlatProof(proven=True)) if proven else gateway.flat.withdraw()
        return None

    def _enter(self, effect: EnterLanes) -> Event | None:
        if wait_s := self._gateway.gate.enter_at_once(effect.lanes, effect.priority):
            self._begin(effect.ticket, partial(self._enter_after, wait_s, effect))
            return None
        return Answered(effect.ticket)

    def _send(self, effect: SendFrame) -> Event | None:
        try:
            self._gateway.requests.send_nowait(effect.frame)
        except trio.WouldBlock:
            self._begin(effect.ticket, partial(self._send_in_time, effect))
            return None
        return Answered(effect.ticket, value=True)

    def _journal(self, effect: Journal) -> None:
        if effect.receipt is None:
            self._outlet.post(JournalBatch(effect.entries))
            return
        receipt = Receipt()
        self._outlet.post(JournalBatch(effect.entries, receipt))
        self._nursery.start_soon(self._tell_durable, effect.receipt, receipt)

    async def _tell_durable(self, ticket: Ticket, receipt: Receipt) -> None:
        await receipt.wait()
        self._feed(Durable(ticket))

    # What takes time: each has a scope, so that what is not wanted any more ends.

    def _begin(self, ticket: Ticket, work: Callable[[], Awaitable[Event | None]]) -> None:
        self._under_way[ticket] = trio.CancelScope()
        self._nursery.start_soon(self._work, ticket, work)

    async def _work(self, ticket: Ticket, work: Callable[[], Awaitable[Event | None]]) -> None:
        answer = None
        with self._under_way[ticket]:
            answer = await work()
        self._under_way.pop(ticket, None)
        if answer is not None:
            self._feed(answer)

    async def _enter_after(self, wait_s: float, effect: EnterLanes) -> Event | None:
        await trio.sleep(wait_s)
        await self._gateway.gate.enter(effect.lanes, effect.priority)
        return Answered(effect.ticket)

    async def _send_in_time(self, effect: SendFrame) -> Event | None:
        with trio.move_on_after(self._gateway.deadlines.handover) as patience:
            await self._gateway.requests.send(effect.frame)
        return Answered(effect.ticket, value=not patience.cancelled_caught)

    async def _call(self, effect: SendCall) -> Event | None:
        confirm = partial(self._confirm, effect.ticket) if effect.confirmed else None
        try:
            value = await self._gateway.rest.call(effect.call, effect.priority, confirm)
        except _Withheld:
            return None
        except (Rejected, OutcomeUnknown, Outage, Fatal) as error:
            return Failed(effect.ticket, error)
        return Answered(effect.ticket, value)

    def _confirm(self, ticket: Ticket) -> None:
        """Ask the core whether a call may leave; nothing of it was sent."""
        self._feed(AboutToLeave(ticket))
        if ticket not in self._let_go:
            raise _Withheld
        self._let_go.discard(ticket)
