"""The surroundings of one simulation: a venue, the network, a disk, and engine processes."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

import attrs
import trio

from actors.net.network import Address
from actors.ports.ports import Latest, Wakeup
from actors.simulated_exchange import SimulatedExchangeActor
from config.settings import Settings
from engine.environment.simulated_venue import Tape, demo_accounts, simulated_exchange
from engine.environment.state_folder import ledger_path
from engine.environment.venue_connection import VenueConnection, began_at, simulated_counterparty
from engine.environment.world import World
from engine.simulation.clock_alarm import ClockAlarm
from engine.simulation.departures import Departure, DepartureReader
from engine.simulation.disk import Ledgers, ProcessDisk
from engine.simulation.internet import (
    ACCOUNT,
    PORT,
    REST,
    REST_HOST,
    SOCKET_HOST,
    TRADE,
    Internet,
)
from engine.simulation.links import Way
from engine.simulation.memory_sockets import MemorySockets
from engine.simulation.process import Process
from engine.simulation.repeatable import EPOCH_NS
from engine.simulation.trace import Trace
from engine.simulation.violation import Violation
from trading.backtest.latency import Latency
from trading.core.identifiers import ClientOrderId, ClientOrderIds
from trading.journal.tables import Query
from trading.risk import RiskLimits
from trading.simulator.market.replay import RecordedMarket
from trading.venues.valr.simulator.accounts.orders import VenueOrder
from trading.venues.valr.simulator.core.settings import DemoAccount
from trading.venues.valr.simulator.exchange import SimulatedExchange

IDENTITY = "simulated"
_NS = 1_000_000_000


class Streams:
    """Independent sources of chance from one seed, so that what one draws changes no other."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, purpose: str) -> Random:
        return Random(f"{self._seed} {purpose}")  # to be repeated


@attrs.frozen(kw_only=True)
class Conditions:
    """
    The circumstances of one simulation besides its faults.

    Args:
        latency_s: Of every byte, each way.
        jitter_s: And up to so much more.
        orders: Of requests about orders alone, and of the answers to them and the account's news;
            ``None`` for the same as of every byte.
        feed_s: Of market data; likewise. A recording's own latency comes on top.
        commit_s: How long the disk takes.
        restart_s: How long an operator takes to start an engine again, from and to.
        epoch_ns: The wall clock when it begins, nanoseconds since 1970.
    """

    latency_s: float = 0.01
    jitter_s: float = 0.0
    orders: Latency | None = None
    feed_s: float | None = None
    commit_s: float = 0.002
    restart_s: tuple[float, float] = (1.0, 30.0)
    epoch_ns: int = EPOCH_NS


