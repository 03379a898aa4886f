"""Checks the engine's orders, fills and balances against the venue's: I2, I3, I9, and I6."""

import operator
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.checks.orders import NOT_KNOWN
from engine.simulation.internet import ACCOUNT, REST
from engine.simulation.process import Process
from engine.simulation.site import IDENTITY, Site
from trading.core.decimals import ZERO
from trading.core.identifiers import Currency, Pair
from trading.core.market import Side
from trading.journal import reading, streams
from trading.journal.stored import StoredFill, StoredOrder
from trading.messages.gateway import WorkingOrders
from trading.orders.order import Order, OrderStatus
from trading.venues.valr.simulator.accounts.orders import AccountFill, Status, VenueOrder
from trading.venues.valr.simulator.core.fault_plan import Fault

_SETTLED_S = 10.0
_FILLS_MAX = 10
"""Of one order; the sums of more than that are too many to tell a wrong one."""

_AT_REST = frozenset({OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED})
_ENDS = {
    Status.FILLED: OrderStatus.FILLED,
    Status.CANCELLED: OrderStatus.CANCELLED,
    Status.FAILED: OrderStatus.REJECTED,
}


class NoOrphan(Check):
    """I2. An order that has been open for 10 s of a healthy session is one the engine knows."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._healthy_since: float | None = None
        self._unknown_since: dict[str, float] = {}
        # What was compared last, where nothing was missing: kept, so that each stays what it is.
        self._agreed: tuple[object, ...] | None = None

    @override
    def second(self) -> None:
        views = self._views()
        if views is None or self.site.quiet_since is None:
            self._healthy_since, self._unknown_since, self._agreed = None, {}, None
            return
        if self._healthy_since is None:
            self._healthy_since = self.now
        at_venue = self.site.open_by_name()
        if self._agreed is not None and _same(self._agreed, (at_venue, *views)):
            return
        known = {str(order.client_order_id) for view in views for order in view.orders}
        strangers = at_venue.keys() - known
        self._agreed = None if strangers else (at_venue, *views)
        if not (strangers or self._unknown_since):  # nearly always
            return
        self._unknown_since = {
            name: self._unknown_since.get(name, self.now) for name in sorted(strangers)
        }
        for name, since in self._unknown_since.items():
            if self.now - max(since, self._healthy_since) > _SETTLED_S:
                self.violated(
                    "I2", f"{name} is open at the venue, and the engine knows nothing of it"
                )

    def _views(self) -> list[WorkingOrders] | None:
        """The orders that the engine follows; ``None`` while it says itself that it cannot know."""
        process = self.site.process
        if process is None or process.system is None:
            return None
        views: list[WorkingOrders] = []
        for port in process.system.wires.strategies.values():
            view = port.working.peek()
            if view is None or not view.reconciled:
                return None
            views.append(view)
        return views


class Books(Check):
    """I3 and I9. In a calm the ledger and the engine's memory agree with the venue's own books."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._without_fee: set[str] = set()

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        if entry["event"] == "fee_untold":
            self._without_fee.add(str(entry["trade"]))
        elif entry["event"] == "fill":
            self._without_fee.discard(str(entry["trade"]))

    @override
    def ended(self, process: Process) -> None:
        self._without_fee.clear()  # the next life reads the venue's list from the start

    @property
    def still(self) -> bool:
        """Whether nothing is under way at this moment: quotes are renewed in calms as well."""
        process = self.site.process
        if process is None or process.system is None:
            return True
        views = [port.working.peek() for port in process.system.wires.strategies.values()]
        orders = [order for view in views if view is not None for order in view.orders]
        waiting = process.system.wires.ledger.receive.statistics().current_buffer_used
        news = any(link.down.under_way for link in self.site.internet.live((ACCOUNT, REST)))
        # A fill that was told without its fee is booked a second later, from the venue's list.
        under_way = bool(waiting or process.disk.under_way or news or self._without_fee)
        return not under_way and all(order.status in _AT_REST for order in orders)

    @override
    def calm(self) -> None:
        process = self.site.process
        if process is None or process.system is None:
            return
        stored: list[StoredOrder] = self.site.ledger(
            lambda query: reading.orders(query, venue=IDENTITY, since_ns=0, ended_too=True)
        )
        booked: list[StoredFill] = self.site.ledger(
            lambda query: reading.fills(query, venue=IDENTITY)
        )
        views = [port.working.peek() for port in process.system.wires.strategies.values()]
        orders = [order for view in views if view is not None for order in view.orders]
        if not all(view is not None and view.reconciled for view in views):
            self.violated("I2", "all has been calm, and the orders are still not reconciled")
            return
        self._compare_working(orders, stored)
        self._compare_ends(stored)
        self._compare_fills(booked)
        self._compare_balances(booked)

    def _compare_working(self, orders: Iterable[Order], stored: Iterable[StoredOrder]) -> None:
        ours = sorted(_seen(order) for order in orders)
        theirs = sorted(self._told(order) for order in self.site.open_orders())
        if ours != theirs:
            self.violated("I3", f"working orders differ: {_difference(ours, theirs)}")
        remembered = sorted(_seen(order) for order in stored if not order.status.terminal)
        if ours != remembered:
            self.violated("I9", f"the ledger's working orders: {_difference(ours, remembered)}")

    def _compare_ends(self, stored: Iterable[StoredOrder]) -> None:
        theirs = {str(order.customer_order_id): order for order in self.site.every_order()}
        found = {str(order.client_order_id): order for order in stored}
        for name in sorted(theirs.keys() - found.keys()):
            self.violated("I9", f"the ledger does not know {name}")
        for name, order in found.items():
            if name not in theirs:
                if order.status is not OrderStatus.REJECTED:
                    self.violated("I3", f"{name} is {order.status.value}; the venue never had it")
                continue
            end = _ENDS.get(theirs[name].status)
            if order.status is not end if end is not None else order.status.terminal:
                self.violated(
                    "I3", f"{name} is {order.status.value}; there {theirs[name].status.value}"
                )

    def _compare_fills(self, booked: Iterable[StoredFill]) -> None:
        ours = sorted(
            (
                str(one.fill.trade_id),
                str(one.fill.client_order_id),
                one.fill.price,
                one.fill.quantity,
            )
            for one in booked
            if self.site.ids.owns(one.fill.client_order_id)
        )
        theirs = sorted(self._executed(fill) for fill in self._fills())
        if self.site.exchange.faults.counts.get(Fault.OTHER_FILL_ID.value):
            # The venue itself has two names for some.
            ours = sorted(("", *one[1:]) for one in ours)
            theirs = sorted(("", *one[1:]) for one in theirs)
        if ours != theirs:
            self.violated("I3", f"fills differ: {_difference(ours, theirs)}")

    def _compare_balances(self, booked: Iterable[StoredFill]) -> None:
        if self.site.meddled_ever:
            return
        balances = dict(self.site.account.balances)
        for one in booked:
            fill = one.fill
            rules = self.site.exchange.venue.listings[fill.pair].rules
            sign = 1 if fill.side is Side.BUY else -1
            balances[rules.base] += sign * fill.quantity
            balances[rules.quote] -= sign * fill.quantity * fill.price
            if fill.fee:
                balances[Currency(fill.fee_currency)] -= fill.fee
        account = self.site.exchange.venue.accounts[self.site.account.api_key]
        theirs = {currency: account.balance(currency).total for currency in balances}
        if theirs != balances:
            self.violated("I3", f"balances differ: {_difference(balances.items(), theirs.items())}")

    def _fills(self) -> list[AccountFill]:
        fills = self.site.exchange.venue.orders.fills_of(self.site.account.api_key)
        return [fill for fill in fills if self.site.owns(fill.order)]

    def _told(self, order: VenueOrder) -> tuple[str, Decimal, Decimal]:
        grid = self.site.exchange.venue.listings[order.pair].grid
        return (
            str(order.customer_order_id),
            grid.quantity(order.quantity),
            grid.quantity(order.executed),
        )

    def _executed(self, fill: AccountFill) -> tuple[str, str, Decimal, Decimal]:
        grid = self.site.exchange.venue.listings[Pair(fill.order.pair)].grid
        quantity = grid.quantity(fill.quantity)
        price = grid.notional(fill.price * fill.quantity) / quantity
        return fill.trade_id, str(fill.order.customer_order_id), price, quantity


