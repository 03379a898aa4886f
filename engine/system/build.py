"""
The composition root: every actor, its wires, and its supervisor.

Sinks start before sources and stop after them. Only this file knows settings and every actor.
"""

from collections.abc import Sequence
from functools import partial

import attrs
import trio

from actors.account.account import AccountActor
from actors.account.account_socket import AccountSocketActor
from actors.market.order_book import OrderBookActor
from actors.market.trade_socket import TradeSocketActor
from actors.market.trading_rules import TradingRulesActor
from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from actors.net.venue_socket import VenueSocket
from actors.orders.book_closing import BookClosing
from actors.orders.closeout import CloseoutActor
from actors.orders.gateway import OrderGatewayActor
from actors.orders.inbox import DurableInbox
from actors.orders.ledger import LedgerActor
from actors.orders.strategy_ports import GatewayPorts, SharedState
from actors.ports.ports import Latest
from actors.watch.garbage import GarbageActor
from actors.watch.loop_watch import LoopWatchActor
from actors.watch.readiness import ReadinessActor
from config.settings import OrderEntry, Settings
from engine.alerts.group import alerts_group
from engine.control.reloading import Reloader, strategy_config_of
from engine.environment.ledger_session import LedgerSession
from engine.environment.venue_clients import exchange_server, venue_clients
from engine.environment.venue_connection import VenueConnection, venue_clock
from engine.environment.world import World
from engine.supervision.policy import Backoff, RestartLimit, RestartStrategy
from engine.supervision.tree import ChildSpec, SupervisorSpec, Vouch
from engine.system.failsafe import Retries, failsafe
from engine.system.operator_group import kill_switch, operator_group
from engine.system.price_watchers import price_watchers
from engine.system.session_recording import session_recording, tap_of
from engine.system.strategy_group import strategy_group
from engine.system.venue_watchers import venue_watchers
from engine.views.status import ReadTree, Watched
from engine.wiring.wires import Wires, lay_wires, levels_seen
from trading.core.identifiers import ClientOrderIds, StrategyName
from trading.gateway.routing import Deadlines, RoutingPolicy
from trading.gateway.sweep import SWEPT_MAX, sweep_deadline_s
from trading.journal.remembered import Remembered
from trading.readiness.lease import Component

_CONSUMER_DEADLINE_S = 5.0  # a consumer that takes nothing for so long does not live
_FEES_REFRESH_S = 60.0  # a quote that fees make impossible is tried about so long
_BOOK_DEPTH = 10  # levels that a strategy sees
_STOP_MARGIN_S = 1.0  # beyond the time of a last will
_LEDGER_START_S = 120.0  # a restart reads the whole session again, millions of rows at worst
_LEDGER_STOP_S = 20.0  # a commit that has begun is not abandoned, however slow the disk
_GROUP_LIMIT = RestartLimit(2, 60.0)  # levels multiply, so upper ones forgive less
_ROOT_LIMIT = RestartLimit(1, 60.0)


@attrs.frozen(kw_only=True)
class System:
    """
    An engine that is wired but does not run yet.

    Args:
        supervision: To be set to the reader of the tree, once it is supervised.
    """

    tree: SupervisorSpec
    supervision: Latest[ReadTree]
    wires: Wires
    rest: VenueRest


def build(
    settings: Settings, world: World, party: VenueConnection, session: LedgerSession
) -> System:
    """Wire the engine that the settings describe, as a session of its ledger."""
    pairs = {name: strategy.pair for name, strategy in settings.strategies.items()}
    wires = lay_wires(pairs, tap_of(settings, world))
    for name, strategy in settings.strategies.items():
        wires.strategies[name].config.put(strategy_config_of(strategy))
    clients = venue_clients(
        party, settings.venue, world, key=wires.key, stalls=wires.stalls, tap=wires.tap
    )
    parts = _Parts(
        settings=settings,
        party=party,
        wires=wires,
        rest=clients.rest,
        gate=clients.gate,
        socket=clients.socket,
        session=session,
        ids=ClientOrderIds(settings.engine.name, session.number),
    )
    watched = Watched(
        engine=settings.engine.name,
        venue=party.name,
        session=session.number,
        started_at=trio.current_time(),
        wires=wires,
        gate=clients.gate,
    )
    supervision: Latest[ReadTree] = Latest()
    retries = Retries()
    tree = parts.tree(
        world,
        (
            *venue_watchers(settings.venue, party, wires, clients.rest, world),
            *price_watchers(settings, party, wires, clients.rest, world),
            failsafe(settings, wires, retries, supervision),
            operator_group(
                settings,
                world,
                watched,
                Reloader(settings, wires),
                supervision,
                (
                    *session_recording(
                        settings, world, party, session, wires, book_depth=_BOOK_DEPTH
                    ),
                    *alerts_group(settings, world, wires, supervision),
                ),
            ),
        ),
    )
    return System(
        tree=retries.within(tree),
        supervision=supervision,
        wires=wires,
        rest=clients.rest,
    )


