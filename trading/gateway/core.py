"""
The order gateway's core: decides all between an instruction and the venue's last word.

It waits for nothing: what it wants done are effects, and what comes of them are events.

Its law, which holds after each event:

1. An order leaves only when its intent is durable, its strategy's lease runs, the account's stream
   is open and compared, nothing is halted or stopped, and every limit admits it at that moment.
2. An order is sent at most once. What may have reached the venue is in doubt until the venue tells.
3. An order that is or may be at the venue counts against the limits until the venue tells its end.
4. A cancel waits for nothing but room in its own lane, and never leaves for an order that has not.
5. Orders that may not stay are cancelled again and again, by whichever way is open.
6. An acknowledgement, an absence and a silence prove nothing.
7. A change of an order's quantity leaves only while it is what is wanted, one at a time.
8. Each fill is counted and journalled once; what does not add up stops its side.
9. Nothing is done that is not an effect: the same events at the same moments have the same effects.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId, ClientOrderIds, Currency, StrategyName
from trading.core.market import Side
from trading.core.ticks import next_tick
from trading.gateway.cancels import OrderCancels
from trading.gateway.dispatch import OrderDispatch
from trading.gateway.drift import DriftMonitor
from trading.gateway.effects import (
    CallHalt,
    DoubtRules,
    Effect,
    Publish,
    Reconciled,
    ShowFlat,
    ShowHeld,
)
from trading.gateway.events import (
    Durable,
    Event,
    Instructed,
    Looked,
    Told,
)
from trading.gateway.placing import OrderPlacing
from trading.gateway.reconciler import NOT_COMPARED, Reconciler
from trading.gateway.reconciliation import Reconciliation
from trading.gateway.records import OrderRecords
from trading.gateway.refusals import OrderRefusals, by_the_venue
from trading.gateway.risk_gate import RiskGate
from trading.gateway.routing import Deadlines, RoutingPolicy
from trading.gateway.scripts import Flag, Script, Scripts, wait
from trading.gateway.seen import Seen
from trading.gateway.side_halts import SideHalts, StopKind
from trading.gateway.sweep import sweep
from trading.gateway.tracker import OrderTracker
from trading.gateway.turn import Turn
from trading.gateway.unreadable import Unreadable
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
from trading.messages.gateway import Instruction, WorkingOrders
from trading.orders.evidence import NOTHING, Heard
from trading.orders.leftovers import LeftoverPolicy
from trading.orders.order import Fill, Order, OrderStatus
from trading.venues.interface import Venue

_STRANGE_MAX = 100
"""How many unknown words for a status are remembered, each to be logged once."""

_DURABLE_S = 0.1
"""A strategy waits so long for its new orders to be durable; then its cancels matter more."""

_LISTED_S = 1.0
"""By then the venue's list of fills shows one that the stream has told."""

_WATCH_S = 1.0
"""Between two checks of overdue answers and limits; sooner where something changes."""

_CANCELLABLE = frozenset({OrderStatus.PENDING, OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED})


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a life of the core is given; only ``ids`` counts on."""

    venue: Venue
    ids: ClientOrderIds
    deadlines: Deadlines
    routing: RoutingPolicy


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a life of the core begins with.

    Args:
        remembered: The ledger's memory of former lives.
        stream_open: Whether the account's stream is open as the life begins.
        now: Monotonic seconds.
        seen: What is around at that moment.
    """

    terms: Terms
    remembered: Remembered
    stream_open: bool
    now: float
    seen: Seen


