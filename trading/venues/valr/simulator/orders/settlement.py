"""Settlement of orders in the balances, and the reports to accounts."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.identifiers import Currency, Pair
from trading.core.market import Side
from trading.simulator.clearing.balances import Transfer
from trading.simulator.clearing.fees import FeeSchedule
from trading.simulator.clearing.settlement import HouseAccount, TradeLeg, leg_of, needed, settle
from trading.simulator.matching.matching import Execution
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.accounts.accounts import Account
from trading.venues.valr.simulator.accounts.orders import (
    AccountFill,
    OrderStore,
    Status,
    VenueOrder,
)
from trading.venues.valr.simulator.accounts.valuation import Valuation
from trading.venues.valr.simulator.core.ids import Ids
from trading.venues.valr.simulator.core.listing import Listing, PublicTrade
from trading.venues.valr.simulator.core.settings import Fees
from trading.venues.valr.simulator.wire import frames
from trading.venues.valr.simulator.wire.frames import Json

_FEE_FIELDS = ("fee", "feeCurrency", "makerReward", "makerRewardCurrency")
_FEE_STEP = Decimal("0.000000000001")
"""Fees are kept to twelve places, like the balances."""


@attrs.define
class Told:
    """
    The events to report, in order.

    Args:
        accounts: Frames by account key.
        trades: Public trades by pair.
        rules: Pairs whose rules changed.
    """

    accounts: list[tuple[str, Json]] = attrs.Factory(list)
    trades: list[tuple[Listing, PublicTrade]] = attrs.Factory(list)
    rules: list[Listing] = attrs.Factory(list)


class Settlement:
    """
    Reserves, fills and releases, which make or lose no money.

    Attributes:
        traded: Pairs with trades since the set was last emptied.
        fees: The present ones.
    """

    def __init__(
        self,
        listings: Mapping[Pair, Listing],
        accounts: Mapping[str, Account],
        fees: Fees,
        ids: Ids,
        rules: VenueRules | None = None,
    ) -> None:
        self._rules = rules or VenueRules()
        self.house = HouseAccount()
        self.orders = OrderStore()
        self.transfers: list[Transfer] = []
        self.traded: dict[Pair, None] = {}
        self._listings = listings
        self._accounts = accounts
        self.fees = fees
        self._ids = ids
        self._valuation = Valuation(listings)
        self._told = Told()
        self._touched: dict[str, dict[Currency, None]] = {}
        self._records: list[tuple[str, Json]] = []

    def take_told(self) -> Told:
        """Remove and return the events since last asked."""
        told = self._told
        if told.accounts or told.trades or told.rules:  # seldom, of all that moves
            self._told = Told()
        return told

    def transfer(self, account: Account, currency: Currency, amount: Decimal, now: float) -> None:
        """
        Make a deposit or withdrawal, and report it.

        Args:
            amount: Below zero for a withdrawal; so much must be available.
        """
        if amount < ZERO:
            account.debit(currency, -amount)
        else:
            account.credit(currency, amount)
        account.changed_at[currency] = now
        self.transfers.append(Transfer(account.api_key, currency, amount, self._ids.ms(now)))
        self.tell(account.api_key, self.balance_frame(account, currency))

    def fill_beyond(self, order: VenueOrder, lots: int, now: float) -> bool:
        """
        Fill an order that is filled already by more than its quantity, at its price.

        Returns:
            Whether its account could pay for it.
        """
        listing, at_ms = self._listings[order.pair], self._ids.ms(now)
        currency, amount = self.needs(listing, order.side, order.price, lots)
        if self._accounts[order.owner].balance(currency).available < amount:
            return False
        self._accounts[order.owner].reserve(currency, amount)
        order.remaining = lots
        trade = PublicTrade(
            price=order.price,
            quantity=lots,
            taker_side=order.side.opposite,
            trade_id=self._ids.uuid(at_ms),
            sequence=self._ids.sequence(),
            at_ms=at_ms,
        )
        self._fill(order, listing, trade, maker=True)
        return True

    def tell(self, api_key: str, frame: Json) -> None:
        self._told.accounts.append((api_key, frame))

    def tell_rules(self, listing: Listing) -> None:
        self._told.rules.append(listing)

    def needs(
        self, listing: Listing, side: Side, price: int, lots: int
    ) -> tuple[Currency, Decimal]:
        """The reserve of a resting order."""
        return needed(listing.rules, listing.grid, side, price, lots)

    def settle(
        self,
        listing: Listing,
        executions: Sequence[Execution],
        taker: VenueOrder | None,
        now: float,
    ) -> None:
        """
        Settle the trades of a match.

        Args:
            taker: The account's order that arrived, if it is one.
        """
        at_ms = self._ids.ms(now)
        for execution in executions:
            trade = PublicTrade(
                price=execution.price,
                quantity=execution.quantity,
                taker_side=execution.taker_side,
                trade_id=self._ids.uuid(at_ms),
                sequence=self._ids.sequence(),
                at_ms=at_ms,
            )
            listing.record(trade)
            self.traded[listing.rules.symbol] = None
            self._told.trades.append((listing, trade))
            if taker is not None:
                self._fill(taker, listing, trade, maker=False)
            if execution.maker_owner is not None:
                self._fill(self.orders.by_number(execution.maker), listing, trade, maker=True)

    def close(self, order: VenueOrder, status: Status, now: float, *, held: bool = True) -> None:
        """End an order that was not filled, and release the rest of its reserve."""
        order.status = status
        order.updated_ms = self._ids.ms(now)
        self.orders.close(order)
        if held and order.price:
            listing = self._listings[order.pair]
            currency, amount = self.needs(listing, order.side, order.price, order.remaining)
            self._accounts[order.owner].release(currency, amount)
        self.report(order)
        self.touch(order)

    def report(
        self, order: VenueOrder, fill: AccountFill | None = None, *, tell: bool = True
    ) -> None:
        """Record an order's state, and report it to its account unless unchanged."""
        state = frames.order_state(order, self._listings[order.pair], fill, self._rules.executed)
        order.states.append(state)
        if tell:
            self.tell(order.owner, {"type": "ORDER_STATUS_UPDATE", "data": state})

    def touch(self, order: VenueOrder) -> None:
        """Note that an account's lists and balances changed."""
        rules = self._listings[order.pair].rules
        currencies = self._touched.setdefault(order.owner, {})
        paid, received = (
            (rules.quote, rules.base) if order.side is Side.BUY else (rules.base, rules.quote)
        )
        currencies[paid] = None
        if order.executed_value != ZERO:
            currencies[received] = None

    def forget_touched(self) -> None:
        """Drop the notes: nothing changed after all."""
        self._touched.clear()

    def finish(self, now: float) -> None:
        """Report changed open orders and balances to their accounts."""
        for api_key, currencies in self._touched.items():
            account = self._accounts[api_key]
            self.tell(api_key, self.open_orders_frame(api_key))
            for currency in currencies:
                account.changed_at[currency] = now
                self.tell(api_key, self.balance_frame(account, currency))
        self._told.accounts += self._records
        self._records = []
        self._touched.clear()

    def open_orders_frame(self, api_key: str) -> Json:
        orders = self.orders.open_of(api_key)
        return frames.open_orders_update((order, self._listings[order.pair]) for order in orders)

    def balance_frame(self, account: Account, currency: Currency) -> Json:
        at_ms = self._ids.ms(account.changed_at.get(currency, 0.0))
        balance = account.balance(currency)
        return frames.balance_update(balance, at_ms, self._valuation.worth(currency))

    def balance_row(self, account: Account, currency: Currency) -> Json:
        at_ms = self._ids.ms(account.changed_at.get(currency, 0.0))
        balance = account.balance(currency)
        return frames.rest_balance(balance, at_ms, self._valuation.worth(currency))

    def _fill(
        self, order: VenueOrder, listing: Listing, trade: PublicTrade, *, maker: bool
    ) -> None:
        schedule = FeeSchedule(self.fees.fractions, _FEE_STEP)
        leg = leg_of(
            listing.rules,
            listing.grid,
            schedule,
            side=order.side,
            maker=maker,
            price=trade.price,
            lots=trade.quantity,
            limit=order.price,
        )
        settle(self._accounts[order.owner], self.house, listing.rules, leg)
        order.remaining -= trade.quantity
        order.updated_ms = trade.at_ms
        order.executed_value += leg.value
        order.executed_fee += leg.charge.fee
        order.fee_currency = leg.charge.fee_currency
        self._report_fill(order, listing, trade, leg, maker=maker)

    def _report_fill(
        self,
        order: VenueOrder,
        listing: Listing,
        trade: PublicTrade,
        leg: TradeLeg,
        *,
        maker: bool,
    ) -> None:
        order.status = Status.PARTIALLY_FILLED if order.remaining else Status.FILLED
        if order.status is Status.FILLED and self.orders.is_open(order):
            self.orders.close(order)
        fill = AccountFill(
            order=order,
            price=trade.price,
            quantity=trade.quantity,
            trade_id=trade.trade_id,
            record_id=self._ids.uuid(trade.at_ms),
            sequence=trade.sequence,
            at_ms=trade.at_ms,
            charge=leg.charge,
            maker=maker,
        )
        self.orders.fills.append(fill)
        self.tell(order.owner, self._trade(fill, listing))
        self.report(order, fill)
        self._records.append((order.owner, frames.account_history_record(fill, listing)))
        self.touch(order)

    def _trade(self, fill: AccountFill, listing: Listing) -> Json:
        """NEW_ACCOUNT_TRADE, with as many fields as it has here."""
        frame = frames.new_account_trade(fill, listing)
        untold: tuple[str, ...] = () if self._rules.tell_fees else _FEE_FIELDS
        untold += () if self._rules.tell_trade_ids else ("id",)
        data = {key: frame["data"][key] for key in frame["data"] if key not in untold}
        return {**frame, "data": data}
