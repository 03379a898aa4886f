"""Reconciliation by REST: looks up single orders, compares orders and fills with the venue's."""

import contextlib
import enum
from collections.abc import Callable, Collection, Sequence

import attrs

from trading.core.errors import Outage, Rejected
from trading.core.identifiers import (
    ClientOrderId,
    ClientOrderIds,
    Pair,
    StrategyName,
    TradeId,
    strategy_of,
)
from trading.core.listed import Listed, OddRow, OrderName
from trading.gateway.fill_reading import FillReading, FillReadings, FillsRead
from trading.gateway.scripts import Script, ask, gather
from trading.gateway.sweep import cancel_all
from trading.gateway.tracker import OrderTracker
from trading.gateway.turn import Turn
from trading.messages.account import (
    FillReported,
    OpenOrdersListed,
    OrderNews,
    OrderNotFound,
    OrderReport,
    OrderReported,
)
from trading.orders.leftovers import LeftoverPolicy
from trading.orders.order import Fill, Order, OrderEvent, OrderStatus
from trading.venues.interface import Venue

_LOOKED_UP_AT_ONCE = 6
_DRIFT = "the venue has orders of ours that should not be there"


class Comparison(enum.Enum):
    """The result of comparing our orders with the venue's."""

    AGREED = "agreed"
    """Every order of ours there is known here, every one that we know is accounted for."""
    UNREAD = "unread"
    """A list or an answer could not be read: nothing is known."""
    INCOMPLETE = "incomplete"
    """The lists were read, and do not show all that is ours."""
    DRIFT = "drift"
    """There was something of ours that should not be there; it is being cancelled."""