class Histories(Check):
    """
    I6. The life of each order as the ledger tells it is one that the venue's order can have had.

    A model of one order by itself: what is filled only grows, never beyond the quantity, and only
    by what the venue executed; an end comes once, and nothing but fills comes after it. What was
    given up, because the venue did not know it, had no end there and may work after all.
    """

    @override
    def calm(self) -> None:
        theirs = {str(order.customer_order_id): order for order in self.site.every_order()}
        executed: dict[str, list[Decimal]] = {}
        for fill in self.site.exchange.venue.orders.fills_of(self.site.account.api_key):
            grid = self.site.exchange.venue.listings[fill.order.pair].grid
            name = str(fill.order.customer_order_id)
            executed.setdefault(name, []).insert(0, grid.quantity(fill.quantity))
        for name in theirs:
            self._follow(name, executed.get(name, []))

    def _follow(self, name: str, executed: list[Decimal]) -> None:
        events: list[StoredOrder] = self.site.ledger(lambda query: streams.events_of(query, name))
        # A fill may be heard of later than the one after it, so any of them may be missing.
        possible = {ZERO}
        for quantity in executed[:_FILLS_MAX]:
            possible |= {before + quantity for before in possible}
        filled, ended, given_up = ZERO, False, False
        for event in events:
            if event.filled_quantity < filled:
                self.violated("I6", f"{name} was filled {filled}, and then {event.filled_quantity}")
            if event.filled_quantity not in possible and len(executed) <= _FILLS_MAX:
                self.violated("I6", f"{name} was never filled by {event.filled_quantity}")
            if ended and not given_up and not event.status.terminal:
                self.violated("I6", f"{name} had ended, and then was {event.status.value}")
            filled, ended = event.filled_quantity, event.status.terminal
            given_up = event.status is OrderStatus.REJECTED and NOT_KNOWN in event.reason


def _same(before: Sequence[object], now: Sequence[object]) -> bool:
    """Whether two looks saw the very same values."""
    return len(before) == len(now) and all(map(operator.is_, before, now))


def _seen(order: Order | StoredOrder) -> tuple[str, Decimal, Decimal]:
    return str(order.client_order_id), order.quantity, order.filled_quantity


def _difference(ours: Iterable[Any], theirs: Iterable[Any]) -> str:
    one, other = list(ours), list(theirs)
    missing = [thing for thing in other if thing not in one][:3]
    beyond = [thing for thing in one if thing not in other][:3]
    return f"ours alone {beyond}, theirs alone {missing}"
