"""What the exchange does with orders: reserves, matches, settles, and tells the accounts."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from trading.decimals import ZERO
from trading.identifiers import Currency, Pair
from trading.market import Side, TimeInForce
from trading.simulator import frames
from trading.simulator.accounts import (
    Account,
    Charge,
    Exchanged,
    House,
    InsufficientBalance,
    charge,
    settle,
)
from trading.simulator.frames import Json
from trading.simulator.ids import Ids
from trading.simulator.listing import Listing, PublicTrade
from trading.simulator.matching import Execution, Incoming, Placement, Refusal
from trading.simulator.orders import AccountFill, Failure, OrderStore, Status, VenueOrder
from trading.simulator.requests import CancelRequest, LimitRequest, MarketRequest
from trading.simulator.settings import DemoAccount, Fees

_FAILURES = {
    Refusal.SELF_MATCH: Failure(-11500, Refusal.SELF_MATCH.value),
    Refusal.POST_ONLY: Failure(-11501, Refusal.POST_ONLY.value),
}
_INSUFFICIENT = Failure(-6, "Insufficient Balance")
_DUPLICATE = Failure(-11502, "Duplicate customer order id's are not allowed")


@attrs.define
class Told:
    """
    What happened, in order, for whoever listens.

    Args:
        accounts: Frames by account key.
        trades: Public trades by pair.
    """

    accounts: list[tuple[str, Json]] = attrs.Factory(list)
    trades: list[tuple[Listing, PublicTrade]] = attrs.Factory(list)


class Venue:
    """
    Orders of accounts in the markets of pairs. Every method is one instant of the venue's time.

    Args:
        listings: By pair, in the order in which they are published.
    """

    def __init__(
        self,
        *,
        listings: Mapping[Pair, Listing],
        accounts: Iterable[DemoAccount],
        fees: Fees,
        ids: Ids,
    ) -> None:
        self.listings = listings
        self.fees = fees
        self.accounts = {demo.api_key: Account(demo) for demo in accounts}
        self.house = House()
        self.orders = OrderStore()
        self.ids = ids
        self._told = Told()
        self._touched: dict[str, dict[Currency, None]] = {}

    def take_told(self) -> Told:
        """What happened since last asked."""
        told, self._told = self._told, Told()
        return told

    def place_limit(self, account: Account, request: LimitRequest, now: float) -> VenueOrder:
        """Let a limit order in; a failure is in what is returned."""
        listing = self.listings[request.pair]
        order = self._new_order(
            account,
            listing,
            side=request.side,
            kind="post-only limit" if request.post_only else "limit",
            time_in_force=request.time_in_force,
            price=request.price,
            quantity=request.quantity,
            customer_order_id=request.customer_order_id,
            now=now,
        )
        incoming = Incoming(
            number=order.number,
            owner=account.api_key,
            side=request.side,
            price=request.price,
            quantity=request.quantity,
            post_only=request.post_only,
            time_in_force=request.time_in_force,
        )
        return self._place(account, order, incoming, now)

    def place_market(self, account: Account, request: MarketRequest, now: float) -> VenueOrder:
        """Let a market order in; what finds nobody to trade with is cancelled."""
        listing = self.listings[request.pair]
        order = self._new_order(
            account,
            listing,
            side=request.side,
            kind="market",
            time_in_force=TimeInForce.IOC,
            price=0,
            quantity=request.quantity or 0,
            customer_order_id=request.customer_order_id,
            now=now,
        )
        incoming = Incoming(
            number=order.number,
            owner=account.api_key,
            side=request.side,
            price=None,
            quantity=request.quantity,
            budget=request.budget,
            time_in_force=TimeInForce.IOC,
        )
        return self._place(account, order, incoming, now)

    def cancel(self, order: VenueOrder, now: float) -> bool:
        """Take an order out; ``False`` when it is not open any more."""
        if not self.orders.is_open(order):
            return False
        self.listings[order.pair].market.cancel(order.number)
        self._close(order, Status.CANCELLED, now)
        self._finish(now)
        return True

    def cancel_all(self, account: Account, pair: Pair | None, now: float) -> list[VenueOrder]:
        """Take all of an account's orders out, of one pair or of all."""
        found = [o for o in self.orders.open_of(account.api_key) if pair in (None, o.pair)]
        for order in found:
            self.cancel(order, now)
        return found

    def named(self, account: Account, request: CancelRequest) -> VenueOrder | None:
        """The order a cancel names, open or not."""
        if request.order_id is not None:
            order = self.orders.find(account.api_key, request.order_id)
        else:
            order = self.orders.find_customer(account.api_key, str(request.customer_order_id))
        return order if order is not None and order.pair == request.pair else None

    def cancel_failed(self, account: Account, order_id: str) -> None:
        """A cancel that was taken turned out to have nothing to cancel."""
        self._tell(account.api_key, frames.failed_cancel(order_id))

    def step(self, listing: Listing, now: float) -> None:
        """Let a market do what it does next."""
        self._settle(listing, listing.market.step(), None, now)
        self._finish(now)

    def open_orders_frame(self, api_key: str) -> Json:
        orders = self.orders.open_of(api_key)
        return frames.open_orders_update((order, self.listings[order.pair]) for order in orders)

    def balance_frames(self, account: Account) -> list[Json]:
        return [
            frames.balance_update(
                balance, self.ids.ms(account.changed_at.get(balance.currency, 0.0))
            )
            for balance in account.balances()
        ]

    def _new_order(
        self,
        account: Account,
        listing: Listing,
        *,
        side: Side,
        kind: str,
        time_in_force: TimeInForce,
        price: int,
        quantity: int,
        customer_order_id: str | None,
        now: float,
    ) -> VenueOrder:
        at_ms = self.ids.ms(now)
        return VenueOrder(
            order_id=self.ids.uuid(at_ms),
            number=self.orders.next_number(),
            owner=account.api_key,
            pair=listing.rules.symbol,
            side=side,
            kind=kind,
            time_in_force=time_in_force,
            price=price,
            quantity=quantity,
            remaining=quantity,
            customer_order_id=customer_order_id,
            created_ms=at_ms,
            updated_ms=at_ms,
        )

    def _place(
        self, account: Account, order: VenueOrder, incoming: Incoming, now: float
    ) -> VenueOrder:
        listing = self.listings[order.pair]
        placement = listing.market.preview(incoming)
        failure = self._failure(account, order, placement)
        self.orders.add(order)
        if failure is not None:
            order.failure = failure
            self._close(order, Status.FAILED, now, held=False)
            self._tell(order.owner, frames.order_processed(order))
            self._touched.clear()
            return order
        if incoming.price is None:
            # Nothing of a market order rests: its size is what it found, or what it asked for.
            order.quantity = order.quantity or sum(e.quantity for e in placement.executions)
            order.remaining = order.quantity
        self._tell(order.owner, frames.order_processed(order))
        self._touch(order)
        # What is matched was decided above and cannot have changed since.
        placement = listing.market.place(incoming)
        self._settle(listing, placement.executions, order, now)
        if not placement.rests and self.orders.is_open(order):
            expired = order.executed == 0
            self._close(order, Status.EXPIRED if expired else Status.CANCELLED, now)
        self._finish(now)
        return order

    def _failure(self, account: Account, order: VenueOrder, placement: Placement) -> Failure | None:
        """Why an order cannot be let in; when it can, what it needs is reserved."""
        namesake = (
            self.orders.find_customer(order.owner, order.customer_order_id)
            if order.customer_order_id is not None
            else None
        )
        if namesake is not None and self.orders.is_open(namesake):
            return _DUPLICATE
        if placement.refusal in _FAILURES:
            return _FAILURES[placement.refusal]
        grid = self.listings[order.pair].grid
        rules = self.listings[order.pair].rules
        executed = sum(e.quantity for e in placement.executions)
        if order.price:
            tick_lots, lots = order.price * order.quantity, order.quantity
        else:
            tick_lots, lots = sum(e.price * e.quantity for e in placement.executions), executed
        try:
            if order.side is Side.BUY:
                account.reserve(rules.quote, grid.notional(tick_lots))
            else:
                account.reserve(rules.base, grid.quantity(lots))
        except InsufficientBalance:
            return _INSUFFICIENT
        return None

    def _settle(
        self,
        listing: Listing,
        executions: Sequence[Execution],
        taker: VenueOrder | None,
        now: float,
    ) -> None:
        at_ms = self.ids.ms(now)
        for execution in executions:
            trade = PublicTrade(
                price=execution.price,
                quantity=execution.quantity,
                taker_side=execution.taker_side,
                trade_id=self.ids.uuid(at_ms),
                sequence=self.ids.sequence(),
                at_ms=at_ms,
            )
            listing.record(trade)
            self._told.trades.append((listing, trade))
            if taker is not None:
                self._fill(taker, listing, trade, maker=False)
            if execution.maker_owner is not None:
                self._fill(self.orders.by_number(execution.maker), listing, trade, maker=True)

    def _fill(
        self, order: VenueOrder, listing: Listing, trade: PublicTrade, *, maker: bool
    ) -> None:
        quantity = listing.grid.quantity(trade.quantity)
        value = listing.grid.notional(trade.price * trade.quantity)
        cost = charge(
            listing.rules,
            self.fees,
            side=order.side,
            maker=maker,
            quantity=quantity,
            value=value,
        )
        held = quantity
        if order.side is Side.BUY:
            held = listing.grid.notional((order.price or trade.price) * trade.quantity)
        settle(
            self.accounts[order.owner],
            self.house,
            listing.rules,
            Exchanged(side=order.side, quantity=quantity, value=value, held=held, charge=cost),
        )
        order.remaining -= trade.quantity
        order.updated_ms = trade.at_ms
        order.executed_value += value
        order.executed_fee += cost.fee
        order.fee_currency = cost.fee_currency
        self._report_fill(order, listing, trade, cost)

    def _report_fill(
        self, order: VenueOrder, listing: Listing, trade: PublicTrade, cost: Charge
    ) -> None:
        order.status = Status.PARTIALLY_FILLED if order.remaining else Status.FILLED
        if order.status is Status.FILLED:
            self.orders.close(order)
        fill = AccountFill(
            order=order,
            price=trade.price,
            quantity=trade.quantity,
            trade_id=trade.trade_id,
            sequence=trade.sequence,
            at_ms=trade.at_ms,
            charge=cost,
        )
        self.orders.fills.append(fill)
        self._tell(order.owner, frames.new_account_trade(fill, listing))
        self._tell(order.owner, frames.order_status_update(order, listing, fill))
        self._touch(order)

    def _close(self, order: VenueOrder, status: Status, now: float, *, held: bool = True) -> None:
        """End an order that was not filled, and free what it still holds."""
        listing = self.listings[order.pair]
        order.status = status
        order.updated_ms = self.ids.ms(now)
        self.orders.close(order)
        if held and order.price:
            account = self.accounts[order.owner]
            if order.side is Side.BUY:
                left = listing.grid.notional(order.price * order.remaining)
                account.release(listing.rules.quote, left)
            else:
                account.release(listing.rules.base, listing.grid.quantity(order.remaining))
        self._tell(order.owner, frames.order_status_update(order, listing))
        self._touch(order)

    def _touch(self, order: VenueOrder) -> None:
        """Remember whose lists and balances changed."""
        rules = self.listings[order.pair].rules
        currencies = self._touched.setdefault(order.owner, {})
        paid, received = (
            (rules.quote, rules.base) if order.side is Side.BUY else (rules.base, rules.quote)
        )
        currencies[paid] = None
        if order.executed_value != ZERO:
            currencies[received] = None

    def _finish(self, now: float) -> None:
        """Tell everybody what their open orders and balances have become."""
        for api_key, currencies in self._touched.items():
            account = self.accounts[api_key]
            self._tell(api_key, self.open_orders_frame(api_key))
            for currency in currencies:
                account.changed_at[currency] = now
                frame = frames.balance_update(account.balance(currency), self.ids.ms(now))
                self._tell(api_key, frame)
        self._touched.clear()

    def _tell(self, api_key: str, frame: Json) -> None:
        self._told.accounts.append((api_key, frame))
