"""
The life of an order, as a transition table.

Everything that changes an order's status is in this file. Two laws: a terminal status needs the
venue's evidence, and what is not known stays UNKNOWN (and counts as working) until there is some.
Events may come in any order, twice, or late; executed quantity only grows.
"""

from collections.abc import Mapping
from decimal import Decimal

import attrs
import msgspec
from msgspec.structs import replace

from trading.core.decimals import ZERO
from trading.core.enumeration import TableKey
from trading.core.identifiers import ClientOrderId, Pair, StrategyName, TradeId, VenueOrderId
from trading.core.market import Side, TimeInForce


class OrderStatus(TableKey):
    """What is known of an order: the states of its life, ``TRANSITIONS`` between them."""

    PENDING = "pending"
    """Sent, or about to be; no word from the venue yet."""
    OPEN = "open"
    PARTIALLY_FILLED = "partially filled"
    CANCEL_PENDING = "cancel pending"
    """A cancel was sent; only the venue's report ends the order."""
    UNKNOWN = "unknown"
    """An answer is overdue: it may be working, and counts as if it were."""
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"

    @property
    def terminal(self) -> bool:
        return self in _TERMINAL


_TERMINAL = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED}
)


AT_VENUE = frozenset({OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED, OrderStatus.CANCEL_PENDING})
"""Statuses in which an order was seen at the venue and has not been seen to go."""


class OrderEvent(TableKey):
    """What can happen to an order; all but the last two are the venue's own evidence."""

    RESTING = "resting"
    PARTLY_FILLED = "partly filled"
    WHOLLY_FILLED = "wholly filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCEL_REFUSED = "cancel refused"
    """The venue could not cancel: the order may be filled, gone, or still there."""
    TURNED_UP = "turned up"
    """An order that was given up, because the venue did not know it, is known there after all."""
    CANCEL_SENT = "cancel sent"
    ANSWER_OVERDUE = "answer overdue"


_S = OrderStatus
_E = OrderEvent

_LIVE_ENDINGS = {
    _E.WHOLLY_FILLED: _S.FILLED,
    _E.CANCELLED: _S.CANCELLED,
    _E.REJECTED: _S.REJECTED,
    _E.EXPIRED: _S.EXPIRED,
    _E.CANCEL_REFUSED: _S.UNKNOWN,
    _E.CANCEL_SENT: _S.CANCEL_PENDING,
    _E.ANSWER_OVERDUE: _S.UNKNOWN,
}

TRANSITIONS: Mapping[OrderStatus, Mapping[OrderEvent, OrderStatus]] = {
    _S.PENDING: {
        **_LIVE_ENDINGS,
        _E.RESTING: _S.OPEN,
        _E.PARTLY_FILLED: _S.PARTIALLY_FILLED,
        _E.TURNED_UP: _S.PENDING,
    },
    _S.OPEN: {
        **_LIVE_ENDINGS,
        _E.RESTING: _S.OPEN,
        _E.PARTLY_FILLED: _S.PARTIALLY_FILLED,
        _E.TURNED_UP: _S.OPEN,
    },
    _S.PARTIALLY_FILLED: {
        **_LIVE_ENDINGS,
        _E.RESTING: _S.PARTIALLY_FILLED,  # a late word about an earlier moment
        _E.PARTLY_FILLED: _S.PARTIALLY_FILLED,
        _E.TURNED_UP: _S.PARTIALLY_FILLED,
    },
    _S.CANCEL_PENDING: {
        **_LIVE_ENDINGS,
        # A list that still shows the order, or a fill that raced the cancel, ends nothing.
        _E.RESTING: _S.CANCEL_PENDING,
        _E.PARTLY_FILLED: _S.CANCEL_PENDING,
        _E.TURNED_UP: _S.CANCEL_PENDING,
    },
    _S.UNKNOWN: {
        **_LIVE_ENDINGS,
        _E.RESTING: _S.OPEN,
        _E.PARTLY_FILLED: _S.PARTIALLY_FILLED,
        _E.TURNED_UP: _S.UNKNOWN,
    },
    # The venue's last word stands; what comes later is late, and changes nothing but fills.
    _S.FILLED: dict.fromkeys(_E, _S.FILLED),
    _S.CANCELLED: {**dict.fromkeys(_E, _S.CANCELLED), _E.WHOLLY_FILLED: _S.FILLED},
    # It may have been given up, because the venue did not know it: that was no word of the venue's
    # on its end, so once it is known there it works until the venue says otherwise.
    _S.REJECTED: {
        **dict.fromkeys(_E, _S.REJECTED),
        _E.TURNED_UP: _S.UNKNOWN,
        _E.WHOLLY_FILLED: _S.FILLED,
        _E.CANCELLED: _S.CANCELLED,
        _E.EXPIRED: _S.EXPIRED,
    },
    _S.EXPIRED: {**dict.fromkeys(_E, _S.EXPIRED), _E.WHOLLY_FILLED: _S.FILLED},
}


