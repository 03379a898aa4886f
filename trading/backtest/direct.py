"""
The direct path: strategies, limits, gateway and exchange driven as values by one heap of deeds.

It is the engine without its actors: the same decisions, the same core of the order gateway, the
same venue's protocol and the same simulated exchange. What it leaves out is what costs the time:
no task, no bytes of a book, no supervisor, no rate limits, no disk. Books are in order unless the
recording has a gap, the ledger is durable at once, and balances are never read again as a list.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import attrs

from trading.backtest.account_view import Account
from trading.backtest.fork import Fork, placing_frame
from trading.backtest.latency import DEFAULT_LATENCY, Latency
from trading.backtest.outcome import Outcome
from trading.backtest.pair_view import PairView
from trading.backtest.stories import Stories
from trading.backtest.trader import Trader
from trading.backtest.venue_line import VenueLine
from trading.core.identifiers import ClientOrderIds, Currency, Pair, StrategyName, strategy_of
from trading.core.instrument import Instrument
from trading.core.market import Balance
from trading.gateway.core import Beginning, GatewayCore, Terms
from trading.gateway.effects import (
    CallHalt,
    Drop,
    Effect,
    EnterLanes,
    Journal,
    LetGo,
    Publish,
    SendCall,
    SendFrame,
    ShowFlat,
    ShowHeld,
)
from trading.gateway.events import AboutToLeave, Answered, Durable, Event, Instructed, Looked, Told
from trading.gateway.routing import Deadlines, RoutingPolicy
from trading.gateway.seen import PairSeen, Seen
from trading.journal.entries import FillBooked, LedgerEntry, OrderRecorded
from trading.journal.remembered import Remembered
from trading.messages.account import OrderNews
from trading.orders.leftovers import LeftoverPolicy
from trading.simulator.core.agenda import Agenda
from trading.simulator.core.flows import RecordedFlow
from trading.strategies.config import StrategyConfig
from trading.strategies.looking import StrategyLife
from trading.venues.interface import Venue
from trading.venues.valr.simulator.exchange import SimulatedExchange

_NS_PER_S = 1_000_000_000
_FOREVER = float("inf")
_LEFTOVERS = {False: LeftoverPolicy.CANCEL, True: LeftoverPolicy.ADOPT}
_GAP = "something is missing in the recording, and no snapshot has come since"


@attrs.frozen(kw_only=True)
class Subject:
    """
    A strategy that is tested.

    Args:
        pair: Which of the recorded pairs it trades.
        config: It, with its limits.
    """

    pair: Pair
    config: StrategyConfig


@attrs.frozen(kw_only=True)
class Terrain:
    """
    Where it is tested.

    Args:
        exchange: With the recordings; it has begun when the first of them did.
        venue: The protocol that it speaks, with the key of one of its accounts.
        api_key: That account's.
        flow: How the recordings are replayed, for the report.
        latency: Of orders.
        engine: The engine's name, as in the ids of its orders.
        deadlines: The gateway's.
        start_s: Nothing is decided before; an engine on the wire takes some round trips to start.
        fork: Where it goes on from, in place of ``start_s``; ``None`` for a new engine.
    """

    exchange: SimulatedExchange
    venue: Venue
    api_key: str
    flow: RecordedFlow = attrs.field(factory=RecordedFlow)
    latency: Latency = DEFAULT_LATENCY
    engine: str = "test"
    deadlines: Deadlines = attrs.field(factory=Deadlines)
    start_s: float = 0.0
    fork: Fork | None = None


class DirectBacktest:
    """
    One backtest.

    Args:
        strategies: By name.

    Raises:
        KeyError: A strategy's pair is not listed.
    """

    def __init__(self, terrain: Terrain, strategies: Mapping[StrategyName, Subject]) -> None:
        exchange, venue = terrain.exchange, terrain.venue
        exchange.publishes_books = False
        self._terrain = terrain
        self._exchange = exchange
        self._agenda = Agenda()
        self._fork = fork = terrain.fork
        self._begins_s = terrain.start_s if fork is None else fork.at_s
        self._now = 0.0 if fork is None else fork.at_s
        self._halt = ""
        self._flat = False
        self._held: Mapping[Currency, Decimal] = {}
        self._began_ns = exchange.epoch_ns + round(self._now * _NS_PER_S)
        self._stories = Stories(exchange, terrain.api_key)
        self._line = VenueLine(
            exchange,
            venue,
            terrain.latency,
            self._agenda,
            feed_ns=self._feed_ns,
            hear=self._hear,
            tell=self._handle_at,
            began_s=0.0 if fork is None else fork.first_s,
        )
        self._take_over()
        rules = self._line.ask_now(venue.instruments())
        self._pairs = self._views(rules, {tested.pair for tested in strategies.values()})
        balances, fees = self._line.ask_now(venue.balances()), self._line.ask_now(venue.fees())
        self._account = Account(balances, fees)
        self._traders = {
            name: Trader(name, tested.config, self._pairs[tested.pair], self._life_of(name))
            for name, tested in strategies.items()
        }
        self._seen_pairs = {
            # Its feed lives for as long as there is a recording: it is confirmed at any moment.
            pair: PairSeen(instrument=view.instrument, rules=view.instrument, book_at=_FOREVER)
            for pair, view in self._pairs.items()
        }
        self._levels_seen = {
            pair: _most([t.config.levels_seen for t in strategies.values() if t.pair == pair])
            for pair in self._pairs
        }
        self._look_at_market()
        self._let_go: set[int] = set()
        self._core = GatewayCore(self._beginning())
        if fork is not None:
            for booked in fork.remembered.fills:
                self._note_booked(booked)

    def run(self, until_s: float = _FOREVER) -> Outcome:
        """
        Run it to the recording's end.

        Args:
            until_s: Seconds of the recording after which it is left.
        """
        self._carry_out(self._core.begin())
        self._agenda.at(self._begins_s, lambda _: None)
        self._decide()
        exchange = self._exchange
        while not exchange.ended:
            at = self._next_at()
            if at > until_s:
                self._now = max(self._now, until_s)
                break
            self._now = max(self._now, at)
            self._take_what_is_due()
        return self._outcome()

    def _next_at(self) -> float:
        market, deed = self._exchange.next_event_at(), self._agenda.next_at()
        at = self._core.wake_at
        if market is not None and market < at:
            at = market
        if deed is not None and deed < at:
            at = deed
        for trader in self._traders.values():
            at = min(at, trader.look_at)
        return at

    def _take_what_is_due(self) -> None:
        """Do all that is due now: the market first, then what arrives, then who decides."""
        now, exchange, agenda = self._now, self._exchange, self._agenda
        due = exchange.next_event_at()
        if due is not None and due <= now:
            exchange.advance(now)
            self._line.collect(now)
            self._stories.look(self._ns)
            self._look_at_market()
        while (deed_at := agenda.next_at()) is not None and deed_at <= now:
            agenda.take()(now)
            self._stories.look(self._ns)
            self._look_at_market()
        if self._core.wake_at <= now:
            self._handle(Looked())
        self._decide()

    def _decide(self) -> None:
        """Have every strategy look that wants to, until none does."""
        if self._now < self._begins_s:
            return
        for trader in self._traders.values():
            while trader.due(self._now) and not self._core.full:
                instruction = trader.look(self._now, self._account.view, self._held, self._ns)
                if instruction is not None:
                    self._stories.begin_instruction(instruction)
                    self._handle(Instructed(instruction))

    def _look_at_market(self) -> None:
        for pair, view in self._pairs.items():
            changed = view.look(self._now, self._levels_seen[pair])
            gap = _GAP if view.market.gap else ""
            for trader in self._traders.values():
                if trader.pair is view:
                    trader.rung = trader.rung or changed
                    trader.note_ready(gap)

    # The gateway's core.

    def _handle_at(self, event: Event, _now: float) -> None:
        self._handle(event)

    def _handle(self, event: Event) -> None:
        self._carry_out(self._core.handle(event, self._now, self._seen()))

    def _carry_out(self, effects: Iterable[Effect]) -> None:
        waiting = deque(effects)
        while waiting:
            answer = self._do(waiting.popleft())
            if answer is not None:
                waiting.extend(self._core.handle(answer, self._now, self._seen()))

    def _do(self, effect: Effect) -> Event | None:
        """Carry out one effect; its answer, where that is known at once."""
        match effect:
            case EnterLanes(ticket):
                return Answered(ticket)
            case SendFrame(ticket, frame):
                self._line.send(frame, self._now)
                return Answered(ticket, value=True)
            case SendCall(ticket):
                return self._call(effect)
            case LetGo(ticket):
                self._let_go.add(ticket)
            case Drop(ticket):
                self._line.drop(ticket)
            case Journal(entries, receipt):
                self._book(entries)
                return None if receipt is None else Durable(receipt)
            case _:
                self._show(effect)
        return None

    def _show(self, effect: Effect) -> None:
        match effect:
            case Publish(strategy, view, wakes):
                trader = self._traders[strategy]
                trader.working = view
                trader.rung = trader.rung or wakes
            case ShowHeld(amounts):
                self._held = amounts
            case ShowFlat(proven):
                self._flat = proven
            case CallHalt(reason):
                self._halt = self._halt or reason
                self._agenda.at(self._now, lambda _: self._handle(Looked()))
            case _:
                pass  # logs, and what only other actors of the engine would act upon

    def _call(self, effect: SendCall) -> Event | None:
        if effect.confirmed:
            for then in self._core.handle(AboutToLeave(effect.ticket), self._now, self._seen()):
                answer = self._do(then)
                assert answer is None, "a call that is about to leave asks for nothing else"
            if effect.ticket not in self._let_go:
                return None
            self._let_go.discard(effect.ticket)
        self._line.call(effect.ticket, effect.call, self._now)
        return None

    def _hear(self, news: Sequence[OrderNews], balances: Sequence[Balance], _now: float) -> None:
        if balances:
            total_changed = self._account.hear(balances)
            for trader in self._traders.values():
                trader.ring_for_balances(total_changed=total_changed)
        if news:
            self._handle(Told(tuple(news)))

    def _book(self, entries: tuple[LedgerEntry, ...]) -> None:
        self._stories.journal(entries, self._ns)
        for entry in entries:
            self._note_booked(entry)

    def _note_booked(self, entry: LedgerEntry) -> None:
        match entry:
            case OrderRecorded(order):
                name = order.strategy
            case FillBooked(fill) if fill.client_order_id is not None:
                name = strategy_of(fill.client_order_id)
            case _:
                return
        if (trader := self._traders.get(name)) is not None:
            trader.fold.add(entry)
            trader.note_booked()

    # What a fork takes over.

    def _take_over(self) -> None:
        """Let the session's working orders come, each at its time, and the market be as it was."""
        if self._fork is not None:
            for seed in self._fork.seeds:
                self._line.put(placing_frame(seed.order), seed.at_s)
            self._line.begin(self._fork.at_s)

    def _life_of(self, name: StrategyName) -> StrategyLife | None:
        return None if self._fork is None else self._fork.lives.get(name)

    # What is around.

    @property
    def _ns(self) -> int:
        return self._exchange.epoch_ns + round(self._now * _NS_PER_S)

    def _feed_ns(self) -> int:
        return max(view.market.feed_ns for view in self._pairs.values())

    def _seen(self) -> Seen:
        now_ns = self._ns
        return Seen(
            strategies={name: trader.seen() for name, trader in self._traders.items()},
            pairs=self._seen_pairs,
            account=self._account.view,
            halt=self._halt,
            flat=self._flat,
            wall_ns=now_ns,
            venue_ns=now_ns,
        )

    def _beginning(self) -> Beginning:
        terrain = self._terrain
        return Beginning(
            terms=Terms(
                venue=terrain.venue,
                ids=ClientOrderIds(terrain.engine, self._began_ns // 1_000_000),
                deadlines=terrain.deadlines,
                routing=RoutingPolicy(leftovers=_LEFTOVERS[self._fork is not None]),
            ),
            remembered=Remembered() if self._fork is None else self._fork.remembered,
            stream_open=True,
            now=self._now,
            seen=self._seen(),
        )

    def _views(
        self, rules: Mapping[Pair, Instrument], pairs: Iterable[Pair]
    ) -> dict[Pair, PairView]:
        listings = self._exchange.venue.listings
        return {pair: PairView(listings[pair], rules[pair]) for pair in sorted(pairs)}

    def _outcome(self) -> Outcome:
        terrain, traders = self._terrain, self._traders
        return Outcome(
            began_ns=self._began_ns,
            ended_ns=self._ns,
            orders=self._stories.orders(),
            fills=tuple(self._stories.fills),
            balances=tuple(self._stories.balances),
            decisions={name: trader.decisions for name, trader in traders.items()},
            instructions={name: trader.instructions for name, trader in traders.items()},
            gates={name: trader.gates.ended(self._ns) for name, trader in traders.items()},
            performance={name: trader.fold.performance for name, trader in traders.items()},
            halted=self._halt,
            queue=terrain.flow.queue,
            through=terrain.flow.through.value,
            latency=str(terrain.latency),
        )


def _most(levels: Sequence[int | None]) -> int | None:
    """At how many levels several strategies look; ``None`` if one of them does at all."""
    known = [level for level in levels if level is not None]
    return max(known) if len(known) == len(levels) else None
