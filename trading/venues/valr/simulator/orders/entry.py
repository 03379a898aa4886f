"""Order entry: limit, market and stop orders enter the book, or fail with a reason."""

from collections.abc import Mapping, Sequence

import attrs
import msgspec

from trading.core.identifiers import Pair
from trading.core.market import Side
from trading.simulator.clearing.balances import InsufficientBalance
from trading.simulator.matching.matching import Execution, Incoming, Placement, Refusal
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.accounts.accounts import Account
from trading.venues.valr.simulator.accounts.orders import Failure, Status, Stop, VenueOrder
from trading.venues.valr.simulator.core.fault_plan import Fault, Faults
from trading.venues.valr.simulator.core.ids import Ids
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.orders import failures
from trading.venues.valr.simulator.orders.amendment import beside
from trading.venues.valr.simulator.orders.arrivals import (
    incoming_of,
    limit_order,
    market_order,
    market_quantity,
    out_of_reach,
    worst_price,
)
from trading.venues.valr.simulator.orders.settlement import Settlement
from trading.venues.valr.simulator.orders.stops import WaitingStops
from trading.venues.valr.simulator.requests.requests import (
    LimitRequest,
    MarketRequest,
    StopRequest,
)
from trading.venues.valr.simulator.wire import frames


class OrderEntry:
    """
    Accepts orders of accounts, or gives them a failure.

    Stops that a trade triggers enter here too, so every method that may trade ends with ``finish``.

    Args:
        stops: Those that wait for their price.
    """

    def __init__(
        self,
        *,
        listings: Mapping[Pair, Listing],
        settlement: Settlement,
        stops: WaitingStops,
        ids: Ids,
        rules: VenueRules,
        faults: Faults,
    ) -> None:
        self._listings = listings
        self._settlement = settlement
        self._orders = settlement.orders
        self._stops = stops
        self._ids = ids
        self._rules = rules
        self._faults = faults

    def limit(self, account: Account, request: LimitRequest, now: float) -> VenueOrder:
        """Accept a limit order; a failure is in the order returned."""
        post_only = request.post_only
        if request.reprice_ticks is not None:
            listing = self._listings[request.pair]
            price = beside(listing, request.side, request.price, request.reprice_ticks)
            request, post_only = attrs.evolve(request, price=price), True
        order = limit_order(request, account.api_key, self._orders.next_number(), self._ids, now)
        order.kind = "post-only limit" if post_only else "limit"
        return self._place(account, order, incoming_of(order, post_only=post_only), now)

    def market(self, account: Account, request: MarketRequest, now: float) -> VenueOrder:
        """Accept a market order; the part without an order to trade with is cancelled."""
        listing = self._listings[request.pair]
        order = market_order(request, account.api_key, self._orders.next_number(), self._ids, now)
        incoming = msgspec.structs.replace(
            incoming_of(order, post_only=False),
            price=worst_price(listing, request.side, self._rules.slippage_band),
            quantity=request.quantity,
            budget=request.budget,
        )
        return self._place(account, order, incoming, now)

    def stop(self, account: Account, request: StopRequest, now: float) -> VenueOrder:
        """Accept an order that waits for a price; a failure is in the order returned."""
        listing = self._listings[request.limit.pair]
        number = self._orders.next_number()
        order = limit_order(request.limit, account.api_key, number, self._ids, now)
        order.kind = "take-profit-limit" if request.takes_profit else "stop-loss-limit"
        mirrored = self._rules.mirrored_stops and order.side is Side.BUY
        order.stop = Stop(price=request.stop_price, rising=request.takes_profit != mirrored)
        failure = failures.TRIGGERED if order.stop.triggered_by(listing.last) else None
        failure = failure or self._duplicate(order) or self._hold(account, order)
        self._orders.add(order)
        if failure is not None:
            return self._fail(order, failure, now)
        order.status = Status.ACTIVE
        self._stops.add(order)
        self._admit(order)
        self.finish(now)
        return order

    def finish(self, now: float) -> None:
        """Trigger the stops that the last trades reach, then report all results to the accounts."""
        while self._settlement.traded:
            pair = next(iter(self._settlement.traded))
            order = self._stops.triggered(pair, self._listings[pair].last)
            if order is None:
                del self._settlement.traded[pair]
            else:
                self._trigger(order, now)
        self._settlement.finish(now)

    def _place(
        self, account: Account, order: VenueOrder, incoming: Incoming, now: float
    ) -> VenueOrder:
        placement = self._listings[order.pair].market.preview(incoming)
        failure = self._failure(account, order, incoming, placement)
        self._orders.add(order)
        if failure is not None:
            return self._fail(order, failure, now)
        if order.kind == "market":
            mark = self._listings[order.pair].mark
            order.quantity = market_quantity(incoming, placement.executions, mark)
            order.remaining = order.quantity
        self._admit(order)
        self._enter(order, incoming, now)
        self.finish(now)
        return order

    def _admit(self, order: VenueOrder) -> None:
        self._settlement.tell(order.owner, frames.order_processed(order))
        self._settlement.report(order, tell=self._rules.tell_resting_orders)
        self._settlement.touch(order)

    def _fail(self, order: VenueOrder, failure: Failure, now: float) -> VenueOrder:
        order.failure = self._worded(failure)
        self._settlement.close(order, Status.FAILED, now, held=False)
        self._settlement.tell(order.owner, frames.order_processed(order))
        if failure is failures.INTERNAL:
            self._settlement.tell(order.owner, frames.failed_order(order, failure))
        self._settlement.forget_touched()
        return order

    def _worded(self, failure: Failure) -> Failure:
        """A failure in the words that this exchange has for it."""
        words = self._rules.refusals.get(f"failure {failure.code}")
        return failure if words is None else Failure(failure.code, words)

    def _enter(self, order: VenueOrder, incoming: Incoming, now: float) -> None:
        """Place an order with its reserve in the book."""
        listing = self._listings[order.pair]
        placement = listing.market.place(incoming)
        self._settlement.settle(listing, placement.executions, order, now)
        if placement.rests or not self._orders.is_open(order):
            return
        status = Status.CANCELLED if order.executed else Status.EXPIRED
        if order.kind == "market" and out_of_reach(listing, incoming):
            status = Status.CUT_BY_SLIPPAGE
        self._settlement.close(order, status, now)

    def _failure(
        self, account: Account, order: VenueOrder, incoming: Incoming, placement: Placement
    ) -> Failure | None:
        """Why an order cannot be accepted; when it can, its reserve is made."""
        if incoming.post_only and self._faults.strikes(Fault.POST_ONLY_CROSSES):
            return failures.REFUSALS[Refusal.POST_ONLY]
        if self._faults.strikes(Fault.FAILED_AFTER_ACCEPTANCE):
            return failures.INTERNAL
        if placement.refusal in failures.REFUSALS:
            return self._duplicate(order) or failures.REFUSALS[placement.refusal]
        listing = self._listings[order.pair]
        nothing = order.kind == "market" and not placement.executions
        if nothing and out_of_reach(listing, incoming):
            return self._duplicate(order) or failures.SLIPPAGE
        return self._duplicate(order) or self._hold(account, order, placement.executions)

    def _duplicate(self, order: VenueOrder) -> Failure | None:
        if order.customer_order_id is None:
            return None
        namesake = self._orders.find_customer(order.owner, order.customer_order_id)
        if namesake is None:
            return None
        if self._orders.is_open(namesake):
            return None if self._rules.take_duplicate_names else failures.DUPLICATE
        return failures.DUPLICATE if self._rules.names_once else None

    def _hold(
        self, account: Account, order: VenueOrder, executions: Sequence[Execution] = ()
    ) -> Failure | None:
        """Reserve what an order needs: by its own price, or as much as a market order will pay."""
        listing = self._listings[order.pair]
        currency, amount = self._settlement.needs(listing, order.side, order.price, order.quantity)
        if order.kind == "market" and order.side is Side.BUY:
            amount = listing.grid.notional(sum(e.price * e.quantity for e in executions))
        elif order.kind == "market":
            amount = listing.grid.quantity(sum(e.quantity for e in executions))
        try:
            account.reserve(currency, amount)
        except InsufficientBalance:
            return failures.INSUFFICIENT
        return None

    def _trigger(self, order: VenueOrder, now: float) -> None:
        self._stops.forget(order)
        order.status, order.updated_ms = Status.PLACED, self._ids.ms(now)
        incoming = incoming_of(order, post_only=False)
        refusal = self._listings[order.pair].market.preview(incoming).refusal
        if refusal in failures.REFUSALS:
            order.failure = failures.REFUSALS[refusal]
            self._settlement.close(order, Status.FAILED, now)
            return
        self._settlement.report(order)
        self._settlement.touch(order)
        self._enter(order, incoming, now)