@attrs.define(kw_only=True)
class Reconciliation:
    """
    Questions to the venue about our orders; the answers are news like any other.

    Args:
        tracker: Our orders.
        tell: Takes each answer.
        pairs: What each strategy trades.
        leftovers: The policy for orders of an earlier run.
        inherited: Orders that a former life has left in the ledger as not ended.
        halt: Takes the reason for which nothing may be quoted until a person resumes.
        since_ms: The venue's wall clock of the newest fill known; ``None`` reads all there is.

    Attributes:
        why_not: Why the last comparison did not agree, in words.
    """

    turn: Turn
    venue: Venue
    ids: ClientOrderIds
    tracker: OrderTracker
    tell: Callable[[OrderNews], None]
    pairs: dict[StrategyName, Pair]
    leftovers: LeftoverPolicy
    inherited: Collection[ClientOrderId]
    halt: Callable[[str], None]
    since_ms: int | None
    why_not: str = ""
    _fills: FillReadings = attrs.field(init=False)
    _read_back: set[ClientOrderId] = attrs.field(factory=set)

    def __attrs_post_init__(self) -> None:
        self._fills = FillReadings(
            lists=[
                FillReading(turn=self.turn, fill_list=fill_list, since_ms=self.since_ms)
                for fill_list in self.venue.fill_lists(sorted(set(self.pairs.values())))
            ]
        )

    @property
    def reading_on(self) -> bool:
        """Whether the next look goes on where the last one ended."""
        return self._fills.under_way

    def look_up(self, order: Order) -> Script[bool]:
        """Look up one order; whether there was an answer. Without one nothing is known."""
        try:
            yield from self._look_up(order)
        except (Outage, Rejected) as error:
            self.turn.warning("order_not_looked_up", order=order.client_order_id, cause=str(error))
            return False
        return True

    def look_up_all(self, orders: Collection[Order]) -> Script[bool]:
        """
        Look up several orders, a few at a time; whether there was an answer about each.

        Sequential look-ups would take a minute for three strategies' orders on a slow line.
        """
        answers = yield from gather([self.look_up(order) for order in orders], _LOOKED_UP_AT_ONCE)
        return all(answers)

    def _look_up(self, order: Order) -> Script[None]:
        """By its name, then among the open ones, then among the ended ones."""
        try:
            report = yield from ask(self.venue.order_status(order.pair, order.client_order_id))
        except Rejected:
            pass  # soon after a placement this proves nothing
        else:
            self.tell(OrderReported(report))
            if report.event is not None:
                return
        news = yield from self._found_in_lists(order)
        self.tell(OrderNotFound(order.client_order_id) if news is None else news)

    def _found_in_lists(self, order: Order) -> Script[OrderNews | None]:
        """
        A list's report of an order.

        Raises:
            Outage: A row that may be its own cannot be read: it is not known to be missing.
        """
        order_id = order.client_order_id
        listed = yield from ask(self.venue.open_orders())
        if any(report.client_order_id == order_id for report in listed):
            return OpenOrdersListed(listed.rows)
        ended = yield from ask(self.venue.ended_orders())
        for report in ended:
            if report.client_order_id == order_id:
                return OrderReported(report)
        for row in (*listed.odd, *ended.odd):
            if row.concerns(lambda name: name in {order_id, order.venue_order_id}):
                raise Outage(str(row))
        return None

    def compare(self) -> Script[Comparison]:
        """Compare our orders and fills with the venue's lists, once."""
        working = frozenset(self.tracker.working)
        self._read_further_back()
        try:
            listed = yield from ask(self.venue.open_orders())
            read = yield from self._fills.look()
        except (Outage, Rejected) as error:
            self.turn.warning("not_reconciled", cause=str(error))
            self.why_not = str(error)
            return Comparison.UNREAD
        self.tell(OpenOrdersListed(listed.rows))
        self._book(read.fills)
        if (yield from self._cancel_strays(listed, working)):
            self.why_not = _DRIFT
            return Comparison.DRIFT
        shown = {report.client_order_id for report in listed}
        # Absence proves nothing: ask for each one by its name.
        hidden = [o for name, o in self.tracker.working.items() if name not in shown]
        if not (yield from self.look_up_all(hidden)):
            self.why_not = "what became of an order that is not listed could not be asked"
            return Comparison.UNREAD
        yield from self._ask_for_the_given_up()
        before, self.why_not = self.why_not, self._missing(listed.odd, read)
        if self.why_not:
            if self.why_not != before:
                self.turn.warning("not_all_reconciled", reason=self.why_not)
            return Comparison.INCOMPLETE
        foreign = sum(not self.ids.owns(report.client_order_id) for report in listed)
        self.turn.info("reconciled", open_orders=len(listed), foreign=foreign)
        return Comparison.AGREED

    def _cancel_strays(
        self, listed: Listed[OrderReport], working: Collection[ClientOrderId]
    ) -> Script[bool]:
        """Cancel orders of ours that should not be there; whether there were any."""
        strays: list[OrderReport | OrderName] = [
            report for report in listed if not self._belongs(report, working)
        ]
        # The row cannot be read, so the order is not known to work.
        strays += [row.order for row in listed.odd if row.order and self._is_stray(row.order)]
        if not strays:
            return False
        self.turn.warning(
            "leftover_orders",
            orders=[stray.client_order_id for stray in strays],
            policy=self.leftovers.value,
        )
        if self.leftovers is LeftoverPolicy.HALT:
            self.halt(f"{len(strays)} orders of an earlier run were found at the venue")
        yield from cancel_all(self.turn, self.venue, strays)
        return True

    def read_fills(self) -> Script[None]:
        """
        Read and tell the fills to their end, however many looks that takes.

        Raises:
            Outage: That cannot be done.
            Rejected: The venue does not give them.
        """
        self._read_further_back()
        while True:
            read = yield from self._fills.look()
            self._book(read.fills)
            self.why_not = self._missing((), read)
            if not read.unread or not read.fills:
                return

    def _book(self, fills: Sequence[Fill]) -> None:
        # First the fills known by their names: the others may be known by another name.
        oldest_first = fills[::-1]
        for fill in sorted(oldest_first, key=lambda fill: not self._knows(fill)):
            self.tell(FillReported(fill, listed=True))

    def _read_further_back(self) -> None:
        """
        Read the fills of each order that may lack some from its beginning, once for each order.

        The newest fill that we know is no bound for them: it may have come on the stream, of
        another order, before the fills that came before it were read.
        """
        doubtful = {order.client_order_id: order for order in self.tracker.unbooked()}
        inherited = (self.tracker.find(order_id) for order_id in self.inherited)
        doubtful |= {order.client_order_id: order for order in inherited if order is not None}
        venue_ms, now = self.turn.seen.venue_ms, self.turn.now
        for order_id in doubtful.keys() - self._read_back:
            self._read_back.add(order_id)
            age_ms = round((now - doubtful[order_id].created_at) * 1000)
            self._fills.read_from(venue_ms - age_ms)

    def _missing(self, odd_orders: Sequence[OddRow], read: FillsRead) -> str:
        """Why the fills read may not be all of ours; empty when they are."""
        if read.unread:
            return read.unread
        short = {order.client_order_id for order in self.tracker.unbooked()}
        for row in odd_orders:
            if row.concerns(self._is_ours):
                return str(row)
        for row in read.odd:
            if self._lacks(row, short):
                return str(row)
        return ""

    def _lacks(self, row: OddRow, short: Collection[ClientOrderId]) -> bool:
        """
        Whether a fill that cannot be booked may be one that we lack.

        An order's own report tells its filled quantity: an order that lacks nothing needs no
        further fill, so an unreadable row cannot be one.
        """
        if row.names is None:
            return bool(short)
        if any(self.tracker.counted(TradeId(name)) for name in row.names):
            return False
        known = [found for name in row.names if (found := self.tracker.named(name)) is not None]
        if known:
            return any(order.client_order_id in short for order in known)
        return row.concerns(self._is_ours)

    def _is_ours(self, name: str) -> bool:
        return self.ids.owns(ClientOrderId(name)) or self.tracker.named(name) is not None

    def _ask_for_the_given_up(self) -> Script[None]:
        """Look up given-up orders: one that came late and has ended is on no list of open ones."""
        for order in self.tracker.given_up(self.turn.now):
            # "Not known" is no news here, and the next comparison asks again.
            with contextlib.suppress(Outage, Rejected):
                call = self.venue.order_status(order.pair, order.client_order_id)
                self.tell(OrderReported((yield from ask(call))))

    def _knows(self, fill: Fill) -> bool:
        return self.tracker.counted(fill.trade_id)

    def _belongs(self, report: OrderReport, working: Collection[ClientOrderId]) -> bool:
        """
        Whether an order may stay: it is foreign, or we know it as working and want it.

        Args:
            working: Our orders when the list was asked for.
        """
        order_id = report.client_order_id
        if order_id is None or not self.ids.owns(order_id):
            return True
        known = self.tracker.find(order_id)
        if known is None:
            return self._adopt(order_id, report)
        if known.status.terminal:
            # The list may be older than an end that we heard of meanwhile. An order that was
            # refused, or that we gave up, was never on any.
            return order_id in working and known.status is not OrderStatus.REJECTED
        adopted = self.leftovers is LeftoverPolicy.ADOPT
        return order_id not in self.inherited or (adopted and self._is_traded(order_id, report))

    def _is_stray(self, order: OrderName) -> bool:
        order_id = order.client_order_id
        known = None if order_id is None else self.tracker.find(order_id)
        return self.ids.owns(order_id) and (known is None or known.status.terminal)

    def _is_traded(self, order_id: ClientOrderId, report: OrderReport) -> bool:
        """Whether an order is of a strategy of this run, on its pair."""
        return self.pairs.get(strategy_of(order_id)) == report.pair

    def _adopt(self, order_id: ClientOrderId, report: OrderReport) -> bool:
        """Take up an order that only the venue knows, for the strategy in its name."""
        strategy = strategy_of(order_id)
        wanted = self.leftovers is LeftoverPolicy.ADOPT and self._is_traded(order_id, report)
        if not wanted or report.event not in {OrderEvent.RESTING, OrderEvent.PARTLY_FILLED}:
            return False
        now = self.turn.now
        order = Order(
            client_order_id=order_id,
            strategy=strategy,
            pair=report.pair,
            side=report.side,
            price=report.price,
            quantity=report.quantity,
            created_at=now,
            changed_at=now,
        )
        self.turn.info("order_adopted", order=order_id, strategy=strategy, pair=report.pair)
        self.tracker.restore([order], {}, now)
        self.tell(OrderReported(report))
        return True
