"""Follows the orders of a backtest: as they were meant, and what the exchange made of them."""

from decimal import Decimal
from itertools import takewhile

import attrs

from trading.backtest.outcome import BacktestFill, BacktestOrder, BalanceAt
from trading.core.identifiers import ClientOrderId, Currency, strategy_of
from trading.decisions.decision import Quote
from trading.journal.entries import LedgerEntry, OrderRecorded, OrdersIntended
from trading.messages.gateway import Instruction
from trading.orders.order import Order, OrderStatus
from trading.simulator.market.replay import RecordedMarket
from trading.venues.valr.simulator.accounts.orders import AccountFill, VenueOrder
from trading.venues.valr.simulator.exchange import SimulatedExchange

_NS_PER_S = 1_000_000_000


@attrs.define
class _Story:
    order: Order
    level: int | None
    placed_ns: int
    arrived_ns: int | None = None
    ended_ns: int | None = None
    mid_price: Decimal | None = None
    cancel_sent_ns: int | None = None
    filled_at_cancel: Decimal | None = None
    ahead: Decimal | None = None
    best_ahead: Decimal | None = None
    number: int = 0

    def note(self, order: Order, now_ns: int) -> None:
        """Take the order as it is from now on."""
        if order.status is OrderStatus.CANCEL_PENDING and self.cancel_sent_ns is None:
            self.cancel_sent_ns, self.filled_at_cancel = now_ns, order.filled_quantity
        self.order = order


class Stories:
    """
    Everything that is told of orders, fills and balances, with the exchange's own times.

    Args:
        api_key: The account's.

    Attributes:
        fills: In order.
        balances: Each change, in order.
    """

    def __init__(self, exchange: SimulatedExchange, api_key: str) -> None:
        self.fills: list[BacktestFill] = []
        self.balances: list[BalanceAt] = []
        self._exchange = exchange
        self._account = exchange.venue.accounts[api_key]
        self._orders: dict[ClientOrderId, _Story] = {}
        self._placing: list[Quote] = []
        self._arriving: list[VenueOrder] = []
        self._read: AccountFill | None = None
        self._told: dict[Currency, tuple[Decimal, Decimal]] = {}
        exchange.venue.orders.watch = self._watch

    def begin_instruction(self, instruction: Instruction) -> None:
        """Note what is about to be placed: the level of a quote is not on its order."""
        self._placing = list(instruction.places)

    def journal(self, entries: tuple[LedgerEntry, ...], now_ns: int) -> None:
        """Take what goes into the ledger."""
        for entry in entries:
            match entry:
                case OrdersIntended(orders, _, mid_price):
                    for order in orders:
                        story = _Story(order, self._level_of(order), now_ns, mid_price=mid_price)
                        self._orders[order.client_order_id] = story
                case OrderRecorded(order):
                    if (known := self._orders.get(order.client_order_id)) is not None:
                        known.note(order, now_ns)
                case _:
                    pass

    def look(self, now_ns: int) -> None:
        """Read what the exchange has done just now."""
        fills = self._exchange.venue.orders.fills
        filled = bool(fills) and fills[-1] is not self._read
        if not self._arriving and not filled and self._told:  # nearly always
            return
        for order in self._arriving:
            self._arrived_or_ended(order, now_ns)
        self._arriving.clear()
        fresh = list(takewhile(lambda fill: fill is not self._read, reversed(fills)))
        for fill in reversed(fresh):
            self._fill(fill, now_ns)
            self._read = fill
        self._look_at_balances(now_ns)

    def orders(self) -> tuple[BacktestOrder, ...]:
        for story in self._orders.values():
            if story.ahead is not None and story.ended_ns is None:
                story.best_ahead = self._quantity(story, self._market(story).ahead(story.number))
        return tuple(map(_told, self._orders.values()))

    def _watch(self, order: VenueOrder) -> None:
        self._arriving.append(order)

    def _arrived_or_ended(self, order: VenueOrder, now_ns: int) -> None:
        name = ClientOrderId(order.customer_order_id or "")
        story = self._orders.get(name)
        if story is None:
            return
        if story.arrived_ns is None:
            story.arrived_ns, story.number = now_ns, order.number
            story.ahead = self._quantity(story, self._market(story).ahead(order.number))
        if not self._exchange.venue.orders.is_open(order):
            story.ended_ns = now_ns
            if story.ahead is not None:
                left = self._market(story).take_left_behind(order.number)
                story.best_ahead = self._quantity(story, left or 0)

    def _market(self, story: _Story) -> RecordedMarket:
        market = self._exchange.venue.listings[story.order.pair].market
        assert isinstance(market, RecordedMarket)
        return market

    def _quantity(self, story: _Story, lots: int | None) -> Decimal | None:
        grid = self._exchange.venue.listings[story.order.pair].grid
        return None if lots is None else grid.quantity(lots)

    def _fill(self, fill: AccountFill, now_ns: int) -> None:
        order, charge = fill.order, fill.charge
        grid = self._exchange.venue.listings[order.pair].grid
        name = ClientOrderId(order.customer_order_id or "")
        rewarded = charge.reward_currency is not None and charge.reward > 0
        self.fills.append(
            BacktestFill(
                at_ns=now_ns,
                client_order_id=name,
                strategy=strategy_of(name),
                pair=order.pair,
                side=order.side,
                price=grid.price(fill.price),
                quantity=grid.quantity(fill.quantity),
                maker=fill.maker,
                fee=-charge.reward if rewarded else charge.fee,
                fee_currency=str(charge.reward_currency if rewarded else charge.fee_currency),
                trade_id=fill.trade_id,
            )
        )

    def _look_at_balances(self, now_ns: int) -> None:
        for balance in self._account.balances():
            amounts = balance.available, balance.reserved
            if self._told.get(balance.currency) != amounts:
                self._told[balance.currency] = amounts
                self.balances.append(
                    BalanceAt(
                        at_ns=now_ns,
                        currency=balance.currency,
                        available=balance.available,
                        reserved=balance.reserved,
                    )
                )

    def _level_of(self, order: Order) -> int | None:
        for index, quote in enumerate(self._placing):
            if (quote.side, quote.price, quote.quantity) == (
                order.side,
                order.price,
                order.quantity,
            ):
                del self._placing[index]
                return quote.level
        return None


def _told(story: _Story) -> BacktestOrder:
    order = story.order
    return BacktestOrder(
        client_order_id=order.client_order_id,
        strategy=order.strategy,
        pair=order.pair,
        side=order.side,
        level=story.level,
        price=order.price,
        quantity=order.quantity,
        filled_quantity=order.filled_quantity,
        placed_ns=story.placed_ns,
        arrived_ns=story.arrived_ns,
        ended_ns=story.ended_ns,
        end=order.status.value,
        reason=order.reason,
        mid_price=story.mid_price,
        cancel_sent_ns=story.cancel_sent_ns,
        filled_at_cancel=story.filled_at_cancel,
        ahead=story.ahead,
        best_ahead=story.best_ahead,
    )
