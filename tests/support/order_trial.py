"""
Engines that trade at a troubled exchange, die and come again; and what has to be true of it all.

The truth is the exchange's own: its orders, its fills, its balances. A ledger that survives every
death has to come to the same, to the last decimal.
"""

from collections.abc import Sequence
from decimal import Decimal

import attrs
import trio
from typing_extensions import override

from actors.ports.ledger_store import Slow
from engine.storage.ledger_database import LedgerDatabase, open_in_memory
from tests.support.builders import DOGE
from tests.support.gateway_rig import GatewayRig
from tests.support.inline_ledger import Trouble, TroubledLedger
from tests.support.ledger_rig import VENUE, Books
from tests.support.lives import Life, begin_again_and_again
from tests.support.simulated_venue import EPOCH_NS, SimulatedVenue
from trading.core.identifiers import ClientOrderIds, Currency
from trading.core.market import Side
from trading.gateway.audit import decided_again
from trading.gateway.routing import RoutingPolicy
from trading.journal import reading
from trading.journal.tables import ORDERS, Statement
from trading.orders.leftovers import LeftoverPolicy
from trading.orders.order import Order, OrderStatus
from trading.risk import RiskLimits
from trading.venues.valr.simulator.accounts.orders import AccountFill, Status, VenueOrder
from trading.venues.valr.simulator.core.fault_plan import FaultPlan
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT

GENEROUS = RiskLimits(
    price_collar=Decimal(9),
    last_trade_collar=Decimal(9),
    max_orders_per_side=1000,
    max_fills_in_row=1000,
    max_book_age_s=1e9,
    max_instructions_per_minute=100_000,
)
"""What is tried here is not the limits."""

_ENDS = {
    Status.FILLED: OrderStatus.FILLED,
    Status.CANCELLED: OrderStatus.CANCELLED,
    Status.FAILED: OrderStatus.REJECTED,
}

_CALM_S = 250.0
"""Longer than half-open connections are noticed after, and two comparisons take."""


class Disk(TroubledLedger):
    """Knows since when orders are on it. What a dead process has not finished never gets there."""

    def __init__(
        self, database: LedgerDatabase, trouble: Trouble, durable_at: dict[str, float]
    ) -> None:
        super().__init__(database, trouble)
        self.dead = False
        self._durable_at = durable_at

    @override
    async def commit(self, statements: Sequence[Statement], slow: Slow | None = None) -> None:
        if self.dead:
            return
        await super().commit(statements, slow)
        for statement in statements:
            if statement.text.startswith(f"INSERT INTO {ORDERS.name} "):
                # Written again with each change; the row that is there already stays.
                self._durable_at.setdefault(str(statement.values[0]), trio.current_time())


@attrs.frozen(kw_only=True)
class Process:
    """
    One run of an engine.

    Args:
        rig: Its gateway, account socket and ledger.
    """

    rig: GatewayRig
    disk: Disk
    gateway: Life
    scope: trio.CancelScope
    over: trio.Event


