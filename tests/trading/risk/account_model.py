"""An account that trades, for real and as a venue that is late tells of it."""

from decimal import Decimal

import attrs
from msgspec.structs import replace

from tests.trading.builders import BASE, QUOTE, D, a_fill
from tests.trading.risk.situations import LIMITS, NOW, VIEW, a_balance, an_order_of
from trading.core.decimals import ZERO
from trading.core.identifiers import Currency
from trading.core.market import Balance, Side
from trading.journal.entries import FillBooked
from trading.orders.order import Order, OrderStatus
from trading.risk import CheckedAmendment, CheckedOrder, RiskView, check, check_amendment

# Both currencies' bounds are about as far away: 300 of the base currency are worth 30 of the other.
BOUNDS = attrs.evolve(
    LIMITS,
    min_base_holding=D(700),
    max_base_holding=D(1300),
    min_quote_holding=D(970),
    max_quote_holding=D(1030),
    max_orders_per_side=1000,
    max_instructions_per_minute=1000,
    max_fills_in_row=1000,
    max_order_notional=D(100),
)


def priced(side: Side, ticks_away: int) -> Decimal:
    away = ticks_away * D("0.00001")
    return D("0.1") - away if side is Side.BUY else D("0.1") + away


class Account:
    """The truth, and what the venue last said of it."""

    def __init__(self) -> None:
        self.base = self.quote = D(1000)
        self.orders: list[Order] = []
        self._clock_ms = 1
        self._fills: list[FillBooked] = []
        self._heard: dict[Currency, Balance] = {}
        self.tell()

    def act(self, name: str, *arguments: object) -> None:
        getattr(self, name)(*arguments)

    def open_of(self, side: Side) -> tuple[Decimal, Decimal]:
        """In base and in quote currency."""
        working = [order for order in self.orders if order.side is side]
        base = sum((order.remaining_quantity for order in working), ZERO)
        return base, sum((order.remaining_quantity * order.price for order in working), ZERO)

    def view(self) -> RiskView:
        return attrs.evolve(
            VIEW,
            working=tuple(order for order in self.orders if not order.status.terminal),
            balances=dict(self._heard),
            recent_fills=tuple(self._fills),
        )

    def tell(self) -> None:
        """The venue speaks of the balances as they are now."""
        base_held, quote_held = self.open_of(Side.SELL)[0], self.open_of(Side.BUY)[1]
        self._heard = {
            BASE: a_balance(BASE, str(self.base), str(base_held), self._clock_ms),
            QUOTE: a_balance(QUOTE, str(self.quote), str(quote_held), self._clock_ms),
        }

    def place(self, side: Side, away: int, quantity: Decimal) -> None:
        order = an_order_of(side, priced(side, away), quantity, len(self.orders))
        if isinstance(check(order, self.view(), BOUNDS), CheckedOrder):
            self.orders.append(order)

    def amend(self, index: int, away: int, quantity: Decimal) -> None:
        if not self.orders:
            return
        at = index % len(self.orders)
        order = self.orders[at]
        price = priced(order.side, away)
        answer = check_amendment(order, price, quantity, self.view(), BOUNDS)
        if isinstance(answer, CheckedAmendment):
            self.orders[at] = answer.amended

    def doubt(self, index: int, status: OrderStatus) -> None:
        if self.orders and not self.orders[index % len(self.orders)].status.terminal:
            at = index % len(self.orders)
            self.orders[at] = replace(self.orders[at], status=status)

    def fill(self, index: int, share: Decimal) -> None:
        """One of the orders is filled, whole or in part, and we hear of that before all else."""
        candidates = [at for at, order in enumerate(self.orders) if order.remaining_quantity]
        if not candidates:
            return
        at = candidates[index % len(candidates)]
        order = self.orders[at]
        quantity = max(D(1), (order.remaining_quantity * share).to_integral_value())
        self._clock_ms += 1
        self.orders[at] = order.filled_to(order.filled_quantity + quantity, NOW)
        sign = 1 if order.side is Side.BUY else -1
        self.base += sign * quantity
        self.quote -= sign * quantity * order.price
        fill = a_fill(f"t-{len(self._fills)}", quantity, side=order.side, price=order.price)
        self._fills.append(FillBooked(attrs.evolve(fill, traded_at_ms=self._clock_ms), NOW))
