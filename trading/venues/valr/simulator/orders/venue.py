"""The venue: accounts and their orders in the markets of all pairs, and maintenance."""

from collections.abc import Iterable, Mapping

from trading.core.identifiers import Pair
from trading.simulator.clearing.balances import Transfer
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.accounts.accounts import Account
from trading.venues.valr.simulator.accounts.orders import Status, VenueOrder
from trading.venues.valr.simulator.core.fault_plan import Fault, Faults
from trading.venues.valr.simulator.core.ids import Ids
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.core.settings import DemoAccount, Fees
from trading.venues.valr.simulator.orders.amendment import Amendments, Modification
from trading.venues.valr.simulator.orders.background_trades import BackgroundTrades
from trading.venues.valr.simulator.orders.entry import OrderEntry
from trading.venues.valr.simulator.orders.settlement import Settlement, Told
from trading.venues.valr.simulator.orders.stops import WaitingStops
from trading.venues.valr.simulator.requests.fields import Refused
from trading.venues.valr.simulator.requests.requests import (
    CancelRequest,
    ModifyRequest,
)
from trading.venues.valr.simulator.wire import frames
from trading.venues.valr.simulator.wire.frames import Json


class Venue:
    """
    Orders of accounts in the markets of pairs. Every method is one instant of the venue's time.

    Args:
        listings: By pair, in the order in which they are published.

    Attributes:
        entry: Order entry.
        flow: Trades of the background flow.
        read_only: Whether only reading is allowed now.
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
        self.settlement = Settlement(listings, self.accounts, fees, ids, rules)
        self.house = self.settlement.house
        self.orders = self.settlement.orders
        self._amendments = Amendments(listings, self.accounts, self.settlement, ids, rules)
        self._stops = WaitingStops()
        self.entry = OrderEntry(
            listings=listings,
            settlement=self.settlement,
            stops=self._stops,
            ids=ids,
            rules=rules,
            faults=faults,
        )
        self.flow = BackgroundTrades(
            listings=listings, settlement=self.settlement, entry=self.entry, faults=faults
        )

    @property
    def fees(self) -> Fees:
        return self.settlement.fees

    @property
    def transfers(self) -> list[Transfer]:
        """The deposits and withdrawals of all accounts."""
        return self.settlement.transfers

    def check_open(self) -> None:
        """
        Require that changes are possible now.

        Raises:
            Refused: The venue is in maintenance.
        """
        if self.read_only:
            raise Refused(-503, "VALR is in read-only mode", 503)

    def take_told(self) -> Told:
        """Remove and return the events since last asked."""
        return self.settlement.take_told()

    def modify(self, account: Account, request: ModifyRequest, now: float) -> Modification:
        """Modify an order; the result is reported to its account."""
        order = self.named(account, request.name)
        self.flow.race(order, Fault.FILL_RACES_MODIFY, now)
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
        self.entry.finish(now)
        return Modification(modify_id=modify_id, order=order, failure=failure)

    def cancel_named(self, account: Account, request: CancelRequest, now: float) -> bool:
        """Cancel the order that a request names; ``False`` when it is not open, or never was."""
        order = self.named(account, request)
        if not self.flow.race(order, Fault.FILL_RACES_CANCEL, now):
            self.flow.race(order, Fault.PARTIAL_FILL_RACES_CANCEL, now)
        return order is not None and self.cancel(order, now)

    def cancel(self, order: VenueOrder, now: float) -> bool:
        """Cancel an order; ``False`` when it is not open any more."""
        if not self.orders.is_open(order):
            return False
        self.listings[order.pair].market.cancel(order.number)
        self.settlement.close(order, Status.CANCELLED, now)
        self._stops.forget(order)
        self.entry.finish(now)
        return True

    def cancel_all(self, account: Account, pair: Pair | None, now: float) -> list[VenueOrder]:
        """Cancel all of an account's orders, of one pair or of all."""
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
        """Report a cancel that was accepted and found nothing to cancel."""
        if not self.rules.tell_failed_cancels:
            return
        order = self.named(account, request)
        order_id = order.order_id if order else request.order_id
        frame = frames.failed_cancel(order_id or str(request.customer_order_id))
        self.settlement.tell(account.api_key, frame)

    def activate(self, listing: Listing) -> None:
        """Trade a pair again."""
        listing.active = True
        self.settlement.tell_rules(listing)

    def heal(self) -> None:
        """Restore the venue: open, with the right time, in all pairs listed as active."""
        self.read_only = False
        self.ids.set_wrong(0)
        for listing in self.listings.values():
            if listing.rules.active and not listing.active:
                self.activate(listing)

    def deactivate(self, listing: Listing, now: float) -> None:
        """Stop trading a pair: its orders are cancelled."""
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
