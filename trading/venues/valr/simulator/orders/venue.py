"""What the exchange does with orders: lets them in, matches, changes and ends them."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from trading.core.identifiers import Pair
from trading.core.market import Side
from trading.simulator.clearing.balances import InsufficientBalance, Transfer
from trading.simulator.matching.matching import Execution, Incoming, Placement, Refusal
from trading.venues.valr.simulator.accounts.accounts import Account
from trading.venues.valr.simulator.accounts.orders import Failure, Status, Stop, VenueOrder
from trading.venues.valr.simulator.core.fault_plan import Fault, Faults
from trading.venues.valr.simulator.core.ids import Ids
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.core.rules import VenueRules
from trading.venues.valr.simulator.core.settings import DemoAccount, Fees
from trading.venues.valr.simulator.orders import failures
from trading.venues.valr.simulator.orders.amendment import (
    INSUFFICIENT,
    Amendments,
    Modification,
    beside,
)
from trading.venues.valr.simulator.orders.arrivals import (
    incoming_of,
    limit_order,
    market_order,
    market_quantity,
    out_of_reach,
    sweep_of,
    worst_price,
)
from trading.venues.valr.simulator.orders.settlement import Settlement, Told
from trading.venues.valr.simulator.orders.stops import WaitingStops
from trading.venues.valr.simulator.requests.fields import Refused
from trading.venues.valr.simulator.requests.requests import (
    CancelRequest,
    LimitRequest,
    MarketRequest,
    ModifyRequest,
    StopRequest,
)
from trading.venues.valr.simulator.wire import frames
from trading.venues.valr.simulator.wire.frames import Json


class Venue:
    """
    Orders of accounts in the markets of pairs. Every method is one instant of the venue's time.

    Args:
        listings: By pair, in the order in which they are published.

    Attributes:
        read_only: Whether nothing but looking is allowed now.
    """

    def __init__(
        self,
        *,
        listings: Mapping[Pair, Listing],
        accounts: Iterable[DemoAccount],
        fees: Fees,
        ids: Ids,
        rules: VenueRules,
        faults: Faults,
    ) -> None:
        self.listings = listings
        self.accounts = {demo.api_key: Account(demo) for demo in accounts}
        self.ids = ids
        self.rules = rules
        self.faults = faults
        self.read_only = False
        self.settlement = Settlement(listings, self.accounts, fees, ids)
        self.house = self.settlement.house
        self.orders = self.settlement.orders
        self._amendments = Amendments(listings, self.accounts, self.settlement, ids)
        self._stops = WaitingStops()

    @property
    def fees(self) -> Fees:
        return self.settlement.fees

    @property
    def transfers(self) -> list[Transfer]:
        """What came into accounts and went out of them other than by trading."""
        return self.settlement.transfers

    def check_open(self) -> None:
        """
        Let only those pass who want to change something while that is possible.

        Raises:
            Refused: The venue is in maintenance.
        """
        if self.read_only:
            raise Refused(-503, "VALR is in read-only mode", 503)

    def take_told(self) -> Told:
        """What happened since last asked."""
        return self.settlement.take_told()

    def place_limit(self, account: Account, request: LimitRequest, now: float) -> VenueOrder:
        """Let a limit order in; a failure is in what is returned."""
        post_only = request.post_only
        if request.reprice_ticks is not None:
            listing = self.listings[request.pair]
            price = beside(listing, request.side, request.price, request.reprice_ticks)
            request, post_only = attrs.evolve(request, price=price), True
        order = limit_order(request, account.api_key, self.orders.next_number(), self.ids, now)
        order.kind = "post-only limit" if post_only else "limit"
        return self._place(account, order, incoming_of(order, post_only=post_only), now)

    def place_market(self, account: Account, request: MarketRequest, now: float) -> VenueOrder:
        """Let a market order in; what finds nobody to trade with is cancelled."""
        listing = self.listings[request.pair]
        order = market_order(request, account.api_key, self.orders.next_number(), self.ids, now)
        incoming = attrs.evolve(
            incoming_of(order, post_only=False),
            price=worst_price(listing, request.side, self.rules.slippage_band),
            quantity=request.quantity,
            budget=request.budget,
        )
        return self._place(account, order, incoming, now)

    def place_stop(self, account: Account, request: StopRequest, now: float) -> VenueOrder:
        """Let an order wait for a price; a failure is in what is returned."""
        listing = self.listings[request.limit.pair]
        number = self.orders.next_number()
        order = limit_order(request.limit, account.api_key, number, self.ids, now)
        order.kind = "take-profit-limit" if request.takes_profit else "stop-loss-limit"
        mirrored = self.rules.mirrored_stops and order.side is Side.BUY
        order.stop = Stop(price=request.stop_price, rising=request.takes_profit != mirrored)
        failure = failures.TRIGGERED if order.stop.triggered_by(listing.last) else None
        failure = failure or self._duplicate(order) or self._hold(account, order)
        self.orders.add(order)
        if failure is not None:
            return self._fail(order, failure, now)
        order.status = Status.ACTIVE
        self._stops.add(order)
        self._admit(order)
        self._finish(now)
        return order

    def modify(self, account: Account, request: ModifyRequest, now: float) -> Modification:
        """Change an order; what came of it is told to its account."""
        order = self.named(account, request.name)
        self._race(order, Fault.FILL_RACES_MODIFY, now)
        modify_id = self.ids.uuid(self.ids.ms(now))
        failure = self._amendments.apply(order, request, now)
        name = order.order_id if order else request.name.order_id
        if order is not None and not self.orders.is_open(order):
            self._stops.forget(order)
        frame = frames.modify_outcome(
            name or str(request.name.customer_order_id),
            modify_id,
            success=failure is None,
            order=order,
        )
        self.settlement.tell(account.api_key, frame)
        self._finish(now)
        return Modification(modify_id=modify_id, order=order, failure=failure)

    def cancel_named(self, account: Account, request: CancelRequest, now: float) -> bool:
        """Cancel the order that a request names; ``False`` when it is not open, or never was."""
        order = self.named(account, request)
        if not self._race(order, Fault.FILL_RACES_CANCEL, now):
            self._race(order, Fault.PARTIAL_FILL_RACES_CANCEL, now)
        return order is not None and self.cancel(order, now)

    def cancel(self, order: VenueOrder, now: float) -> bool:
        """Take an order out; ``False`` when it is not open any more."""
        if not self.orders.is_open(order):
            return False
        self.listings[order.pair].market.cancel(order.number)
        self.settlement.close(order, Status.CANCELLED, now)
        self._stops.forget(order)
        self._finish(now)
        return True

    def cancel_all(self, account: Account, pair: Pair | None, now: float) -> list[VenueOrder]:
        """Take all of an account's orders out, of one pair or of all."""
        found = [o for o in self.orders.open_of(account.api_key) if pair in (None, o.pair)]
        for order in found:
            self.cancel(order, now)
        return found

    def named(self, account: Account, request: CancelRequest) -> VenueOrder | None:
        """The order a request names, open or not."""
        if request.order_id is not None:
            order = self.orders.find(account.api_key, request.order_id)
        else:
            order = self.orders.find_customer(account.api_key, str(request.customer_order_id))
        return order if order is not None and order.pair == request.pair else None

    def cancel_failed(self, account: Account, request: CancelRequest) -> None:
        """A cancel that was taken turned out to have nothing to cancel."""
        order = self.named(account, request)
        order_id = order.order_id if order else request.order_id
        frame = frames.failed_cancel(order_id or str(request.customer_order_id))
        self.settlement.tell(account.api_key, frame)

    def step(self, listing: Listing, now: float) -> None:
        """Let a market do what it does next."""
        self.settle_crowd(listing, listing.market.step(), now)

    def settle_crowd(self, listing: Listing, executions: Sequence[Execution], now: float) -> None:
        """Carry out what the crowd did by itself."""
        self.settlement.settle(listing, executions, None, now)
        self._finish(now)

    def take(self, order: VenueOrder, now: float, part: int | None = None) -> None:
        """
        Let the crowd take a resting order, and all that goes before it.

        Args:
            part: So many lots of it.
        """
        listing = self.listings[order.pair]
        sweep = sweep_of(order, listing, part)
        self.settle_crowd(listing, listing.market.place(sweep).executions, now)

    def overfill(self, order: VenueOrder, lots: int, now: float) -> bool:
        """Let the crowd take a resting order and more than it; ``False`` when that cannot be."""
        self.take(order, now)
        beyond = not self.orders.is_open(order) and self.settlement.fill_beyond(order, lots, now)
        self._finish(now)
        return beyond

    def activate(self, listing: Listing) -> None:
        """A pair is traded again."""
        listing.active = True
        self.settlement.tell_rules(listing)

    def heal(self) -> None:
        """Be open, with the right time, in all pairs that are listed as active."""
        self.read_only = False
        self.ids.set_wrong(0)
        for listing in self.listings.values():
            if listing.rules.active and not listing.active:
                self.activate(listing)

    def deactivate(self, listing: Listing, now: float) -> None:
        """A pair is not traded any more: its orders are cancelled."""
        for account in self.accounts.values():
            self.cancel_all(account, listing.rules.symbol, now)
        listing.active = False
        self.settlement.tell_rules(listing)

    def open_orders_frame(self, api_key: str) -> Json:
        return self.settlement.open_orders_frame(api_key)

    def balance_frames(self, account: Account) -> list[Json]:
        return [
            self.settlement.balance_frame(account, balance.currency)
            for balance in account.balances()
        ]

    def _place(
        self, account: Account, order: VenueOrder, incoming: Incoming, now: float
    ) -> VenueOrder:
        placement = self.listings[order.pair].market.preview(incoming)
        failure = self._failure(account, order, incoming, placement)
        self.orders.add(order)
        if failure is not None:
            return self._fail(order, failure, now)
        if order.kind == "market":
            mark = self.listings[order.pair].mark
            order.quantity = market_quantity(incoming, placement.executions, mark)
            order.remaining = order.quantity
        self._admit(order)
        self._enter(order, incoming, now)
        self._finish(now)
        return order

    def _admit(self, order: VenueOrder) -> None:
        self.settlement.tell(order.owner, frames.order_processed(order))
        self.settlement.report(order, tell=self.rules.tell_resting_orders)
        self.settlement.touch(order)

    def _fail(self, order: VenueOrder, failure: Failure, now: float) -> VenueOrder:
        order.failure = failure
        self.settlement.close(order, Status.FAILED, now, held=False)
        self.settlement.tell(order.owner, frames.order_processed(order))
        if failure is failures.INTERNAL:
            self.settlement.tell(order.owner, frames.failed_order(order, failure))
        self.settlement.forget_touched()
        return order

    def _enter(self, order: VenueOrder, incoming: Incoming, now: float) -> None:
        """Let an order that holds what it needs into the book."""
        listing = self.listings[order.pair]
        placement = listing.market.place(incoming)
        self.settlement.settle(listing, placement.executions, order, now)
        if placement.rests or not self.orders.is_open(order):
            return
        status = Status.CANCELLED if order.executed else Status.EXPIRED
        if order.kind == "market" and out_of_reach(listing, incoming):
            status = Status.CUT_BY_SLIPPAGE
        self.settlement.close(order, status, now)

    def _failure(
        self, account: Account, order: VenueOrder, incoming: Incoming, placement: Placement
    ) -> Failure | None:
        """Why an order cannot be let in; when it can, what it needs is reserved."""
        if incoming.post_only and self.faults.strikes(Fault.POST_ONLY_CROSSES):
            return failures.REFUSALS[Refusal.POST_ONLY]
        if self.faults.strikes(Fault.FAILED_AFTER_ACCEPTANCE):
            return failures.INTERNAL
        if placement.refusal in failures.REFUSALS:
            return self._duplicate(order) or failures.REFUSALS[placement.refusal]
        listing = self.listings[order.pair]
        nothing = order.kind == "market" and not placement.executions
        if nothing and out_of_reach(listing, incoming):
            return self._duplicate(order) or failures.SLIPPAGE
        return self._duplicate(order) or self._hold(account, order, placement.executions)

    def _duplicate(self, order: VenueOrder) -> Failure | None:
        if order.customer_order_id is None:
            return None
        namesake = self.orders.find_customer(order.owner, order.customer_order_id)
        return (
            failures.DUPLICATE if namesake is not None and self.orders.is_open(namesake) else None
        )

    def _hold(
        self, account: Account, order: VenueOrder, executions: Sequence[Execution] = ()
    ) -> Failure | None:
        """Reserve what an order needs: its own price's worth, or what a market order will pay."""
        listing = self.listings[order.pair]
        currency, amount = self.settlement.needs(listing, order.side, order.price, order.quantity)
        if order.kind == "market" and order.side is Side.BUY:
            amount = listing.grid.notional(sum(e.price * e.quantity for e in executions))
        elif order.kind == "market":
            amount = listing.grid.quantity(sum(e.quantity for e in executions))
        try:
            account.reserve(currency, amount)
        except InsufficientBalance:
            return INSUFFICIENT
        return None

    def _race(self, order: VenueOrder | None, fault: Fault, now: float) -> bool:
        """Perhaps the crowd takes an order just before its owner can do anything."""
        resting = order is not None and self.orders.is_open(order)
        if order is None or not resting or order.status is Status.ACTIVE:
            return False
        partly = fault is Fault.PARTIAL_FILL_RACES_CANCEL
        if (partly and order.remaining == 1) or not self.faults.strikes(fault):
            return False
        part = self.faults.random.randrange(1, order.remaining) if partly else None
        self.take(order, now, part)
        return True

    def _finish(self, now: float) -> None:
        """Trigger what the last trades trigger, then tell everybody what has become of them."""
        while self.settlement.traded:
            pair = next(iter(self.settlement.traded))
            order = self._stops.triggered(pair, self.listings[pair].last)
            if order is None:
                del self.settlement.traded[pair]
            else:
                self._trigger(order, now)
        self.settlement.finish(now)

    def _trigger(self, order: VenueOrder, now: float) -> None:
        self._stops.forget(order)
        order.status, order.updated_ms = Status.PLACED, self.ids.ms(now)
        incoming = incoming_of(order, post_only=False)
        refusal = self.listings[order.pair].market.preview(incoming).refusal
        if refusal in failures.REFUSALS:
            order.failure = failures.REFUSALS[refusal]
            self.settlement.close(order, Status.FAILED, now)
            return
        self.settlement.report(order)
        self.settlement.touch(order)
        self._enter(order, incoming, now)
