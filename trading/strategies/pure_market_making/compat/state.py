"""
The original's state, and how it changes when an order ends.

The state is changed in place; a caller that needs it as a value copies it first.
"""

import copy
from decimal import Decimal

import attrs

from trading.core.market import Side
from trading.strategies.pure_market_making.compat.hanging import HangingOrderTracker
from trading.strategies.pure_market_making.compat.market import Cancel, Command, Create
from trading.strategies.pure_market_making.compat.tracked import TrackedOrder
from trading.strategies.pure_market_making.parameters import Parameters

_CANCEL_EXPIRY_S = 60.0


@attrs.define(kw_only=True)
class PriceBand:
    """The moving band's edges; ``None`` while there was no price to set them from."""

    set_at: float = float("-inf")
    floor: Decimal | None = None
    ceiling: Decimal | None = None


@attrs.define(kw_only=True)
class CompatState:
    """
    Timers, counters and orders.

    Args:
        now: Of the last tick: what the original calls its current timestamp.
        cancels_confirm_at_once: As the original's paper venue does it, inside the request.
        active: By number, in the order of creation.
        cancelling: When the cancel of an order was sent, by its number.
        outbox: What is to be sent, in order.
    """

    parameters: Parameters
    cancels_confirm_at_once: bool = False
    now: float = 0.0
    create_at: float = float("-inf")
    cancel_at: float = float("-inf")
    filled_buys: int = 0
    filled_sells: int = 0
    last_own_price: Decimal | None = None
    band: PriceBand = attrs.field(factory=PriceBand)
    active: dict[int, TrackedOrder] = attrs.field(factory=dict)
    cancelling: dict[int, float] = attrs.field(factory=dict)
    hanging: HangingOrderTracker = attrs.field(factory=HangingOrderTracker)
    last_number: int = 0
    outbox: list[Command] = attrs.field(factory=list)

    def copy(self) -> "CompatState":
        return attrs.evolve(
            self,
            band=copy.copy(self.band),
            active=dict(self.active),
            cancelling=dict(self.cancelling),
            hanging=self.hanging.copy(),
            outbox=list(self.outbox),
        )

    def sent(self) -> list[Command]:
        """What has come together in the outbox, which is empty afterwards."""
        commands, self.outbox = self.outbox, []
        return commands

    def non_hanging(self) -> list[TrackedOrder]:
        return [order for order in self.active.values() if not self.hanging.holds(order.number)]

    def cancel(self, number: int) -> None:
        """Unless a cancel of it is in flight."""
        for other, sent_at in list(self.cancelling.items()):
            if sent_at < self.now - _CANCEL_EXPIRY_S:
                del self.cancelling[other]
        if number in self.cancelling:
            return
        self.cancelling[number] = self.now
        self.outbox.append(Cancel(number))
        if self.cancels_confirm_at_once:
            self.cancelled(number)

    def create(self, side: Side, price: Decimal, quantity: Decimal) -> TrackedOrder:
        self.last_number += 1
        order = TrackedOrder(
            number=self.last_number, side=side, price=price, quantity=quantity, created_at=self.now
        )
        self.active[order.number] = order
        self.outbox.append(Create(number=order.number, side=side, price=price, quantity=quantity))
        return order

    def adopt(self, side: Side, price: Decimal, quantity: Decimal, created_at: float) -> int:
        """Track an order of a former life as a hanging one; its number."""
        self.last_number += 1
        order = TrackedOrder(
            number=self.last_number,
            side=side,
            price=price,
            quantity=quantity,
            created_at=created_at,
        )
        self.active[order.number] = order
        self.hanging.adopt(order)
        return order.number

    def completed(self, number: int) -> None:
        """An order was filled whole."""
        order = self.active.get(number)
        if order is None:
            return
        was_hanging = self.hanging.holds(number)
        self._untrack(number)
        self.hanging.completed(number)
        if was_hanging:
            return
        self.create_at = self.now + self.parameters.filled_order_delay
        self.cancel_at = min(self.cancel_at, self.create_at)
        if order.side is Side.BUY:
            self.filled_buys += 1
        else:
            self.filled_sells += 1
        self.last_own_price = order.price

    def cancelled(self, number: int) -> None:
        """The venue has confirmed a cancel, or cancelled by itself."""
        if number not in self.active:
            return
        self._untrack(number)
        renewed = self.hanging.cancelled(number)
        if renewed is not None:
            self.hanging.adopt(self.create(renewed.side, renewed.price, renewed.quantity))

    def failed(self, number: int) -> None:
        """The venue has refused an order."""
        self._untrack(number)

    def _untrack(self, number: int) -> None:
        self.active.pop(number, None)
        self.cancelling.pop(number, None)