@attrs.frozen(kw_only=True)
class _Parts:
    """Each child of the tree, from the parts that several of them share."""

    settings: Settings
    party: VenueConnection
    wires: Wires
    rest: VenueRest
    gate: RateGate
    socket: VenueSocket
    session: LedgerSession
    ids: ClientOrderIds

    def tree(self, world: World, last: Sequence[ChildSpec | SupervisorSpec]) -> SupervisorSpec:
        """
        All children, in the order in which they start.

        Args:
            last: Those that start after the ways to the venue: watchers, and the operator's.
        """
        return SupervisorSpec(
            name="root",
            strategy=RestartStrategy.ONE_FOR_ONE,
            limit=_ROOT_LIMIT,
            children=(
                self.loop_watch(world),
                *self.garbage(world),
                *self.exchange(world),
                # A group of its own: failing twice at a posting is no reason to stop everything.
                SupervisorSpec(
                    name="bookkeeping",
                    strategy=RestartStrategy.ONE_FOR_ONE,
                    # Setting it aside takes two lives, within which no quote has to go.
                    backoff=Backoff(at_once=2),
                    children=(self.ledger(world),),
                ),
                self.readiness(),
                self.closeout(world),
                kill_switch(self.wires),
                SupervisorSpec(
                    name="trading",
                    strategy=RestartStrategy.REST_FOR_ONE,
                    limit=_GROUP_LIMIT,
                    children=(self.order_gateway(world), strategy_group(self.wires, world)),
                ),
                SupervisorSpec(
                    name="account data",
                    # Balances that cannot be read are no reason to cut the way that cancels take.
                    strategy=RestartStrategy.REST_FOR_ONE,
                    limit=_GROUP_LIMIT,
                    children=(self.account_socket(), self.account()),
                ),
                SupervisorSpec(
                    name="market data",
                    strategy=RestartStrategy.ONE_FOR_ALL,
                    limit=_GROUP_LIMIT,
                    children=(*self.order_books(), self.trade_socket()),
                ),
                self.trading_rules(),
                *last,
            ),
        )

    def loop_watch(self, world: World) -> ChildSpec:
        watch = LoopWatchActor(
            lateness=self.wires.lateness,
            leases=tuple(port.readiness for port in self.wires.strategies.values()),
            facts=self.wires.facts,
            stalls=self.wires.stalls,
            wall_clock=world.wall_clock,
        )
        return ChildSpec(name="loop watch", actor=watch)

    def garbage(self, world: World) -> tuple[ChildSpec, ...]:
        if world.garbage is None:
            return ()
        leases = tuple(port.readiness for port in self.wires.strategies.values())
        actor = GarbageActor(collector=world.garbage, leases=leases)
        return (ChildSpec(name="garbage", actor=actor),)

    def exchange(self, world: World) -> tuple[ChildSpec, ...]:
        live = self.party.live
        stirred = None if live is None else live.stirred
        server = exchange_server(self.party, world, self.wires.recording_ended, stirred)
        if server is None:
            return ()
        children = (ChildSpec(name="simulated exchange", actor=server),)
        return (
            children if live is None else (*children, ChildSpec(name="live feed", actor=live.actor))
        )

    def ledger(self, world: World) -> ChildSpec:
        ports = self.wires.strategies
        ledger = LedgerActor(
            store=self.session.store,
            postings=DurableInbox("ledger", self.wires.ledger.receive),
            bell=self.wires.ledger.bell,
            remembered=self.wires.remembered,
            performance={name: port.performance for name, port in ports.items()},
            facts=self.wires.facts,
            instruments={name: port.instrument for name, port in ports.items()},
            session=self.session.number,
            venue=self.session.venue,
            wall_clock=world.wall_clock,
        )
        return ChildSpec(
            name="ledger",
            actor=ledger,
            # A commit that has begun goes on: ending the ledger would end the engine with it.
            vouches_for=(Vouch(Component.LEDGER, "a commit on the disk", may_begin_anew=False),),
            start_deadline_s=_LEDGER_START_S,
            stop_deadline_s=_LEDGER_STOP_S,
        )

    def readiness(self) -> ChildSpec:
        ports = self.wires.strategies
        readiness = ReadinessActor(
            facts=self.wires.facts,
            bell=self.wires.readiness_bell,
            readiness={name: port.readiness for name, port in ports.items()},
            milestones={name: port.milestones for name, port in ports.items()},
            pairs={name: port.pair for name, port in ports.items()},
            engine_started_at=trio.current_time(),
        )
        return ChildSpec(name="readiness", actor=readiness)

    def closeout(self, world: World) -> ChildSpec:
        closeout = CloseoutActor(
            venue=self.party.venue,
            rest=self.rest,
            owns=self.ids.owns,
            known=lambda: (self.wires.remembered.peek() or Remembered()).orders,
            books=BookClosing(
                venue=self.party.venue,
                rest=self.rest,
                ids=self.ids,
                ledger=self.wires.ledger.send,
                remembered=self.wires.remembered,
                venue_clock=venue_clock(world, self.party.clock_offset),
            ),
            proof=self.wires.proof,
            deadline_s=self._last_will_s,
            pause_s=Deadlines().sweep_pause,
        )
        return ChildSpec(
            name="closeout", actor=closeout, stop_deadline_s=self._last_will_s + _STOP_MARGIN_S
        )

    def order_gateway(self, world: World) -> ChildSpec:
        gateway = OrderGatewayActor(
            venue=self.party.venue,
            rest=self.rest,
            gate=self.gate,
            ids=self.ids,
            instructions=self.wires.instructions.receive,
            news=self.wires.order_news.receive,
            session=self.wires.session,
            requests=self.wires.requests.send,
            ledger=self.wires.ledger.send,
            remembered=self.wires.remembered,
            strategy_ports={name: self._gateway_ports(name) for name in self.wires.strategies},
            shared=self._shared_state(world),
            stopping=self.wires.stopping,
            halt=self.wires.halt,
            breach=self.wires.breach,
            flat=self.wires.flat,
            bell=self.wires.gateway_bell,
            deadlines=Deadlines(
                last_will=self._last_will_s, reconciliation=self.settings.venue.reconciliation_s
            ),
            terms=RoutingPolicy(
                leftovers=self.settings.engine.leftover_orders,
                orders_by_rest=self.settings.venue.order_entry is OrderEntry.REST,
            ),
        )
        longest_s = sweep_deadline_s(self._last_will_s, SWEPT_MAX)
        return ChildSpec(
            name="order gateway",
            actor=gateway,
            # It reads the venue's lists repeatedly by itself, as soon as there is a stream.
            vouches_for=(
                Vouch(
                    Component.RECONCILED,
                    "the stream, then the venue's lists of orders and fills",
                    may_begin_anew=False,
                ),
            ),
            stop_deadline_s=longest_s + _STOP_MARGIN_S,
        )

    def _gateway_ports(self, name: StrategyName) -> GatewayPorts:
        """What the gateway reads and writes of one strategy."""
        port = self.wires.strategies[name]
        return GatewayPorts(
            strategy=name,
            pair=port.pair,
            config=port.config,
            readiness=port.readiness,
            instrument=port.instrument,
            top=port.top,
            last_trade=self.wires.last_trades[port.pair],
            working=port.working,
        )

    def _shared_state(self, world: World) -> SharedState:
        """The gateway's state that is no single strategy's."""
        return SharedState(
            account=self.wires.account,
            held=self.wires.held,
            facts=self.wires.facts,
            instruments={p.pair: p.instrument for p in self.wires.strategies.values()},
            wall_clock=world.wall_clock,
            venue_clock=venue_clock(world, self.party.clock_offset),
            rules_doubted=self.wires.rules_doubted,
        )

    def account(self) -> ChildSpec:
        account = AccountActor(
            venue=self.party.venue,
            rest=self.rest,
            changes=self.wires.balances.receive,
            view=self.wires.account,
            freed=[port.freed for port in self.wires.strategies.values()],
            facts=self.wires.facts,
            ledger=self.wires.ledger.send,
            instruments={port.pair: port.instrument for port in self.wires.strategies.values()},
            refresh_s=self.settings.venue.balance_refresh_s,
            fees_refresh_s=_FEES_REFRESH_S,
            lease_s=self.settings.venue.balance_age_max_s,
        )
        return ChildSpec(
            name="account",
            actor=account,
            vouches_for=(
                Vouch(Component.ACCOUNT_BALANCE, "the account's fees and its list of balances"),
            ),
        )

    def account_socket(self) -> ChildSpec:
        account_socket = AccountSocketActor(
            venue=self.party.venue,
            socket=self.socket,
            requests=self.wires.requests.receive,
            past=self.wires.requests.past,
            news=self.wires.order_news.send,
            session=self.wires.session,
            balances=self.wires.balances.send,
            facts=self.wires.facts,
            consumer_deadline_s=_CONSUMER_DEADLINE_S,
            tap=self.wires.tap,
        )
        return ChildSpec(
            name="account socket",
            actor=account_socket,
            vouches_for=(Vouch(Component.USER_STREAM, "a login, then the answers to pings"),),
        )

    def order_books(self) -> tuple[ChildSpec, ...]:
        return tuple(
            ChildSpec(
                name=f"order book {pair}",
                actor=OrderBookActor(
                    pair=pair,
                    rules=self.party.venue.book_rules,
                    changes=self.wires.books[pair].receive,
                    top=ports[0].top,
                    renewals=self.wires.renewals.send,
                    facts=self.wires.facts,
                    depth=_BOOK_DEPTH,
                    levels_seen=partial(levels_seen, ports),
                    lease_s=self.settings.venue.book_age_max_s,
                    snapshot_deadline_s=self.settings.venue.answer_deadline_s,
                ),
                vouches_for=(
                    Vouch(
                        Component.ORDER_BOOK,
                        "a snapshot, then verified changes in sequence",
                        pair,
                    ),
                ),
            )
            for pair, ports in self.wires.by_pair().items()
        )

    def trade_socket(self) -> ChildSpec:
        trade_socket = TradeSocketActor(
            socket=self.socket,
            changes={pair: wire.send for pair, wire in self.wires.books.items()},
            renewals=self.wires.renewals.receive,
            order_types=self.wires.order_types,
            last_trades=self.wires.last_trades,
            consumer_deadline_s=_CONSUMER_DEADLINE_S,
            tap=self.wires.tap,
        )
        return ChildSpec(name="trade socket", actor=trade_socket)

    def trading_rules(self) -> ChildSpec:
        rules = TradingRulesActor(
            venue=self.party.venue,
            rest=self.rest,
            order_types=self.wires.order_types,
            bell=self.wires.rules_bell,
            instruments={port.pair: port.instrument for port in self.wires.strategies.values()},
            facts=self.wires.facts,
            doubted=self.wires.rules_doubted,
            stalls=self.wires.stalls,
            listed=self.wires.listed,
            refresh_s=self.settings.venue.rules_refresh_s,
            lease_s=self.settings.venue.rules_age_max_s,
        )
        # The facts that it has read stand when its life is over, until they are too old.
        vouches = [
            Vouch(Component.SYMBOLS_MAPPING, "the venue's list of pairs", ends_with_life=False),
            *(
                Vouch(
                    Component.TRADING_RULES,
                    f"rules of {pair} that allow post-only orders",
                    pair,
                    ends_with_life=False,
                )
                for pair in self.wires.by_pair()
            ),
        ]
        return ChildSpec(name="trading rules", actor=rules, vouches_for=tuple(vouches))

    @property
    def _last_will_s(self) -> float:
        # Half of a stop is for cancelling in good order, a quarter each for last will and closeout.
        return self.settings.engine.stop_deadline_s / 4
