"""The order gateway: the only way of an order to the venue; it follows each order's status."""

from collections.abc import Mapping, Sequence

import attrs
import structlog
import trio

from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from actors.orders.life import GatewayLife
from actors.orders.strategy_ports import GatewayPorts, SharedState
from actors.orders.sweep import sweep
from actors.ports.lossless import SendPort, deliver, drain
from actors.ports.ports import JournalBatch, Latest, Receipt, Wakeup
from trading.core.errors import Outage
from trading.core.identifiers import ClientOrderIds, StrategyName
from trading.gateway.audit import Audit
from trading.gateway.routing import Deadlines, RoutingPolicy
from trading.gateway.sweep import sweep_deadline_s
from trading.journal.entries import LedgerEntry
from trading.journal.remembered import Remembered
from trading.messages.account import AccountSessionOpened, OrderNews
from trading.messages.gateway import FlatProof, Instruction
from trading.orders.order import Order
from trading.orders.request_ids import Request, request_id
from trading.venues.interface import Venue
from trading.venues.rate_limits import Priority

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class OrderGatewayActor:
    """
    Carries out instructions, follows every order to its end, cancels orders that may not stay.

    Orders of a strategy whose lease has lapsed are cancelled here, whatever the strategy does. A
    life begins with what the ledger remembers of those before it.

    Ports:
        instructions: The strategies' decisions (capacity 0: taken means being carried out).
        news: What the venue says about orders, in order (lossless).
        session: Set while the account's stream is open: a life may begin in the middle of one.
        requests: Frames to the account socket (capacity 0).
        ledger: Every intent, change of an order and fill (lossless).
        remembered: What the ledger knows.
        strategy_ports: The state kept for each strategy.
        shared: The state that they share.
        stopping: Why the run is ending.
        halt: Why nothing may be quoted until a person resumes; empty while quoting is allowed.
        breach: Why a halt is called for.
        flat: The venue's proof that nothing is left, under a halt or at the end.
        bell: Rung when a lease, the rules, the end or the halt change.

    Args:
        audit: Told of each event that its core handles.

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
    requests: SendPort[str]
    ledger: SendPort[JournalBatch]
    remembered: Latest[Remembered]
    strategy_ports: Mapping[StrategyName, GatewayPorts]
    shared: SharedState
    stopping: Latest[str]
    halt: Latest[str]
    breach: Latest[str]
    flat: Latest[FlatProof]
    bell: Wakeup
    deadlines: Deadlines = attrs.field(factory=Deadlines)
    terms: RoutingPolicy = attrs.field(factory=RoutingPolicy)
    audit: Audit | None = None

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        for ports in self.strategy_ports.values():
            ports.working.withdraw()
        remembered = await self._recall()
        drain(self.news)
        life = GatewayLife(self, remembered)
        task_status.started()
        # The last will is a task like the others, so that its failure does not hide theirs.
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._leave_nothing, life)
            life.begin(nursery)

    async def _recall(self) -> Remembered:
        """The ledger's memory once it has taken in all that former lives have posted."""
        receipt, nothing = Receipt(), tuple[LedgerEntry, ...]()
        await deliver(self.ledger, JournalBatch(nothing, receipt), self.deadlines.booking)
        with trio.move_on_after(self.deadlines.booking) as patience:
            await receipt.wait()
        remembered = self.remembered.read()
        if patience.cancelled_caught or remembered is None:
            raise Outage(f"the ledger does not answer for {self.deadlines.booking:g} s")
        return remembered

    async def _leave_nothing(self, life: GatewayLife) -> None:
        try:
            await trio.sleep_forever()
        finally:
            if life.working:
                await self._sweep(list(life.working.values()))  # noqa: ASYNC102  has both

    async def _sweep(self, working: Sequence[Order]) -> None:
        deadline_s = self.deadlines.last_will
        if self.stopping.read() is None:
            # The run goes on: only the next life waits for this sweep, and it can.
            deadline_s = sweep_deadline_s(deadline_s, len(working))
        log.warning("gateway_last_will", deadline_s=deadline_s, orders=len(working))
        with trio.move_on_after(deadline_s, shield=True) as last_will:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._cancel_by_stream, working)
                await sweep(
                    self.rest,
                    self.venue,
                    self.ids.owns,
                    pause_s=self.deadlines.sweep_pause,
                    known=working,
                )
                nursery.cancel_scope.cancel()
        if last_will.cancelled_caught:
            raise Outage("the gateway's last will was cut short: orders may still be open")

    async def _cancel_by_stream(self, working: Sequence[Order]) -> None:
        """
        Cancel by the account's socket, for as long as it is open.

        REST alone proves that nothing is left, but it may be slow while this way is open.
        """
        lanes = self.venue.request_lanes(Request.CANCEL)
        for order in working:
            await self.gate.enter(lanes, Priority.CANCEL)
            if self.session.read() is None:
                return
            about = request_id(Request.CANCEL, order.client_order_id)
            try:
                await self.requests.send(self.venue.cancel_frame(order, about))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return
