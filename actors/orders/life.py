"""One life of the order gateway: its tasks, and the state they share."""

from collections.abc import Iterable

import structlog
import trio

from actors.orders.cancels import OrderCancels
from actors.orders.dispatch import OrderDispatch
from actors.orders.drift import DriftMonitor
from actors.orders.gateway_ports import Gateway
from actors.orders.placing import OrderPlacing
from actors.orders.reconciler import NOT_COMPARED, Reconciler
from actors.orders.reconciliation import Reconciliation
from actors.orders.records import OrderRecords
from actors.orders.refusals import OrderRefusals, by_the_venue
from actors.orders.side_halts import SideHalts, StopKind
from actors.orders.strategy_ports import GatewayPorts, RiskGate
from actors.orders.sweep import sweep
from actors.orders.unreadable import Unreadable
from actors.ports.lossless import drain
from actors.ports.ports import Receipt
from actors.ports.ticks import next_tick
from trading.core.identifiers import ClientOrderId, StrategyName
from trading.core.market import Side
from trading.gateway.tracker import OrderTracker
from trading.journal.entries import FillBooked
from trading.journal.remembered import Remembered
from trading.messages.account import (
    AccountSessionLost,
    AccountSessionOpened,
    FillReported,
    OrderNews,
    OrderReport,
    OrderReported,
    RequestRefused,
)
from trading.messages.gateway import FlatProof, Instruction, WorkingOrders
from trading.orders.evidence import NOTHING, Heard
from trading.orders.leftovers import LeftoverPolicy
from trading.orders.order import Order, OrderStatus

log = structlog.get_logger()

_STRANGE_MAX = 100
"""How many unknown words for a status are remembered, each to be logged once."""

_DURABLE_S = 0.1
"""A strategy waits so long for its new orders to be durable; then its cancels matter more."""

_WATCH_S = 1.0
"""Between two checks of overdue answers and limits; sooner where the bell rings."""


