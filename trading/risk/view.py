"""All data that the limits look at, of one moment."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import attrs

from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import Balance, TopOfBook
from trading.journal.entries import FillBooked
from trading.orders.order import Order
from trading.risk.open_orders import OpenOrders
from trading.risk.profit_watch import Profit


@attrs.frozen(kw_only=True)
class Results:
    """
    What has become of one strategy's orders: all that the limits look at that end it.

    Args:
        strategy: Whose limits they are.
        now: Monotonic seconds.
        profit: Of this strategy.
        recent_fills: Of every strategy and pair, oldest first, at least all of the last
            ``RiskLimits.fills_window_s``. Only the pair's own make a row; those that a balance
            does not show yet count as spent, whatever their pair.
    """

    strategy: StrategyName
    instrument: Instrument
    now: float
    profit: Profit
    recent_fills: tuple[FillBooked, ...] = ()


def _as_open_orders(orders: OpenOrders | Iterable[Order]) -> OpenOrders:
    return orders if isinstance(orders, OpenOrders) else OpenOrders(orders)


@attrs.frozen(kw_only=True)
class RiskView(Results):
    """
    The world as one strategy's limits see it before an order leaves.

    Args:
        top: The pair's book; ``None`` while there is none to trust.
        book_at: Monotonic seconds at which that book was last confirmed; of no account without one.
        last_trade_price: Anyone's last trade, in quote currency; ``None`` while none is known.
        clock_sure: Whether the offset of the venue's clock is known and small.
        working: All orders of this engine that are not terminal, of every strategy and pair;
            UNKNOWN and CANCEL_PENDING ones are among them. Any orders will do; those of a gateway
            are added up already. An order that is asked about is not counted twice.
        beside: Further orders that count as if they worked.
        balances: By currency; a currency that is not there is not held.
        placements: How many orders this strategy placed or replaced within the last minute.
        other_instruments: Of the other pairs that this engine trades: they may share a currency
            with this one. Orders of a pair that is not there are known by what is reserved.
    """

    top: TopOfBook | None
    book_at: float
    last_trade_price: Decimal | None
    clock_sure: bool
    working: OpenOrders = attrs.field(converter=_as_open_orders)
    balances: Mapping[Currency, Balance]
    beside: tuple[Order, ...] = ()
    placements: int = 0
    other_instruments: Mapping[Pair, Instrument] = attrs.field(factory=dict)

    def with_order(self, order: Order) -> "RiskView":
        """The view once an order is on its way, for the next order of the same decision."""
        return attrs.evolve(
            self,
            beside=(*self.beside, order),
            placements=self.placements + 1,
        )
