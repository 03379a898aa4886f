"""A strategy's run in figures, folded from the ledger's entries."""

from collections.abc import Mapping
from decimal import Decimal

import attrs

from trading.account.position import Position
from trading.core.decimals import ZERO
from trading.core.forgetting import forget_oldest
from trading.core.identifiers import ClientOrderId, TradeId
from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.journal.entries import FillBooked, LedgerEntry, OrderRecorded
from trading.orders.order import Order, OrderStatus

_REMEMBERED_MAX = 20_000
"""Trades (and orders) that may be told of again; hours of them at a busy pair."""


@attrs.frozen(kw_only=True)
class Performance:
    """
    What a strategy did and what came of it.

    Args:
        fees: Paid, by currency; negative is a rebate.
        bought: In base currency.
        sold: In base currency.
    """

    orders_placed: int = 0
    orders_filled: int = 0
    orders_cancelled: int = 0
    orders_rejected: int = 0
    fills: int = 0
    bought: Decimal = ZERO
    sold: Decimal = ZERO
    fees: Mapping[str, Decimal] = attrs.field(factory=dict)
    position: Position = attrs.field(factory=Position)
    last_fill_price: Decimal | None = None


class PerformanceFold:
    """
    Adds entries to a performance; a trade counts once, however often it is booked.

    It knows the newest of both again: news comes minutes late at most, and a run may take months.

    Args:
        instrument: Of the pair that the strategy trades.
    """

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._trades: dict[TradeId, None] = {}
        self._statuses: dict[ClientOrderId, OrderStatus] = {}
        self.performance = Performance()

    def add(self, entry: LedgerEntry) -> None:
        match entry:
            case OrderRecorded(order, _):
                self._add_order(order)
            case FillBooked():
                self._add_fill(entry)
            case _:
                pass  # an intent counts once it is recorded; the rest says nothing of a strategy

    def _add_order(self, order: Order) -> None:
        before = self.performance
        # A late fill records an ended order again, and may turn a cancelled one into a filled one.
        was, is_now = self._statuses.get(order.client_order_id), order.status
        self._statuses[order.client_order_id] = is_now
        forget_oldest(self._statuses, _REMEMBERED_MAX)

        def counted(count: int, status: OrderStatus) -> int:
            return count + (is_now is status) - (was is status)

        self.performance = attrs.evolve(
            before,
            orders_placed=before.orders_placed + (was is None),
            orders_filled=counted(before.orders_filled, OrderStatus.FILLED),
            orders_cancelled=counted(before.orders_cancelled, OrderStatus.CANCELLED),
            orders_rejected=counted(before.orders_rejected, OrderStatus.REJECTED),
        )

    def _add_fill(self, entry: FillBooked) -> None:
        fill = entry.fill
        if fill.trade_id in self._trades:
            return
        self._trades[fill.trade_id] = None
        forget_oldest(self._trades, _REMEMBERED_MAX)
        before = self.performance
        bought = fill.side is Side.BUY
        fees = dict(before.fees)
        if fill.fee != ZERO:
            fees[fill.fee_currency] = fees.get(fill.fee_currency, ZERO) + fill.fee
        self.performance = attrs.evolve(
            before,
            fills=before.fills + 1,
            bought=before.bought + (fill.quantity if bought else ZERO),
            sold=before.sold + (ZERO if bought else fill.quantity),
            fees=fees,
            position=before.position.after(fill, self._instrument),
            last_fill_price=fill.price,
        )
