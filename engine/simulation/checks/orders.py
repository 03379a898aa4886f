"""Checks of orders as they leave, arrive and end: I1, I6, I14 and I15."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.departures import Departure
from engine.simulation.site import Site
from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.simulator.matching.matching import Refusal
from trading.venues.valr.simulator.accounts.orders import Status, VenueOrder

_STILL_OPEN = {Status.PLACED, Status.MODIFIED, Status.PARTIALLY_FILLED, Status.ACTIVE}


class Once(Check):
    """I1. An id leaves once, after its intent is durable, and is let in once."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._let_in: dict[str, VenueOrder] = {}

    @override
    def departed(self, departure: Departure) -> None:
        name = departure.client_order_id
        before = self.site.departures.get(name)
        # A frame that a broken connection did not take may go by REST; nothing else goes twice.
        if before is not None and (before.process != departure.process or name in self._let_in):
            self.violated("I1", f"{name} left again")
        if name not in self.site.ledgers.durable:
            self.violated("I1", f"{name} left before its intent was on the disk")

    @override
    def ordered(self, order: VenueOrder) -> None:
        name = order.customer_order_id
        if name is None or not self.site.owns(order):
            return
        known = self._let_in.setdefault(name, order)
        if known is not order:
            self.violated("I1", f"{name} reached the venue twice")


_CLAIMS = {
    "order_filled": frozenset({Status.FILLED}),
    "order_cancelled": frozenset({Status.CANCELLED, Status.EXPIRED, Status.CUT_BY_SLIPPAGE}),
    "order_rejected": frozenset({Status.FAILED}),
    "order_expired": frozenset({Status.EXPIRED, Status.CANCELLED}),
}


NOT_KNOWN = "does not know it"
"""In the reason of an order that was looked for in vain."""

_SETTLED_S = 5.0
"""An order that left less long ago may only be late."""


class NeverGuessed(Check):
    """
    I6. What the engine calls the end of an order is its end at the venue.

    That the venue has never heard of it is no end before it had the time to arrive.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.false_words: set[str] = set()

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        claims = _CLAIMS.get(entry["event"])
        name = entry.get("order")
        if claims is None or name is None or name in self.false_words:
            return
        orders = self.site.exchange.venue.orders
        order = orders.find_customer(self.site.account.api_key, name)
        if order is None:
            # An order that never arrived can only have been refused; whether it still arrives is
            # for the check of orphans.
            left = self.site.departures.get(name)
            if entry["event"] != "order_rejected":
                self.violated("I6", f"{name}: {entry['event']}, but the venue never had it")
            elif left is not None and NOT_KNOWN in str(entry.get("reason")):
                age_s = self.now - left.at
                if age_s < _SETTLED_S:
                    self.violated("I6", f"{name} was given up {age_s:.1f} s after it had left")
        elif order.status in _STILL_OPEN or order.status not in claims:
            self.violated(
                "I6", f"{name}: {entry['event']}, but at the venue it is {order.status.value!r}"
            )


class Legal(Check):
    """I14. Every order that leaves is within the rules that the engine was told, and post-only."""

    @override
    def departed(self, departure: Departure) -> None:
        process = self.site.process
        system = None if process is None else process.system
        if system is None:
            return
        for name, port in system.wires.strategies.items():
            if port.pair != departure.pair:
                continue
            instrument, top = port.instrument.peek(), port.top.peek()
            if instrument is None:
                self.violated("I14", f"{departure.client_order_id} left without trading rules")
                return
            self._compare(departure, instrument)
            if not departure.post_only:
                self.violated("I14", f"{departure.client_order_id} left without post-only")
            collar = self.site.risk_limits[name].price_collar
            if top is not None and abs(departure.price - top.mid_price) > collar * top.mid_price:
                self.violated("I14", f"{departure.client_order_id} left beyond its collar")

    def _compare(self, departure: Departure, rules: Instrument) -> None:
        name = departure.client_order_id
        notional = departure.price * departure.quantity
        for wrong, what in (
            (departure.price % rules.tick_size, "off the tick"),
            (departure.quantity % rules.lot_size, "off the lot"),
            (departure.quantity < rules.quantity_min, "too small"),
            (departure.quantity > rules.quantity_max, "too large"),
            (notional < rules.notional_min, "worth too little"),
            (notional > rules.notional_max, "worth too much"),
        ):
            if wrong:
                self.violated("I14", f"{name} left {what}: {departure.quantity} {departure.price}")


class NoSelfCross(Check):
    """I15. Neither what leaves nor what stands could trade with another order of ours."""

    @override
    def departed(self, departure: Departure) -> None:
        buys = departure.side is Side.BUY
        grid = self.site.exchange.venue.listings[departure.pair].grid
        for order in self.site.open_orders():
            if order.pair != departure.pair or order.side is departure.side:
                continue
            price = grid.price(order.price)
            if departure.price >= price if buys else departure.price <= price:
                self.violated(
                    "I15",
                    f"{departure.client_order_id} left at {departure.price} while"
                    f" {order.customer_order_id} stands at {price}",
                )

    @override
    def ordered(self, order: VenueOrder) -> None:
        refused = order.failure is not None and order.failure.message == Refusal.SELF_MATCH.value
        # Orders by hand are the account's too: a trade with them is no mistake of the engine's.
        if refused and self.site.owns(order) and not self.site.meddled_ever:
            self.violated("I15", f"{order.customer_order_id} would have traded with ourselves")
