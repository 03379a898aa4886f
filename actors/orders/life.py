"""One life of the order gateway: its core is told what happens, and what it wants is done."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping

import attrs
import trio

from actors.orders.gateway_ports import Gateway
from actors.orders.ledger_outlet import LedgerOutlet
from actors.orders.questions import QuestionCarrier
from actors.orders.surroundings import Surroundings
from actors.ports.lossless import drain
from actors.ports.ports import JournalBatch, Wakeup
from trading.core.identifiers import ClientOrderId
from trading.gateway.audit import AuditedCore
from trading.gateway.core import Beginning, GatewayCore, Terms
from trading.gateway.effects import (
    CallHalt,
    DoubtRules,
    Effect,
    Journal,
    Publish,
    Reconciled,
    ShowFlat,
    ShowHeld,
    SlowDown,
    Ticket,
)
from trading.gateway.events import Durable, Event, Instructed, Looked, Told
from trading.journal.remembered import Remembered
from trading.messages.gateway import FlatProof
from trading.orders.order import Order


@attrs.frozen
class _Receipt:
    """A receipt of the core's, as the ledger gives it."""

    ticket: Ticket
    durable: Callable[[Ticket], None]

    def give(self) -> None:
        self.durable(self.ticket)


class GatewayLife:
    """
    Tells the core each event, and carries out the effects in their order.

    Args:
        remembered: The ledger's memory of former lives.
    """

    def __init__(self, gateway: Gateway, remembered: Remembered) -> None:
        self._gateway = gateway
        self._surroundings = Surroundings(gateway)
        beginning = Beginning(
            terms=Terms(
                venue=gateway.venue,
                ids=gateway.ids,
                deadlines=gateway.deadlines,
                routing=gateway.terms,
            ),
            remembered=remembered,
            stream_open=gateway.session.read() is not None,
            now=trio.current_time(),
            seen=self._surroundings.now(),
        )
        self._told: GatewayCore | AuditedCore
        if gateway.audit is None:
            self._core = self._told = GatewayCore(beginning)
        else:
            self._told = AuditedCore(beginning, gateway.audit)
            self._core = self._told.core
        self._outlet = LedgerOutlet(gateway.ledger, gateway.deadlines.booking)
        self._over = False
        self._trouble: Exception | None = None
        self._in_trouble = Wakeup()
        self._room = Wakeup()
        self._waits_for_room = False
        self._watching = trio.CancelScope()

    @property
    def working(self) -> Mapping[ClientOrderId, Order]:
        """Every order that is or may be at the venue."""
        return self._core.tracker.working

    def begin(self, nursery: trio.Nursery) -> None:
        """Start the tasks."""
        self._nursery = nursery
        gateway = self._gateway
        self._questions = QuestionCarrier(
            nursery,
            self._feed,
            gateway.rest,
            gate=gateway.gate,
            requests=gateway.requests,
            handover_s=gateway.deadlines.handover,
        )
        self._carry_out(self._told.begin())
        for task in (self._listen, self._obey, self._watch, self._fail, self._outlet.run):
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
                self._waits_for_room = True
                await self._room.wait()

    async def _watch(self) -> None:
        while True:
            with trio.move_on_at(self._core.wake_at) as self._watching:
                await self._gateway.bell.wait()
            self._feed(Looked())

    def _is_durable(self, ticket: Ticket) -> None:
        """
        Tell the core of a receipt, in the ledger's task, so that its order leaves at once.

        What goes wrong then is no business of that task: it ends this life.
        """
        if self._over or self._nursery.cancel_scope.cancel_called:
            return
        try:
            self._feed(Durable(ticket))
        except Exception as trouble:  # noqa: BLE001  # raised in this life's own task
            self._over, self._trouble = True, trouble
            self._in_trouble.ring()

    async def _fail(self) -> None:
        """Raise what went wrong in another task, if anything ever does."""
        try:
            await self._in_trouble.wait()
        finally:
            self._over = True
        assert self._trouble is not None
        raise self._trouble

    def _feed(self, event: Event) -> None:
        self._carry_out(self._handle(event))

    def _handle(self, event: Event) -> Iterable[Effect]:
        return self._told.handle(event, trio.current_time(), self._surroundings.now())

    # Carrying out.

    def _carry_out(self, effects: Iterable[Effect]) -> None:
        waiting = deque(effects)
        while waiting:
            if (answer := self._do(waiting.popleft())) is not None:
                waiting.extend(self._handle(answer))
        if self._watching.deadline != (wake_at := self._core.wake_at):
            self._watching.deadline = wake_at
        if self._waits_for_room and not self._core.full:
            self._waits_for_room = False
            self._room.ring()

    def _do(self, effect: Effect) -> Event | None:
        """Carry out one effect, or begin to; its answer, where that is known at once."""
        gateway = self._gateway
        match effect:
            case Journal(entries, receipt):
                given = None if receipt is None else _Receipt(receipt, self._is_durable)
                self._outlet.post(JournalBatch(entries, given))
            case Publish() | ShowHeld() | ShowFlat() | Reconciled():
                self._show(effect)
            case DoubtRules(pair, reason):
                gateway.shared.doubt_rules(pair, reason)
            case SlowDown(lanes):
                gateway.gate.complain(lanes)
            case CallHalt(reason):
                gateway.breach.put(reason)
            case _:
                return self._questions.do(effect)
        return None

    def _show(self, effect: Publish | ShowHeld | ShowFlat | Reconciled) -> None:
        gateway = self._gateway
        match effect:
            case Publish(strategy, view, wakes):
                working = gateway.strategy_ports[strategy].working
                (working.put if wakes else working.renew)(view)
            case ShowHeld(amounts):
                gateway.shared.held.renew(amounts)
            case Reconciled(disagreement):
                gateway.shared.reconciled(disagreement)
            case ShowFlat(proven):
                self._show_flat(proven=proven)

    def _show_flat(self, *, proven: bool) -> None:
        if proven:
            self._gateway.flat.put(FlatProof(proven=True))
        else:
            self._gateway.flat.withdraw()
