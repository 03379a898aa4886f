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
    last_fill: TradeId | None = None


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
        self._placed = 0
        self._ended = dict.fromkeys(OrderStatus, 0)
        self._of_fills = Performance()

    @property
    def performance(self) -> Performance:
        """All that was added so far."""
        return attrs.evolve(
            self._of_fills,
            orders_placed=self._placed,
            orders_filled=self._ended[OrderStatus.FILLED],
            orders_cancelled=self._ended[OrderStatus.CANCELLED],
            orders_rejected=self._ended[OrderStatus.REJECTED],
        )

    def add(self, entry: LedgerEntry) -> None:
        match entry:
            case OrderRecorded(order, _):
                self._add_order(order)
            case FillBooked():
                self._add_fill(entry)
            case _:
                pass  # an intent counts once it is recorded; the rest says nothing of a strategy

    def _add_order(self, order: Order) -> None:
        # A late fill records an ended order again, and may turn a cancelled one into a filled one.
        was = self._statuses.get(order.client_order_id)
        self._statuses[order.client_order_id] = order.status
        forget_oldest(self._statuses, _REMEMBERED_MAX)
        self._ended[order.status] += 1
        if was is None:
            self._placed += 1
        else:
            self._ended[was] -= 1

    def _add_fill(self, entry: FillBooked) -> None:
        fill = entry.fill
        if fill.trade_id in self._trades:
            return
        self._trades[fill.trade_id] = None
        forget_oldest(self._trades, _REMEMBERED_MAX)
        before = self._of_fills
        bought = fill.side is Side.BUY
        fees = dict(before.fees)
        if fill.fee != ZERO:
            fees[fill.fee_currency] = fees.get(fill.fee_currency, ZERO) + fill.fee
        self._of_fills = attrs.evolve(
            before,
            fills=before.fills + 1,
            bought=before.bought + (fill.quantity if bought else ZERO),
            sold=before.sold + (ZERO if bought else fill.quantity),
            fees=fees,
            position=before.position.after(fill, self._instrument),
            last_fill_price=fill.price,
            last_fill=fill.trade_id,
        )