class Site:
    """
    One simulation's surroundings.

    Args:
        settings: The engine's own configuration, with its simulated exchange.
        trace: Shown what happens.
        tape: Recorded markets, in place of those of the settings.

    Attributes:
        exchange: The venue; its books are the truth.
        risk_limits: Of each strategy, by its name.
        processes: Every engine so far; the last one may be running.
        departures: Every order that left an engine, by its id.
        struck: How often each fault of the catalogue really happened.
        quiet_since: Monotonic seconds since which nothing is being done on purpose; ``None`` now.
        violation: The first violation of an invariant.
        meddled: Whether a person uses the account beside the engine now; ``meddled_ever``, ever.
        excuses: What has happened since the last calm that may keep an engine away for longer.
        crashed_at: Monotonic seconds of the last actor that was crashed on purpose.
        ended_at: Simulated seconds at which everything was over.
        list_asked_at: Monotonic seconds at which an engine last asked which orders are open.
    """

    def __init__(
        self,
        settings: Settings,
        seed: int,
        trace: Trace,
        conditions: Conditions,
        tape: Tape | None = None,
    ) -> None:
        self.settings = settings
        self._epoch_ns = conditions.epoch_ns
        self.trace = trace
        self.streams = Streams(seed)
        usual = Way(latency_s=conditions.latency_s, jitter_s=conditions.jitter_s)
        ways = self._ways(conditions)
        self.internet = Internet(self.streams.of("network"), trace, usual, ways)
        self.ledgers = Ledgers(self.streams.of("disk"), usual_s=conditions.commit_s)
        self.local_sockets = MemorySockets()
        self.stir = Wakeup()
        self.clock_error_s = 0.0
        venue_world = self._world(self.streams.of("venue"))
        self._traded = {strategy.pair for strategy in settings.strategies.values()}
        self.exchange: SimulatedExchange = simulated_exchange(
            settings.simulator,
            settings.recording_pair,
            venue_world,
            # Views that no check reads would only take time.
            traded=self._traded,
            tape=tape,
        )
        self._exchange_began_at = began_at(self.exchange, venue_world)
        # Put together anew from the settings whenever they are asked for it.
        self.risk_limits: dict[str, RiskLimits] = {
            name: strategy.risk_limits for name, strategy in settings.strategies.items()
        }
        self.account: DemoAccount = demo_accounts(settings.simulator)[0]
        self.ids = ClientOrderIds(settings.engine.name, 0)
        self.processes: list[Process] = []
        self.departures: dict[str, Departure] = {}
        self.struck: Counter[str] = Counter()
        self.quiet_since: float | None = 0.0
        self.violation: Violation | None = None
        self.meddled = self.meddled_ever = False
        self.excuses: set[str] = set()
        self.crashed_at = float("-inf")
        self.ended_at = 0.0
        self.list_asked_at = float("-inf")
        self.on_departure: list[Callable[[Departure], None]] = []
        self.on_order: list[Callable[[VenueOrder], None]] = []
        self.on_venue: list[Callable[[], None]] = []
        self._open: Sequence[VenueOrder] | None = None
        self._open_by_name: Mapping[str, VenueOrder] = {}
        self.exchange.venue.orders.watch = self._ordered
        self.exchange.watch = self._moved
        self._failed = trio.CancelScope()

    # The parts.

    def _ways(self, conditions: Conditions) -> Mapping[tuple[str, bool], Way]:
        """What is different of some connections, to the venue and from it."""
        jitter_s, ways = conditions.jitter_s, dict[tuple[str, bool], Way]()
        if (orders := conditions.orders) is not None:
            entry, answer = (
                Way(jitter_s=jitter_s, takes_s=partial(self._takes_s, takes_ns))
                for takes_ns in (orders.entry_ns, orders.answer_ns)
            )
            ways |= {(ACCOUNT, True): entry, (REST, True): entry}
            ways |= {(ACCOUNT, False): answer, (REST, False): answer}
        if (feed_s := conditions.feed_s) is not None:
            ways[TRADE, False] = Way(latency_s=feed_s, jitter_s=jitter_s)
        return ways

    def _takes_s(self, takes_ns: Callable[[int, int], int]) -> float:
        """What a model of latency says of this moment."""
        at_ns = self.exchange.epoch_ns + round(self.exchange_now * _NS)
        return takes_ns(at_ns, self._feed_ns()) / _NS

    def _feed_ns(self) -> int:
        """How late the market data last were; of made markets they never are."""
        return max(
            (
                market.feed_ns
                for pair in self._traded
                if isinstance(market := self.exchange.venue.listings[pair].market, RecordedMarket)
            ),
            default=0,
        )

    def wall_clock(self) -> int:
        """Nanoseconds since 1970 on the engine's machine."""
        return self._epoch_ns + round((trio.current_time() + self.clock_error_s) * 1e9)

    def _world(self, random: Random) -> World:
        return World(
            wall_clock=self.wall_clock,
            random=random,
            network=self.internet,
            local=self.local_sockets,
            disk=ProcessDisk(self.ledgers),
        )

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Have the venue answer for as long as this runs."""
        server = SimulatedExchangeActor(
            network=self.internet,
            exchange=self.exchange,
            listening=Latest(),
            ended=Latest(),
            began_at=self._exchange_began_at,
            stirred=self.stir,
            alarm=ClockAlarm,
        )
        await server.run(task_status=task_status)

    def _party(self, world: World) -> VenueConnection:
        rest, sockets = (
            Address(host=host, port=PORT, tls=False) for host in (REST_HOST, SOCKET_HOST)
        )
        return simulated_counterparty(
            self.settings,
            world,
            identity=IDENTITY,
            rest=lambda: rest,
            sockets=lambda: sockets,
            exchange=None,
            listening=Latest(),
        )

    def new_process(self) -> Process:
        """An engine that is about to start."""
        number = len(self.processes) + 1
        if self.open_orders():
            self.struck_by("V31")
        process = Process(
            number=number,
            settings=self.settings,
            internet=self.internet,
            ledgers=self.ledgers,
            local_sockets=self.local_sockets,
            wall_clock=self.wall_clock,
            random=self.streams.of(f"process {number}"),
            party=self._party,
            departures=DepartureReader(self._departed, self._cancelled, self._listed),
        )
        self.processes.append(process)
        return process

    # The truth.

    @property
    def process(self) -> Process | None:
        """The engine that runs, if one does."""
        last = self.processes[-1] if self.processes else None
        # Asked by every check at every look: without the call that ``alive`` is.
        return last if last is not None and last.ended is None else None

    @property
    def exchange_now(self) -> float:
        return trio.current_time() - self._exchange_began_at

    def owns(self, order: VenueOrder) -> bool:
        """Whether an engine of this name has made it."""
        name = order.customer_order_id
        return name is not None and self.ids.owns(ClientOrderId(name))

    def open_orders(self) -> Sequence[VenueOrder]:
        """
        What is open at the venue and was made by an engine of this name.

        The same value until an order is opened or closed: the checks ask at every look.
        """
        if self._open is None:
            orders = self.exchange.venue.orders.open_of(self.account.api_key)
            self._open = [order for order in orders if self.owns(order)]
            self._open_by_name = {str(order.customer_order_id): order for order in self._open}
        return self._open

    def open_by_name(self) -> Mapping[str, VenueOrder]:
        """``open_orders`` by our names, likewise the same until something changes."""
        self.open_orders()
        return self._open_by_name

    def every_order(self) -> list[VenueOrder]:
        """Every order of the engine's that the venue ever let in."""
        orders = self.exchange.venue.orders
        found = [*orders.closed_of(self.account.api_key), *orders.open_of(self.account.api_key)]
        return [order for order in found if self.owns(order)]

    def ledger(self, reader: Callable[[Query], Any]) -> Any:
        """Read what is durable."""
        return self.ledgers.database(ledger_path(self.settings.engine)).read(reader)

    # What happens.

    def _departed(self, departure: Departure) -> None:
        for notice in self.on_departure:
            notice(departure)
        self.departures.setdefault(departure.client_order_id, departure)

    def _cancelled(self, venue_id: str | None, name: str | None) -> None:
        orders, key = self.exchange.venue.orders, self.account.api_key
        order = orders.find_customer(key, name) if name else orders.find(key, venue_id or "")
        if order is None and name and not self.ids.owns(ClientOrderId(name)):
            self.violated("I2", f"a cancel of {name}, which is nobody's")
        elif order is not None and not self.owns(order):
            self.violated("I2", f"a cancel of {order.order_id}, which is not the engine's")

    def _listed(self) -> None:
        self.list_asked_at = trio.current_time()

    def _ordered(self, order: VenueOrder) -> None:
        self._open = None
        if order.owner == self.account.api_key:
            if not self.owns(order) and self.exchange.venue.orders.is_open(order):
                self.struck_by("V42")
            for notice in self.on_order:
                notice(order)

    def _moved(self) -> None:
        for notice in self.on_venue:
            notice()

    def note(self, event: str, **fields: object) -> None:
        """Tell the timeline what the simulation itself does."""
        self.trace.happened({"event": event, "level": "sim", "actor": "simulation", **fields})

    def crashed(self, fault: str, actor: str) -> None:
        """An actor is being crashed on purpose."""
        self.crashed_at = trio.current_time()
        self.note("crashed", which=actor)
        self.struck_by(fault)

    def struck_by(self, fault: str, times: int = 1) -> None:
        """A fault of the catalogue has really happened."""
        self.struck[fault] += times

    # The end.

    @property
    def cut_short(self) -> trio.CancelScope:
        """Around everything: ended once something was violated."""
        return self._failed

    def violated(self, invariant: str, what: str) -> None:
        """Record a violation of an invariant, and end the simulation."""
        if self.violation is None:
            now = trio.current_time()
            self.violation = Violation(invariant=invariant, what=what, at=now, step=self.trace.step)
            self.note("violation", invariant=invariant, what=what)
            self.trace.over = True
            self._failed.cancel()