class GatewayCore:
    """
    One life of the order gateway.

    Args:
        beginning: Its client order ids count on.
    """

    def __init__(self, beginning: Beginning) -> None:
        terms, remembered = beginning.terms, beginning.remembered
        now, seen = beginning.now, beginning.seen
        self.tracker = OrderTracker()
        self._terms = terms
        self._deadlines = terms.deadlines
        self._turn = Turn(now, seen)
        self._scripts = Scripts(self._turn)
        self._obeyed = dict.fromkeys(seen.strategies, 0)
        self._limits = {name: strategy.limits for name, strategy in seen.strategies.items()}
        self._strange: set[str] = set()
        self._halted = bool(seen.halt)
        self._withdrawing = False
        self._told_withdrawn = ""
        self._look_again = True
        self._look_at = now
        self._published: set[StrategyName] = set()
        self._to_publish: dict[StrategyName, bool] = {}
        self._taken = dict.fromkeys(seen.strategies, 0)
        self._refusals = OrderRefusals()
        self._stops = SideHalts(self._turn, self._refusals)
        self._records = OrderRecords(self._turn, self._scripts.ticket)
        self._dispatch = OrderDispatch(
            turn=self._turn, venue=terms.venue, by_rest=terms.routing.orders_by_rest
        )
        inherited = frozenset(order.client_order_id for order in remembered.orders)
        reconciliation = Reconciliation(
            turn=self._turn,
            venue=terms.venue,
            ids=terms.ids,
            tracker=self.tracker,
            tell=self._hear_by_rest,
            pairs={name: strategy.pair for name, strategy in seen.strategies.items()},
            leftovers=terms.routing.leftovers,
            inherited=inherited,
            halt=self._call_halt,
            # Without a known fill only inherited orders may have any; they are read further.
            since_ms=remembered.last_fill_at_ms or seen.venue_ms,
        )
        self._questions = Reconciler(
            self._turn,
            stream_open=beginning.stream_open,
            tracker=self.tracker,
            reconciliation=reconciliation,
            deadlines=terms.deadlines,
            publish=self._publish_all,
            looked_up=self._renew_all,
            prove_flat=self._prove_flat,
        )
        self._unexplained = DriftMonitor(
            self._turn,
            tracker=self.tracker,
            ids=terms.ids,
            records=self._records,
            stops=self._stops,
            compare=self._questions.compare_from,
        )
        self._unreadable = Unreadable(
            self._turn, self._is_ours, lambda: self._questions.compare_from(float("-inf"))
        )
        fills = [entry for entry in remembered.fills if entry.at > remembered.resumed_at]
        self._risk = {
            name: RiskGate(self._turn, name, self.tracker.working, self.tracker.unbooked, fills)
            for name in seen.strategies
        }
        self._placing = OrderPlacing(
            self._turn,
            self._scripts,
            tracker=self.tracker,
            risk=self._risk,
            ids=terms.ids,
            dispatch=self._dispatch,
            records=self._records,
            handover_s=terms.deadlines.handover,
            booking_s=terms.deadlines.booking,
            not_permitted=self._not_permitted,
            tell=self._tell,
            hear=self._hear,
            refusals=self._refusals,
        )
        self._cancels = OrderCancels(
            self._turn,
            self._scripts,
            tracker=self.tracker,
            dispatch=self._dispatch,
            stream=lambda: self._questions.session if self._questions.stream_open else None,
            take_back=self._placing.take_back,
            tell=self._tell,
            spared=inherited if terms.routing.leftovers is LeftoverPolicy.ADOPT else (),
            patience_s=terms.deadlines.outcome,
            answers_again=self._look_soon,
        )
        self._restored = self.tracker.restore(
            (*remembered.ended, *remembered.orders), remembered.booked, now, remembered.short
        )
        self.tracker.remember(entry.fill for entry in remembered.fills)

    def begin(self) -> Sequence[Effect]:
        """Begin the life: what is to be done first."""
        self._tell(self._restored)
        self._turn.do(Reconciled(NOT_COMPARED))
        self._scripts.start(self._questions.run(self._unexplained))
        return self._finish()

    @property
    def wake_at(self) -> float:
        """Monotonic seconds at which ``Looked`` is due, whatever happens."""
        return min(self._look_at, self._scripts.wake_at)

    @property
    def full(self) -> bool:
        """Whether no instruction may be handled now: too many wait."""
        return self._placing.full

    def handle(self, event: Event, now: float, seen: Seen) -> Sequence[Effect]:
        """
        Take one event.

        Args:
            now: Monotonic seconds.
            seen: What is around.

        Returns:
            What is to be done, in this order.

        Raises:
            Fatal: The venue refuses our key.
        """
        self._turn.begin(now, seen)
        match event:
            case Instructed(instruction):
                self._obey(instruction)
            case Told(news):
                for one in news:
                    self._hear_from_the_stream(one)
            case Looked():
                self._look_again = True
            case Durable(ticket):
                self._records.durable(ticket)
            case _:
                self._scripts.take(event)
        return self._finish()

    def _finish(self) -> Sequence[Effect]:
        """Do what follows at once: scripts go on, and what may not stay is withdrawn."""
        self._scripts.run()
        due = self._turn.now >= self._look_at
        while self._look_again or due:
            self._look_again = due = False
            self._guard()
            self._scripts.run()
        self._publish_what_changed()
        return self._turn.end()

    def _look_soon(self) -> None:
        self._look_again = True

    def _call_halt(self, reason: str) -> None:
        self._turn.do(CallHalt(reason))

    # Listening to the venue.

    def _hear_from_the_stream(self, news: OrderNews) -> None:
        self._hear(news)
        if isinstance(news, AccountSessionOpened | AccountSessionLost):
            is_open = isinstance(news, AccountSessionOpened)
            self._questions.stream_changed(is_open=is_open)
            # Orders that may not stay are cancelled by the stream that has just opened.
            self._look_soon()

    def _hear_by_rest(self, news: OrderNews) -> None:
        self._cancels.rest_answered()
        self._hear(news)

    def _hear(self, news: OrderNews) -> None:
        if self._unreadable.hear(news):
            return
        if isinstance(news, RequestRefused) and news.rate_limited:
            self._dispatch.complain(news)
        if isinstance(news, OrderReported) and news.report.event is None:
            self._say_strange(news.report)
        if isinstance(news, FillReported) and self._sort_out(news):
            return
        self._tell(self.tracker.hear(news, self._turn.now))
        if isinstance(news, FillReported) and not news.listed:
            self._unexplained.look_at(news.fill)

    def _sort_out(self, news: FillReported) -> bool:
        """Whether a fill is dealt with; one without its fee is asked for, whosever it is."""
        untold = not news.listed and not news.fill.fee_told
        if untold:
            self._ask_for_the_fee(news.fill)
        stray = self._unexplained.is_stray(news.fill)
        if stray and not untold:
            self._unexplained.book_stray(news.fill)
        return stray

    def _ask_for_the_fee(self, fill: Fill) -> None:
        """Have a fill read from the venue's list, which tells its fee; so long it is in doubt."""
        if not self.tracker.counted(fill.trade_id):
            order = fill.client_order_id or fill.venue_order_id
            self._turn.info("fee_untold", order=order, trade=fill.trade_id)
            self._questions.compare_from(self._turn.now + _LISTED_S)

    def _is_ours(self, name: str) -> bool:
        return self._terms.ids.owns(ClientOrderId(name)) or self.tracker.named(name) is not None

    def _say_strange(self, report: OrderReport) -> None:
        if report.status_text not in self._strange and len(self._strange) < _STRANGE_MAX:
            self._strange.add(report.status_text)
            order = report.client_order_id or report.venue_order_id
            self._turn.error("order_status_strange", order=order, status=report.status_text)

    def _tell(self, heard: Heard) -> None:
        """Publish what was heard, count it against the limits, journal it and act upon it."""
        if heard is NOTHING:
            return
        now = self._turn.now
        for fill in heard.fills:
            for risk in self._risk.values():
                risk.booked(FillBooked(fill, now))
            self._unexplained.filled(fill)
        self._questions.ask_about(heard.renamed)
        for order in heard.changed:
            if order.filled_quantity > order.quantity:
                self._stop_side(order.strategy, order.side, f"{order.client_order_id} overfilled")
        if heard.changed:
            self._refusals.changed(heard.changed, now)
            self._note_changed(heard.changed)
        if heard.fills or (heard.changed and self._withdrawing):
            self._look_soon()
        self._records.write(heard)
        self._cancel_revived(heard.revived)

    def _cancel_revived(self, revived: Iterable[Order]) -> None:
        """Cancel given-up orders that are at the venue after all: no decision counts them."""
        for order in revived:
            self._turn.error(
                "order_turned_up", order=order.client_order_id, strategy=order.strategy
            )
            self._cancels.cancel([order.client_order_id])
            self._questions.compare_from(float("-inf"))

    def _note_changed(self, changed: Iterable[Order]) -> None:
        """Publish orders; after a rejection have the rules read, or the same is rejected again."""
        for order in changed:
            self._publish(order.strategy)
            rejected = order.status is OrderStatus.REJECTED and by_the_venue(order)
            if rejected and self._terms.venue.speaks_of_rules(order.reason):
                self._turn.do(DoubtRules(order.pair, order.reason))
        self._questions.notice()

    def _stop_side(self, strategy: StrategyName, side: Side, reason: str) -> None:
        """Stop a side until a person resumes: our knowledge and the venue's fills differ."""
        self._stops.stop(StopKind.FOR_A_PERSON, [(strategy, side)], reason)

    # Showing the strategies their orders.

    def _publish_all(self) -> None:
        for strategy in self._turn.seen.strategies:
            self._publish(strategy)

    def _publish(self, strategy: StrategyName) -> None:
        """Publish a strategy's orders at the end of this turn; it decides anew."""
        if strategy in self._obeyed:  # not one of a former life that is not there any more
            self._to_publish[strategy] = True

    def _renew_all(self) -> None:
        """Renew the strategies' views without waking them."""
        for strategy in filter(self._published.__contains__, self._turn.seen.strategies):
            self._to_publish.setdefault(strategy, False)

    def _publish_what_changed(self) -> None:
        """
        Show each strategy its orders once a turn, if anything about them has changed.

        A strategy whose instruction is not shown as obeyed yet can decide nothing: it sleeps on.
        """
        for strategy, wakes in self._to_publish.items():
            self._published.add(strategy)
            obeyed = self._obeyed[strategy] >= self._taken[strategy]
            view = self._view_of(strategy)
            self._turn.do(Publish(strategy, view, wakes=wakes and obeyed))
        if self._to_publish and len(self._obeyed) > 1:
            self._turn.do(ShowHeld(self._held()))
        self._to_publish.clear()

    def _held(self) -> Mapping[Currency, Decimal]:
        """What all working orders hold: bids the quote currency, asks the base currency."""
        held: dict[Currency, Decimal] = {}
        for pair, side, base, quote in self.tracker.working.sums():
            seen = self._turn.seen.pairs.get(pair)
            if seen is None or seen.rules is None:
                continue
            buys = side is Side.BUY
            currency = seen.rules.quote if buys else seen.rules.base
            held[currency] = held.get(currency, ZERO) + (quote if buys else base)
        return held

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

    def _obey(self, instruction: Instruction) -> None:
        self._taken[instruction.strategy] = instruction.number
        cancels = self._cancels.cancel(instruction.cancels)
        for amend in instruction.amends:
            self._placing.amend(amend)
        outgoing = self._placing.accept(instruction, cancels)
        if outgoing is None:
            self._show_obeyed(instruction)
            return
        self._publish(instruction.strategy)
        self._scripts.start(self._show_obeyed_in_time(instruction, outgoing.durable))
        self._placing.send(outgoing)

    def _show_obeyed(self, instruction: Instruction) -> None:
        before = self._obeyed[instruction.strategy]
        self._obeyed[instruction.strategy] = max(before, instruction.number)
        self._publish(instruction.strategy)

    def _show_obeyed_in_time(self, instruction: Instruction, durable: Flag) -> Script[None]:
        """
        Have the strategy decide again once its new orders could have left.

        A strategy that took them back before that, again and again, would never have any.
        """
        yield from wait(durable, until=self._turn.now + _DURABLE_S)
        self._show_obeyed(instruction)

    def _not_permitted(self, order: Order) -> str:
        """Why an order may not leave at this moment, limits apart; empty when it may."""
        turn = self._turn
        if reason := turn.seen.not_permitted(order.strategy, turn.now):
            return reason
        if not self._questions.stream_open:
            return "the account's stream is not open"
        if not self._questions.reconciled:
            return NOT_COMPARED
        return turn.seen.doubtful(order.pair) or self._stops.why(order.strategy, order.side)

    # Guarding: orders that may not stay are cancelled, overdue ones become UNKNOWN.

    def _guard(self) -> None:
        now, seen = self._turn.now, self._turn.seen
        self._tell(self.tracker.mark_overdue(now, self._deadlines.outcome))
        self._notice_halts()
        self._tell_what_shuts()
        self._unexplained.watch_balances(reconciled=self._questions.reconciled)
        withdrawing, due = False, self._next_due(now)
        for name in seen.strategies:
            self._hold_against_new_limits(name)
            reason = seen.not_permitted(name, now)
            if not self._halted and (breach := self._risk[name].breach()):
                # The halt is durable in a moment; here it holds at once.
                self._call_halt(f"{name}: {breach}")
                reason = reason or breach
            if reason:
                withdrawing = True
                due = min(due, self._withdraw(name, reason))
        self._withdrawing = withdrawing
        if seen.withdrawn:
            self._questions.notice()
        # The answer to an order that leaves meanwhile is not due before the next look.
        pause_s = min(_WATCH_S, self._deadlines.outcome / 2)
        self._look_at = min(due, next_tick(pause_s, now))

    def _notice_halts(self) -> None:
        halted = bool(self._turn.seen.halt)
        if self._halted and not halted:
            # A person has resumed: forget what led to the halt, and the proof that it was flat.
            self._stops.open(StopKind.FOR_A_PERSON)
            self._turn.do(ShowFlat(proven=False))
            for risk in self._risk.values():
                risk.forgive()
        self._halted = halted

    def _tell_what_shuts(self) -> None:
        """Publish why orders do not stand, to account for quoting time; no decision uses it."""
        is_now, seen = "", self._turn.seen
        if seen.withdrawn:
            is_now = "halted" if seen.halt else "stopping"
        elif self._told_withdrawn:
            self._refusals.lifted()
        outdated = self._placing.retest()
        if is_now != self._told_withdrawn:
            self._told_withdrawn = is_now
            self._publish_all()
        elif outdated:
            self._renew_all()

    def _hold_against_new_limits(self, name: StrategyName) -> None:
        """Cancel orders that were sent under former limits and break the new ones."""
        limits = self._turn.seen.strategies[name].limits
        if limits is self._limits[name]:  # the same configuration, nearly always
            return
        self._limits[name] = limits
        for order in self.tracker.working_of(name):
            if order.status in _CANCELLABLE and (why := self._risk[name].no_longer_fits(order)):
                self._records.withdrawn(order, f"beyond the new limits: {why}")
                self._cancels.cancel([order.client_order_id])

    def _withdraw(self, strategy: StrategyName, reason: str) -> float:
        """Cancel all orders of a strategy; when to do so again if they do not end."""
        orders = self.tracker.working_of(strategy)
        cancellable = [order for order in orders if order.status in _CANCELLABLE]
        for order in cancellable:
            self._records.withdrawn(order, reason)
        self._cancels.cancel([order.client_order_id for order in cancellable])
        return self._cancels.insist(self.tracker.working_of(strategy))

    def _next_due(self, now: float) -> float:
        """When the next lease that runs ends, or the next answer is overdue."""
        leases = [strategy.readiness for strategy in self._turn.seen.strategies.values()]
        due = [lease.valid_until for lease in leases if lease is not None and lease.holds_at(now)]
        if (overdue_at := self.tracker.overdue_at(self._deadlines.outcome)) is not None:
            due.append(overdue_at)
        return min(due, default=float("inf"))

    def _prove_flat(self) -> Script[None]:
        if self._turn.seen.flat:
            return
        yield from sweep(
            self._turn,
            self._terms.venue,
            self._terms.ids.owns,
            pause_s=self._deadlines.lookup_pause,
        )
        if self._turn.seen.withdrawn:
            self._turn.do(ShowFlat(proven=True))
