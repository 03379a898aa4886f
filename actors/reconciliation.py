"""Finds out by REST what the account's stream did not say, and compares our orders with theirs."""

import contextlib
import enum
from collections.abc import Callable, Collection, Sequence

import attrs
import structlog
import trio

from actors.order_sweep import cancel_all
from actors.venue_rest import VenueRest
from trading.errors import Outage, Rejected
from trading.identifiers import ClientOrderId, ClientOrderIds, Pair, StrategyName, strategy_of
from trading.leftovers import Leftovers
from trading.messages.account import (
    FillReported,
    OpenOrdersListed,
    OrderNews,
    OrderNotFound,
    OrderReport,
    OrderReported,
)
from trading.order_tracker import OrderTracker
from trading.orders import Fill, Order, OrderEvent, OrderStatus
from trading.venues.interface import Venue

log = structlog.get_logger()

_OVERLAP_MS = 60_000
"""Read so far beyond the newest fill we know: fills may be listed late and out of order."""

_PAGES_MAX = 20
_LOOKED_UP_AT_ONCE = 6


class Comparison(enum.Enum):
    """What came of comparing our orders with the venue's."""

    AGREED = "agreed"
    """Every order of ours there is known here, every one that we know is accounted for."""
    UNREAD = "unread"
    """A list or an answer could not be had: nothing is known."""
    DRIFT = "drift"
    """There was something of ours that should not be there; it is being cancelled."""


@attrs.define(kw_only=True)
class Reconciliation:
    """
    Questions to the venue about our orders; the answers are news like any other.

    Args:
        tracker: What we know.
        tell: Takes each answer.
        pairs: What each strategy trades.
        leftovers: What becomes of orders of an earlier run.
        inherited: Orders that a former life has left in the ledger as not ended.
        halt: Takes the reason for which nothing may be quoted until somebody resumes.
        since_ms: The venue's wall clock of the newest fill known; ``None`` for the newest page.
    """

    venue: Venue
    rest: VenueRest
    ids: ClientOrderIds
    tracker: OrderTracker
    tell: Callable[[OrderNews], None]
    pairs: dict[StrategyName, Pair]
    leftovers: Leftovers
    inherited: Collection[ClientOrderId]
    halt: Callable[[str], None]
    since_ms: int | None

    async def look_up(self, order: Order) -> bool:
        """Ask what became of one order, and whether there was an answer; none proves nothing."""
        try:
            await self._look_up(order)
        except (Outage, Rejected) as error:
            log.warning("order_not_looked_up", order=order.client_order_id, cause=str(error))
            return False
        return True

    async def look_up_all(self, orders: Collection[Order]) -> bool:
        """
        Look up several orders, a few at a time; whether there was an answer about each.

        One after the other would take a minute for the orders of three strategies on a slow line.
        """
        turns, answers = trio.Semaphore(_LOOKED_UP_AT_ONCE), list[bool]()

        async def ask(order: Order) -> None:
            async with turns:
                answers.append(await self.look_up(order))

        async with trio.open_nursery() as nursery:
            for order in orders:
                nursery.start_soon(ask, order)
        return all(answers)

    async def _look_up(self, order: Order) -> None:
        """By its name, then among the open ones, then among the ended ones."""
        order_id = order.client_order_id
        try:
            report = await self.rest.call(self.venue.order_status(order.pair, order_id))
        except Rejected:
            pass  # soon after a placement this proves nothing
        else:
            self.tell(OrderReported(report))
            if report.event is not None:
                return
        listed = await self.rest.call(self.venue.open_orders())
        if any(report.client_order_id == order_id for report in listed):
            self.tell(OpenOrdersListed(tuple(listed)))
            return
        for report in await self.rest.call(self.venue.ended_orders()):
            if report.client_order_id == order_id:
                self.tell(OrderReported(report))
                return
        self.tell(OrderNotFound(order_id))

    async def compare(self) -> Comparison:
        """Compare our orders and fills with the venue's lists, once."""
        working = frozenset(self.tracker.working)
        try:
            listed = await self.rest.call(self.venue.open_orders())
            fills = await self._fills()
        except (Outage, Rejected) as error:
            log.warning("not_reconciled", cause=str(error))
            return Comparison.UNREAD
        self.tell(OpenOrdersListed(tuple(listed)))
        # First those that are known by their names: what is left may be known by another.
        oldest_first = fills[::-1]
        for fill in sorted(oldest_first, key=lambda fill: not self._knows(fill)):
            self.tell(FillReported(fill, listed=True))
            self.since_ms = max(self.since_ms or 0, fill.traded_at_ms)
        if strays := [report for report in listed if not self._belongs(report, working)]:
            log.warning(
                "leftover_orders",
                orders=[report.client_order_id for report in strays],
                policy=self.leftovers.value,
            )
            if self.leftovers is Leftovers.HALT:
                self.halt(f"{len(strays)} orders of an earlier run were found at the venue")
            await cancel_all(self.rest, self.venue, strays)
            return Comparison.DRIFT
        shown = {report.client_order_id for report in listed}
        # Absence proves nothing: ask for each one by its name.
        hidden = [o for name, o in self.tracker.working.items() if name not in shown]
        if not await self.look_up_all(hidden):
            return Comparison.UNREAD
        await self._ask_for_the_given_up()
        foreign = sum(not self.ids.owns(report.client_order_id) for report in listed)
        log.info("reconciled", open_orders=len(listed), foreign=foreign)
        return Comparison.AGREED

    async def _ask_for_the_given_up(self) -> None:
        """An order that has come after all and gone again is on no list of open ones."""
        for order in self.tracker.given_up(trio.current_time()):
            # That it is not known is no news, and the next comparison asks again.
            with contextlib.suppress(Outage, Rejected):
                call = self.venue.order_status(order.pair, order.client_order_id)
                self.tell(OrderReported(await self.rest.call(call)))

    def _knows(self, fill: Fill) -> bool:
        return self.tracker.counted(fill.trade_id)

    def _belongs(self, report: OrderReport, working: Collection[ClientOrderId]) -> bool:
        """
        Whether an order may stay: it is foreign, or we know that it works and want it.

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
        return order_id not in self.inherited or self.leftovers is Leftovers.ADOPT

    def _adopt(self, order_id: ClientOrderId, report: OrderReport) -> bool:
        """Take up an order that only the venue knows, for the strategy in its name."""
        strategy = strategy_of(order_id)
        wanted = self.leftovers is Leftovers.ADOPT and self.pairs.get(strategy) == report.pair
        if not wanted or report.event not in {OrderEvent.RESTING, OrderEvent.PARTLY_FILLED}:
            return False
        now = trio.current_time()
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
        log.info("order_adopted", order=order_id, strategy=strategy, pair=report.pair)
        self.tracker.restore([order], {}, now)
        self.tell(OrderReported(report))
        return True

    async def _fills(self) -> Sequence[Fill]:
        """Our fills since the newest known, with an overlap, newest first."""
        fills: list[Fill] = []
        for _ in range(_PAGES_MAX):
            page = await self.rest.call(self.venue.fills(skip=len(fills)))
            fills += page
            if not page or self.since_ms is None:
                break
            if page[-1].traded_at_ms < self.since_ms - _OVERLAP_MS:
                break
        return fills