class GatewayRun:
    """
    The tasks and their state.

    Args:
        remembered: The ledger's memory of former lives.
    """

    def __init__(self, gateway: Gateway, dispatch: OrderDispatch, remembered: Remembered) -> None:
        self.tracker = OrderTracker()
        self._gateway = gateway
        self._dispatch = dispatch
        self._deadlines = gateway.deadlines
        self._obeyed = dict.fromkeys(gateway.strategy_ports, 0)
        self._limits = {name: ports.limits for name, ports in gateway.strategy_ports.items()}
        self._strange: set[str] = set()
        self._halted = bool(gateway.halt.read())
        self._withdrawing = False
        self._told_withdrawn = ""
        self._refusals = OrderRefusals()
        self._stops = SideHalts(self._refusals)
        self._records = OrderRecords(gateway.ledger, gateway.deadlines.booking)
        inherited = frozenset(order.client_order_id for order in remembered.orders)
        reconciliation = Reconciliation(
            venue=gateway.venue,
            rest=gateway.rest,
            ids=gateway.ids,
            tracker=self.tracker,
            tell=self._hear,
            pairs={name: ports.pair for name, ports in gateway.strategy_ports.items()},
            leftovers=gateway.terms.leftovers,
            inherited=inherited,
            halt=gateway.breach.put,
            # Without a known fill only inherited orders may have any; they are read further.
            since_ms=remembered.last_fill_at_ms or gateway.shared.venue_clock() // 1_000_000,
            venue_clock=gateway.shared.venue_clock,
        )
        self._questions = Reconciler(
            stream_open=gateway.session.read() is not None,
            tracker=self.tracker,
            reconciliation=reconciliation,
            shared=gateway.shared,
            deadlines=gateway.deadlines,
            publish=self._publish_all,
            looked_up=self._renew_all,
            withdrawn=lambda: bool(gateway.withdrawn),
            prove_flat=self._prove_flat,
        )
        self._unexplained = DriftMonitor(
            tracker=self.tracker,
            ids=gateway.ids,
            strategy_ports=gateway.strategy_ports,
            shared=gateway.shared,
            records=self._records,
            stops=self._stops,
            compare=self._questions.compare_from,
        )
        self._unreadable = Unreadable(
            self._is_ours,
            lambda: self._questions.compare_from(float("-inf")),
            gateway.shared.venue_clock,
        )
        fills = [entry for entry in remembered.fills if entry.at > remembered.resumed_at]
        self._risk = {
            name: RiskGate(ports, gateway.shared, self._at_stake, fills)
            for name, ports in gateway.strategy_ports.items()
        }
        self._placing = OrderPlacing(
            tracker=self.tracker,
            risk=self._risk,
            ids=gateway.ids,
            dispatch=dispatch,
            records=self._records,
            deadlines=gateway.deadlines,
            not_permitted=self._not_permitted,
            withdrawn=lambda: bool(gateway.withdrawn),
            tell=self._tell,
            hear=self._hear,
            refusals=self._refusals,
        )
        self._cancels = OrderCancels(
            tracker=self.tracker,
            dispatch=dispatch,
            stream=lambda: self._questions.session if self._questions.stream_open else None,
            take_back=self._placing.take_back,
            tell=self._tell,
            spared=inherited if gateway.terms.leftovers is LeftoverPolicy.ADOPT else (),
            patience_s=gateway.deadlines.outcome,
            answers_again=gateway.bell.ring,
        )
        self._restored = self.tracker.restore(
            (*remembered.ended, *remembered.orders),
            remembered.booked,
            trio.current_time(),
            short=remembered.short,
        )
        self.tracker.remember(entry.fill for entry in remembered.fills)

    def begin(self, nursery: trio.Nursery) -> None:
        """Start the tasks."""
        self._tell(self._restored)
        self._gateway.shared.reconciled(NOT_COMPARED)
        self._nursery = nursery
        for task in (self._listen, self._obey, self._guard):
            nursery.start_soon(task)
        nursery.start_soon(self._questions.run, self._unexplained)
        nursery.start_soon(self._placing.run)
        nursery.start_soon(self._records.run)

    def _at_stake(self) -> Iterable[Order]:
        """Every order that is or may be open, and the unbooked fills of others, as orders."""
        return (*self.tracker.working.values(), *self.tracker.unbooked())

    # Listening to the venue.

    async def _listen(self) -> None:
        async for first in self._gateway.news:
            # A burst is taken as a whole before a strategy decides on it.
            for news in (first, *drain(self._gateway.news)):
                self._hear(news)
                if isinstance(news, AccountSessionOpened | AccountSessionLost):
                    is_open = isinstance(news, AccountSessionOpened)
                    self._questions.stream_changed(is_open=is_open)
                    # Orders that may not stay are cancelled by the stream that has just opened.
                    self._gateway.bell.ring()

    def _hear(self, news: OrderNews) -> None:
        if self._unreadable.hear(news):
            return
        if isinstance(news, RequestRefused) and news.rate_limited:
            self._dispatch.complain(news)
        if isinstance(news, OrderReported) and news.report.event is None:
            self._say_strange(news.report)
        if isinstance(news, FillReported) and self._unexplained.is_stray(news.fill):
            self._unexplained.book_stray(news.fill)
            return
        self._tell(self.tracker.hear(news, trio.current_time()))
        if isinstance(news, FillReported) and not news.listed:
            self._unexplained.look_at(news.fill)

    def _is_ours(self, name: str) -> bool:
        return self._gateway.ids.owns(ClientOrderId(name)) or self.tracker.named(name) is not None

    def _say_strange(self, report: OrderReport) -> None:
        if report.status_text not in self._strange and len(self._strange) < _STRANGE_MAX:
            self._strange.add(report.status_text)
            order = report.client_order_id or report.venue_order_id
            log.error("order_status_strange", order=order, status=report.status_text)

    def _tell(self, heard: Heard) -> None:
        """Publish first: the next decision must see what is already known."""
        if heard is NOTHING:
            return
        now = trio.current_time()
        for fill in heard.fills:
            for risk in self._risk.values():
                risk.booked(FillBooked(fill, now))
            self._unexplained.filled(fill, now)
        self._questions.ask_about(heard.renamed)
        for order in heard.changed:
            if order.filled_quantity > order.quantity:
                self._stop_side(order.strategy, order.side, f"{order.client_order_id} overfilled")
        if heard.changed:
            self._refusals.changed(heard.changed, now)
            self._doubt_rules(heard.changed)
            self._publish_all()
            self._questions.notice()
        if heard.fills or (heard.changed and self._withdrawing):
            self._gateway.bell.ring()
        self._records.write(heard, now)
        self._cancel_revived(heard.revived)

    def _cancel_revived(self, revived: Iterable[Order]) -> None:
        """Cancel given-up orders that are at the venue after all: no decision counts them."""
        for order in revived:
            log.error("order_turned_up", order=order.client_order_id, strategy=order.strategy)
            self._cancel_all([order.client_order_id])
            self._questions.compare_from(float("-inf"))

    def _doubt_rules(self, changed: Iterable[Order]) -> None:
        """Have a pair's rules read anew after a rejection, or the same quote is rejected again."""
        for order in changed:
            rejected = order.status is OrderStatus.REJECTED and by_the_venue(order)
            if rejected and self._gateway.venue.speaks_of_rules(order.reason):
                self._gateway.shared.doubt_rules(order.pair, order.reason)

    def _stop_side(self, strategy: StrategyName, side: Side, reason: str) -> None:
        """Stop a side until a person resumes: our knowledge and the venue's fills differ."""
        self._stops.stop(StopKind.FOR_A_PERSON, [(strategy, side)], reason)

    def _publish_all(self) -> None:
        for strategy in self._gateway.strategy_ports:
            self._publish(strategy)

    def _publish(self, strategy: StrategyName) -> None:
        self._gateway.strategy_ports[strategy].working.put(self._view_of(strategy))

    def _renew_all(self) -> None:
        """Renew the strategies' views without waking them."""
        for strategy, ports in self._gateway.strategy_ports.items():
            if ports.working.peek() is not None:
                ports.working.renew(self._view_of(strategy))

    def _view_of(self, strategy: StrategyName) -> WorkingOrders:
        return WorkingOrders(
            orders=self.tracker.working_of(strategy),
            completed=self.tracker.completed_of(strategy),
            instruction=self._obeyed[strategy],
            reconciled=self._questions.reconciled,
            shut_out=self._refusals.of(strategy),
            doubts=self.tracker.doubts_of(strategy),
            withdrawn=self._told_withdrawn,
        )

    # Obeying the strategies: cancels leave at once, new orders once they are durable.

    async def _obey(self) -> None:
        async for instruction in self._gateway.instructions:
            cancels = self._cancel_all(instruction.cancels)
            for amend in instruction.amends:
                self._placing.amend(amend, self._nursery)
            outgoing = self._placing.accept(instruction, cancels)
            if outgoing is None:
                self._show_obeyed(instruction)
            else:
                self._publish(instruction.strategy)
                self._nursery.start_soon(self._show_obeyed_in_time, instruction, outgoing.durable)
                await self._placing.send(outgoing)

    def _show_obeyed(self, instruction: Instruction) -> None:
        before = self._obeyed[instruction.strategy]
        self._obeyed[instruction.strategy] = max(before, instruction.number)
        self._publish(instruction.strategy)

    async def _show_obeyed_in_time(self, instruction: Instruction, durable: Receipt) -> None:
        """
        Have the strategy decide again once its new orders could have left.

        A strategy that took them back before that, again and again, would never have any.
        """
        with trio.move_on_after(_DURABLE_S):
            await durable.wait()
        self._show_obeyed(instruction)

    def _not_permitted(self, order: Order) -> str:
        """Why an order may not leave at this moment, limits apart; empty when it may."""
        ports = self._gateway.strategy_ports[order.strategy]
        if reason := ports.not_permitted(self._gateway.withdrawn, trio.current_time()):
            return reason
        if not self._questions.stream_open:
            return "the account's stream is not open"
        if not self._questions.reconciled:
            return NOT_COMPARED
        doubtful = self._gateway.shared.doubtful(order.pair)
        return doubtful or self._stops.why(order.strategy, order.side)

    def _cancel_all(self, order_ids: Iterable[ClientOrderId]) -> list[Receipt]:
        """Send a cancel for each order without one under way; a receipt for each that has left."""
        return self._cancels.cancel(order_ids, self._nursery)

    # Guarding: orders that may not stay are cancelled, overdue ones become UNKNOWN.

    async def _guard(self) -> None:
        while True:
            now = trio.current_time()
            self._tell(self.tracker.mark_overdue(now, self._deadlines.outcome))
            self._notice_halts()
            self._tell_what_shuts()
            self._unexplained.watch_balances(now, reconciled=self._questions.reconciled)
            withdrawing, due = False, self._next_due(now)
            for name, ports in self._gateway.strategy_ports.items():
                self._hold_against_new_limits(name, ports)
                reason = ports.not_permitted(self._gateway.withdrawn, now)
                if not self._halted and (breach := self._risk[name].breach()):
                    # The halt is durable in a moment; here it holds at once.
                    self._gateway.breach.put(f"{name}: {breach}")
                    reason = reason or breach
                if reason:
                    withdrawing = True
                    due = min(due, self._withdraw(name, reason))
            self._withdrawing = withdrawing
            if self._gateway.withdrawn:
                self._questions.notice()
            # The answer to an order that leaves meanwhile is not due before the next look.
            pause_s = min(_WATCH_S, self._deadlines.outcome / 2)
            with trio.move_on_at(min(due, next_tick(pause_s))):
                await self._gateway.bell.wait()

    def _notice_halts(self) -> None:
        halted = bool(self._gateway.halt.read())
        if self._halted and not halted:
            # A person has resumed: forget what led to the halt, and the proof that it was flat.
            self._stops.open(StopKind.FOR_A_PERSON)
            self._gateway.flat.withdraw()
            for risk in self._risk.values():
                risk.forgive()
        self._halted = halted

    def _tell_what_shuts(self) -> None:
        """Publish why orders do not stand, to account for quoting time; no decision uses it."""
        is_now = ""
        if self._gateway.withdrawn:
            is_now = "halted" if self._gateway.halt.read() else "stopping"
        elif self._told_withdrawn:
            self._refusals.lifted()
        outdated = self._placing.retest()
        if is_now != self._told_withdrawn:
            self._told_withdrawn = is_now
            self._publish_all()
        elif outdated:
            self._renew_all()

    def _hold_against_new_limits(self, name: StrategyName, ports: GatewayPorts) -> None:
        """Cancel orders that were sent under former limits and break the new ones."""
        if ports.limits is self._limits[name]:  # the same configuration, nearly always
            return
        self._limits[name] = ports.limits
        for order in self.tracker.working_of(name):
            if order.status in _CANCELLABLE and (why := self._risk[name].no_longer_fits(order)):
                self._records.withdrawn(order, f"beyond the new limits: {why}")
                self._cancel_all([order.client_order_id])

    def _withdraw(self, strategy: StrategyName, reason: str) -> float:
        """Cancel all orders of a strategy; when to do so again if they do not end."""
        orders = self.tracker.working_of(strategy)
        cancellable = [order for order in orders if order.status in _CANCELLABLE]
        for order in cancellable:
            self._records.withdrawn(order, reason)
        self._cancel_all([order.client_order_id for order in cancellable])
        return self._cancels.insist(self.tracker.working_of(strategy), self._nursery)

    def _next_due(self, now: float) -> float:
        """When the next lease that runs ends, or the next answer is overdue."""
        leases = [ports.readiness.read() for ports in self._gateway.strategy_ports.values()]
        due = [lease.valid_until for lease in leases if lease is not None and lease.holds_at(now)]
        if (overdue_at := self.tracker.overdue_at(self._deadlines.outcome)) is not None:
            due.append(overdue_at)
        return min(due, default=float("inf"))

    async def _prove_flat(self) -> None:
        if self._gateway.flat.read() is not None:
            return
        await sweep(
            self._gateway.rest,
            self._gateway.venue,
            self._gateway.ids.owns,
            pause_s=self._deadlines.lookup_pause,
        )
        if self._gateway.withdrawn:
            self._gateway.flat.put(FlatProof(proven=True))


_CANCELLABLE = frozenset({OrderStatus.PENDING, OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED})
