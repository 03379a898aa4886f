"""The venue's records of orders and fills, and their store."""

import enum
from collections import Counter, deque
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import attrs

from trading.core.decimals import ZERO
from trading.core.identifiers import Pair
from trading.core.market import Side, TimeInForce
from trading.simulator.clearing.fees import Charge

_CLOSED_KEPT_MAX = 20_000
"""Closed orders that can still be looked up; a day of busy quoting is less."""
_FILLS_KEPT_MAX = 20_000


class Status(enum.Enum):
    """The statuses of an order, in the wire's words."""

    ACTIVE = "Active"
    """A stop order that was not triggered."""
    PLACED = "Placed"
    MODIFIED = "Order Modified"
    PARTIALLY_FILLED = "Partially Filled"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    FAILED = "Failed"
    EXPIRED = "Expired"
    CUT_BY_SLIPPAGE = "Partially Filled and Cancelled Due To Slippage"


@attrs.frozen
class Failure:
    """Why the matching engine did not take an order: a number, and the venue's words."""

    code: int
    message: str


@attrs.frozen(kw_only=True)
class Stop:
    """
    The trigger of a stop order.

    Args:
        price: In ticks: the last traded price that triggers it.
        rising: Whether prices at or above it do; otherwise those at or below.
    """

    price: int
    rising: bool

    def triggered_by(self, last: int) -> bool:
        return last >= self.price if self.rising else last <= self.price


@attrs.define(kw_only=True)
class VenueOrder:
    """
    One order of an account.

    Args:
        number: Its number in the book.
        owner: The account's key.
        price: In ticks; zero for a market order.
        quantity: In lots, as it was asked for after truncation.
        remaining: In lots.
        stop: The trigger that it waits for, or waited for.
        states: Every state that was reported, as on the wire.
        modified_as: What its status is called once it was modified.
        executed_value: Sum of price times quantity, in quote currency.
    """

    order_id: str
    number: int
    owner: str
    pair: Pair
    side: Side
    kind: str
    time_in_force: TimeInForce
    price: int
    quantity: int
    remaining: int
    customer_order_id: str | None
    created_ms: int
    updated_ms: int
    status: Status = Status.PLACED
    failure: Failure | None = None
    executed_value: Decimal = ZERO
    executed_fee: Decimal = ZERO
    fee_currency: str = ""
    stop: Stop | None = None
    states: list[dict[str, Any]] = attrs.field(factory=list)
    modified_as: str = Status.MODIFIED.value

    @property
    def status_text(self) -> str:
        return self.modified_as if self.status is Status.MODIFIED else self.status.value

    @property
    def executed(self) -> int:
        return self.quantity - self.remaining


@attrs.frozen(kw_only=True)
class AccountFill:
    """
    One side of a trade, as its account sees it; price in ticks, quantity in lots.

    Args:
        record_id: Of the entry that it makes in the account's ledger.
        maker: Whether the account's order rested.
    """

    order: VenueOrder
    price: int
    quantity: int
    trade_id: str
    record_id: str
    sequence: int
    at_ms: int
    charge: Charge
    maker: bool = True


class OrderStore:
    """
    All orders, by each of their ids; the oldest closed ones are dropped beyond a limit.

    Attributes:
        watch: Called with each order when it is accepted, and again when closed: for checks.
    """

    def __init__(self) -> None:
        self._by_id: dict[str, VenueOrder] = {}
        self._by_number: dict[int, VenueOrder] = {}
        self._by_customer_id: dict[tuple[str, str], VenueOrder] = {}
        self._open: dict[str, VenueOrder] = {}
        self._open_in: Counter[Pair] = Counter()
        self._closed: deque[VenueOrder] = deque()
        self.fills: deque[AccountFill] = deque(maxlen=_FILLS_KEPT_MAX)
        self._count = 0
        self.watch: Callable[[VenueOrder], None] = _unwatched

    def next_number(self) -> int:
        self._count += 1
        return self._count

    def add(self, order: VenueOrder) -> None:
        """Add an order, open from now on."""
        self._by_id[order.order_id] = order
        self._by_number[order.number] = order
        if order.customer_order_id is not None:
            self._by_customer_id[order.owner, order.customer_order_id] = order
        self._open[order.order_id] = order
        self._open_in[order.pair] += 1
        self.watch(order)

    def close(self, order: VenueOrder) -> None:
        del self._open[order.order_id]
        self._open_in[order.pair] -= 1
        self._closed.append(order)
        if len(self._closed) > _CLOSED_KEPT_MAX:
            self._forget(self._closed.popleft())
        self.watch(order)

    def is_open(self, order: VenueOrder) -> bool:
        return order.order_id in self._open

    def open_of(self, owner: str) -> list[VenueOrder]:
        """An account's open orders, oldest first."""
        return [order for order in self._open.values() if order.owner == owner]

    def any_open_in(self, pair: Pair) -> bool:
        """Whether any account has an open order in a pair."""
        return self._open_in[pair] > 0

    def closed_of(self, owner: str) -> Iterator[VenueOrder]:
        """An account's closed orders, the last closed first."""
        return (order for order in reversed(self._closed) if order.owner == owner)

    def fills_of(self, owner: str) -> Iterator[AccountFill]:
        """An account's fills, newest first."""
        return (fill for fill in reversed(self.fills) if fill.order.owner == owner)

    def by_number(self, number: int) -> VenueOrder:
        return self._by_number[number]

    def find(self, owner: str, order_id: str) -> VenueOrder | None:
        order = self._by_id.get(order_id)
        return order if order is not None and order.owner == owner else None

    def find_customer(self, owner: str, customer_order_id: str) -> VenueOrder | None:
        """The newest order of that name."""
        return self._by_customer_id.get((owner, customer_order_id))

    def _forget(self, order: VenueOrder) -> None:
        del self._by_id[order.order_id]
        del self._by_number[order.number]
        if order.customer_order_id is not None:
            name = (order.owner, order.customer_order_id)
            if self._by_customer_id.get(name) is order:
                del self._by_customer_id[name]


def _unwatched(_order: VenueOrder) -> None:
    """The watch where there are no checks."""