@attrs.define(kw_only=True)
class OrderTrial:
    """
    One engine after the other at one exchange, on one ledger.

    Args:
        commit_s: How long the disk takes for a commit.
        durable_at: Monotonic seconds since which each order is on the disk.
    """

    nursery: trio.Nursery
    site: SimulatedVenue
    leftovers: LeftoverPolicy = LeftoverPolicy.CANCEL
    orders_by_rest: bool = False
    commit_s: float = 0.01
    database: LedgerDatabase = attrs.field(factory=open_in_memory)
    durable_at: dict[str, float] = attrs.field(factory=dict)
    sessions: int = 0
    _process: Process | None = None

    @property
    def process(self) -> Process:
        assert self._process is not None, "no engine runs"
        return self._process

    @property
    def rig(self) -> GatewayRig:
        return self.process.rig

    # Lives.

    async def start(self) -> None:
        """Start an engine on the same ledger, as a new session."""
        self.sessions += 1
        self._process = await self.nursery.start(self._live)

    async def _live(self, *, task_status: trio.TaskStatus[Process]) -> None:
        """One process: whatever lives in it ends with it."""
        books = Books(wall_ns=EPOCH_NS, database=self.database, session=self.sessions)
        books.trouble.slow_s = self.commit_s
        disk = books.store = Disk(self.database, books.trouble, self.durable_at)
        over = trio.Event()
        async with trio.open_nursery() as nursery:
            rig = GatewayRig(
                nursery=nursery,
                site=self.site,
                books=books,
                limits=GENEROUS,
                ids=ClientOrderIds("test", self.sessions),
                terms=RoutingPolicy(leftovers=self.leftovers, orders_by_rest=self.orders_by_rest),
            )
            await rig.begin_socket()
            gateway = await self._begin_gateway(rig)
            task_status.started(
                Process(
                    rig=rig,
                    disk=disk,
                    gateway=gateway,
                    scope=nursery.cancel_scope,
                    over=over,
                )
            )
        over.set()

    async def _begin_gateway(self, rig: GatewayRig) -> Life:
        await rig.keep_books()
        return await begin_again_and_again(rig.nursery, rig.gateway, pause_s=0.5)

    async def restart_gateway(self) -> None:
        """Let the gateway begin a new life, after its last will."""
        await self.process.gateway.end()
        gateway = await self._begin_gateway(self.rig)
        self._process = attrs.evolve(self.process, gateway=gateway)

    async def stop(self) -> None:
        """End the engine; whatever its last words are."""
        self.process.scope.cancel()
        await self.process.over.wait()

    async def kill(self) -> None:
        """End the engine with no last words: nothing of it reaches the exchange or the disk."""
        self.process.disk.dead = True
        door = self.site.rest_door
        before, door.refuses = door.refuses, True
        await self.stop()
        door.refuses = before

    # Calm, and what has to be true then.

    async def settle(self) -> None:
        """End all trouble, and wait for as long as anything may take to be noticed."""
        self.site.exchange.faults.disarm()
        self.site.exchange.faults.plan = FaultPlan()
        self.site.heal()
        await trio.sleep(_CALM_S)

    def look(self) -> None:
        """What has to be true at every moment."""
        accepted = [order for order in self.theirs if order.customer_order_id is not None]
        names = [str(order.customer_order_id) for order in accepted]
        assert len(set(names)) == len(names), "an order was placed twice"
        for order in accepted:
            durable_at = self.durable_at.get(str(order.customer_order_id))
            assert durable_at is not None, f"the ledger does not know {order.customer_order_id}"
            arrived_at = (order.created_ms - EPOCH_NS / 1e6) / 1e3
            assert durable_at <= arrived_at + 0.002, "it left before it was durable"
        view = self.rig.working.read()
        if view is not None:
            shown = {order.client_order_id for order in view.orders}
            lost = {order.customer_order_id for order in self.site.open_orders()} - shown
            assert not lost, f"given up, and open at the exchange: {lost}"

    def compare(self) -> None:
        """What has to be true once all is calm: we know what the exchange knows, exactly."""
        self.look()
        view = self.rig.working.read()
        assert view is not None
        assert view.reconciled
        assert sorted(map(_ours, view.orders)) == sorted(map(self._theirs, self.site.open_orders()))
        self._compare_ends()
        self._compare_fills()
        assert decided_again(self.rig.tape) is None, "the same events have other effects"

    @property
    def theirs(self) -> Sequence[VenueOrder]:
        """Every order of ours that the exchange has ever taken."""
        orders = self.site.exchange.venue.orders
        return [*orders.open_of(DEMO_ACCOUNT.api_key), *orders.closed_of(DEMO_ACCOUNT.api_key)]

    def _compare_ends(self) -> None:
        """How each order ended; what the exchange never saw is never more than rejected."""
        stored = self.database.read(
            lambda query: reading.orders(query, venue=VENUE, since_ns=0, ended_too=True)
        )
        found = {order.client_order_id: order for order in stored}
        theirs = {str(order.customer_order_id): order for order in self.theirs}
        for name, order in found.items():
            if name not in theirs:
                assert order.status is OrderStatus.REJECTED, order
            elif theirs[name].status in _ENDS:
                assert order.status is _ENDS[theirs[name].status], (order, theirs[name])
            else:
                assert not order.status.terminal, (order, theirs[name])

    def _compare_fills(self) -> None:
        booked = self.database.read(lambda query: reading.fills(query, venue=VENUE))
        executed = list(self.site.exchange.venue.orders.fills_of(DEMO_ACCOUNT.api_key))
        ours = sorted(
            (one.fill.trade_id, one.fill.client_order_id, one.fill.price, one.fill.quantity)
            for one in booked
        )
        assert ours == sorted(map(self._executed, executed))
        balances = dict(DEMO_ACCOUNT.balances)
        for one in booked:
            fill = one.fill
            sign = 1 if fill.side is Side.BUY else -1
            balances[_BASE] += sign * fill.quantity
            balances[_QUOTE] -= sign * fill.quantity * fill.price
            if fill.fee:
                balances[Currency(fill.fee_currency)] -= fill.fee
        account = self.site.exchange.venue.accounts[DEMO_ACCOUNT.api_key]
        assert {c: account.balance(c).total for c in balances} == balances

    def _theirs(self, order: VenueOrder) -> tuple[str, Decimal, Decimal]:
        grid = self.site.exchange.venue.listings[DOGE].grid
        return (
            str(order.customer_order_id),
            grid.quantity(order.quantity),
            grid.quantity(order.executed),
        )

    def _executed(self, fill: AccountFill) -> tuple[str, str, Decimal, Decimal]:
        grid = self.site.exchange.venue.listings[DOGE].grid
        quantity = grid.quantity(fill.quantity)
        price = grid.notional(fill.price * fill.quantity) / quantity
        return fill.trade_id, str(fill.order.customer_order_id), price, quantity


def _ours(order: Order) -> tuple[str, Decimal, Decimal]:
    return order.client_order_id, order.quantity, order.filled_quantity


_BASE, _QUOTE = Currency("DOGE"), Currency("USDT")