def advance(status: OrderStatus, event: OrderEvent) -> OrderStatus:
    """The status after an event; total: every status takes every event."""
    return TRANSITIONS[status][event]


@attrs.frozen(kw_only=True)
class Fill:
    """
    Our own trade, the truth for position, fees and profit.

    Args:
        fee: In ``fee_currency``; negative is a rebate; zero where the venue names none.
        traded_at_ms: The venue's wall clock, milliseconds since the epoch.
        fee_told: Whether the venue has named a fee, or none is known to be due.
    """

    trade_id: TradeId
    pair: Pair
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_currency: str
    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    traded_at_ms: int
    fee_told: bool = True


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """
    One of our orders, from the decision to the venue's last word.

    Args:
        filled_quantity: Never shrinks.
        created_at: Monotonic seconds at which it was decided.
        changed_at: Monotonic seconds of the last thing that happened to it.
        reason: The venue's words, where it refused or ended the order.
        amended_to: The smaller quantity that the venue was asked for and has not confirmed; until
            then the larger one counts.
    """

    client_order_id: ClientOrderId
    strategy: StrategyName
    pair: Pair
    side: Side
    price: Decimal
    quantity: Decimal
    created_at: float
    changed_at: float
    post_only: bool = True
    time_in_force: TimeInForce = TimeInForce.GTC
    status: OrderStatus = OrderStatus.PENDING
    venue_order_id: VenueOrderId | None = None
    filled_quantity: Decimal = ZERO
    reason: str = ""
    amended_to: Decimal | None = None

    @property
    def remaining_quantity(self) -> Decimal:
        return max(ZERO, self.quantity - self.filled_quantity)

    def after(self, event: OrderEvent, now: float, *, reason: str = "") -> "Order":
        """This order once an event has happened to it."""
        return replace(
            self, status=advance(self.status, event), changed_at=now, reason=reason or self.reason
        )

    def identified(self, venue_order_id: VenueOrderId) -> "Order":
        """This order with the name the venue gave it; the first name stays."""
        if self.venue_order_id is not None:
            return self
        return replace(self, venue_order_id=venue_order_id)

    def filled_to(self, filled_quantity: Decimal, now: float) -> "Order":
        """This order with at least so much executed; a lower figure is late news and ignored."""
        if filled_quantity <= self.filled_quantity:
            return self
        event = (
            OrderEvent.WHOLLY_FILLED
            if filled_quantity >= self.quantity
            else OrderEvent.PARTLY_FILLED
        )
        return replace(
            self,
            filled_quantity=filled_quantity,
            status=advance(self.status, event),
            changed_at=now,
        )

    @property
    def amendable(self) -> bool:
        """Whether it is known to work, under a name, and no other change of it is under way."""
        works = self.status in {OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED}
        return works and self.venue_order_id is not None and self.amended_to is None

    def amending(self, quantity: Decimal, now: float) -> "Order":
        """This order once a smaller quantity was asked for, what is filled included."""
        return replace(self, amended_to=quantity, changed_at=now)

    def amended(self, now: float) -> "Order":
        """This order once the venue has confirmed the smaller quantity."""
        if self.amended_to is None:
            return self
        return replace(self, quantity=self.amended_to, amended_to=None, changed_at=now)

    def shrunk_to(self, quantity: Decimal, now: float) -> "Order":
        """
        This order once the venue shows it smaller, whatever became of our asking.

        No order is ever made larger, so a larger figure is late news and ignored.
        """
        if not self.filled_quantity < quantity < self.quantity:
            return self
        return replace(self, quantity=quantity, changed_at=now)

    def not_amended(self, now: float) -> "Order":
        """This order once the venue has refused to change it."""
        if self.amended_to is None:
            return self
        return replace(self, amended_to=None, changed_at=now)
