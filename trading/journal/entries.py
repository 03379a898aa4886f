"""The ledger's entries: what we meant to do, what happened to our orders, fills and balances."""

from decimal import Decimal

import attrs
import msgspec
from attrs import validators

from trading.core.market import Balance
from trading.orders.order import Fill, Order


class OrdersIntended(msgspec.Struct, frozen=True):
    """
    One decision's new orders, before any of them leaves.

    Args:
        at: Monotonic seconds.
        mid_price: What the decision took for the price, in quote currency; ``None`` if unknown.
    """

    orders: tuple[Order, ...]
    at: float
    mid_price: Decimal | None = None


class OrderRecorded(msgspec.Struct, frozen=True):
    """An order as it is from ``at`` (monotonic seconds) on."""

    order: Order
    at: float


class FillBooked(msgspec.Struct, frozen=True):
    """A fill that was heard of at ``at`` (monotonic seconds); its client order id is set."""

    fill: Fill
    at: float


class BalanceRecorded(msgspec.Struct, frozen=True):
    """What the account holds of one currency from ``at`` (monotonic seconds) on."""

    balance: Balance
    at: float


@attrs.frozen
class Halted:
    """Nothing may be quoted from ``at`` (monotonic seconds) on, restarts or not."""

    reason: str = attrs.field(validator=validators.min_len(1))
    at: float


class Resumed(msgspec.Struct, frozen=True):
    """A standing halt is over at ``at`` (monotonic seconds)."""

    at: float


LedgerEntry = OrdersIntended | OrderRecorded | FillBooked | BalanceRecorded | Halted | Resumed
