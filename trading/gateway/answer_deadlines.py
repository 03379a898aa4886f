"""Overdue answers about orders, and when to believe that the venue does not know an order."""

from collections.abc import Sequence

from trading.core.identifiers import ClientOrderId
from trading.orders.evidence import Disbelief, NotFoundPolicy
from trading.orders.order import Order, OrderStatus

_TURNS_UP_WITHIN_S = 900.0
"""A request on a stalled connection can arrive for as long as TCP goes on retransmitting."""

_NOT_KNOWN = "the venue does not know it"


class AnswerDeadlines:
    """
    Which orders' answers are due, and how often the venue has said that it does not know one.

    Args:
        settling: When an order the venue does not know is given up.
    """

    def __init__(self, settling: NotFoundPolicy) -> None:
        self._settling = settling
        self._waiting: set[ClientOrderId] = set()
        self._settles_from: dict[ClientOrderId, float] = {}
        self._not_found: dict[ClientOrderId, int] = {}
        self._given_up: dict[ClientOrderId, float] = {}

    def waits(self, order_id: ClientOrderId) -> None:
        """Note that a placement waits for its turn: no answer is due."""
        self._waiting.add(order_id)

    def waits_no_more(self, order_id: ClientOrderId) -> None:
        self._waiting.discard(order_id)

    def has_to_wait(self, order: Order) -> bool:
        """Whether a placement still waits for its turn: nothing of it has left."""
        return order.status is OrderStatus.PENDING and order.client_order_id in self._waiting

    def settles_from(self, order_id: ClientOrderId, now: float) -> None:
        """Note that an order may be on its way from now on."""
        self._settles_from[order_id] = now

    def awaits(self, order: Order) -> bool:
        """Whether an outcome is due."""
        if order.status is OrderStatus.PENDING:
            return order.client_order_id not in self._waiting
        return order.status is OrderStatus.CANCEL_PENDING or (
            order.status in _LIVE and order.amended_to is not None
        )

    def disbelief(self, order: Order, *, seen_alive: bool) -> Disbelief:
        """The evidence missing to believe the venue that it does not know an order."""
        order_id = order.client_order_id
        left_at = self._settles_from.get(order_id, order.created_at)
        return Disbelief(
            seen_alive=seen_alive,
            denials=self._not_found.get(order_id, 0),
            needed=self._settling.answers,
            counts_from=left_at + self._settling.seconds,
        )

    def denied(self, order: Order, now: float) -> str:
        """
        Count an answer that the venue does not know an order.

        Returns:
            Why it is believed, in words; empty while it is not.
        """
        # An order that is being cancelled was looked up too, and often: UNKNOWN orders are
        # cancelled, and the cancel of a missing order has no other outcome.
        if order.status not in _LOOKED_UP:
            return ""
        order_id = order.client_order_id
        if now < self._settles_from.get(order_id, order.created_at) + self._settling.seconds:
            return ""
        self._not_found[order_id] = self._not_found.get(order_id, 0) + 1
        if self._not_found[order_id] < self._settling.answers:
            return ""
        self._given_up[order_id] = now
        return f"{_NOT_KNOWN}, asked {self._settling.answers} times"

    def remember(self, order: Order) -> None:
        """Take up an order of a former life."""
        if order.status is OrderStatus.REJECTED and order.reason.startswith(_NOT_KNOWN):
            self._given_up[order.client_order_id] = order.changed_at

    def gave_up(self, order: Order) -> bool:
        """Whether an order was ended because the venue did not know it."""
        return order.status is OrderStatus.REJECTED and order.client_order_id in self._given_up

    def given_up(self, now: float) -> Sequence[ClientOrderId]:
        """Orders that were given up, and may still turn up."""
        self._given_up = {
            order_id: at for order_id, at in self._given_up.items() if at > now - _TURNS_UP_WITHIN_S
        }
        return tuple(self._given_up)

    def forget(self, order_id: ClientOrderId) -> None:
        self._waiting.discard(order_id)
        for kept in (self._settles_from, self._not_found, self._given_up):
            kept.pop(order_id, None)


_LOOKED_UP = frozenset({OrderStatus.UNKNOWN, OrderStatus.CANCEL_PENDING})

_LIVE = frozenset({OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED})
