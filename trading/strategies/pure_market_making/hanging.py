"""
Hanging orders: where one order of a pair was filled, the other stays.

Pairs are made by order id: the buy and the sell of the same level of one set. The venue's ids are
not known when a set is placed, so what was placed is awaited until the next look shows it.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs
import msgspec

from trading.core.identifiers import ClientOrderId
from trading.decisions.decision import Quote
from trading.orders.completed import CompletedOrder
from trading.orders.order import Order
from trading.strategies.interface import View

_NO_PARTNERS: Mapping[ClientOrderId, ClientOrderId] = MappingProxyType({})
_NO_QUOTES: Mapping[ClientOrderId, Quote] = MappingProxyType({})


class Awaited(msgspec.Struct, frozen=True):
    """A quote that was placed; its order has not been seen yet."""

    quote: Quote
    hangs: bool


@attrs.frozen(kw_only=True)
class Hanging:
    """
    What is known of pairs.

    Args:
        awaited: Placed at the last look.
        partners: The other half of each paired order, both ways.
        orders: Those that hang.
        renewing: Hanging orders that are being cancelled for their age, and what takes their
            place: the same price and what remains of the quantity.
        due: What takes the place of orders that are gone by now.
    """

    awaited: tuple[Awaited, ...] = ()
    partners: Mapping[ClientOrderId, ClientOrderId] = _NO_PARTNERS
    orders: frozenset[ClientOrderId] = frozenset()
    renewing: Mapping[ClientOrderId, Quote] = _NO_QUOTES
    due: tuple[Quote, ...] = ()

    def after(self, view: View, completed: tuple[CompletedOrder, ...]) -> "Hanging":
        """
        With what a new look shows.

        Args:
            view: All orders that may be working.
            completed: Those that were filled whole since the last look.
        """
        if not (self.awaited or self.partners or self.orders or self.renewing):
            return self
        working = {order.client_order_id: order for order in view.orders}
        known = self.partners.keys() | self.orders
        if not (self.awaited or self.renewing or completed) and known <= working.keys():
            return self
        filled = {order.client_order_id: order for order in completed}
        bound = self._bound(view.orders, filled.values())
        left_behind = {
            partner
            for order_id, partner in bound.partners.items()
            if order_id in filled and partner in working
        }
        gone = [order_id for order_id in bound.renewing if order_id not in working]
        return Hanging(
            partners={
                order_id: partner
                for order_id, partner in bound.partners.items()
                if order_id in working and partner in working
            },
            orders=(bound.orders | left_behind) & working.keys(),
            renewing={
                order_id: _remainder(working[order_id], quote)
                for order_id, quote in bound.renewing.items()
                if order_id in working
            },
            due=(
                *bound.due,
                *(bound.renewing[order_id] for order_id in gone if order_id not in filled),
            ),
        )

    def renew(self, orders: tuple[Order, ...]) -> "Hanging":
        """With these orders on their way out and back."""
        if not orders:
            return self
        quotes = {
            order.client_order_id: Quote(
                side=order.side,
                price=order.price,
                quantity=order.remaining_quantity,
                level=0,
                post_only=order.post_only,
            )
            for order in orders
        }
        return attrs.evolve(self, renewing={**self.renewing, **quotes})

    def given_up(self) -> "Hanging":
        """With nothing on its way back."""
        return attrs.evolve(self, renewing=_NO_QUOTES, due=())

    def placed(self, quotes: tuple[Quote, ...], renewed: tuple[Quote, ...]) -> "Hanging":
        """Once a set and what renews hanging orders were placed."""
        if not (quotes or renewed or self.awaited or self.due):
            return self
        awaited = (
            *(Awaited(quote, hangs=True) for quote in renewed),
            *(Awaited(quote, hangs=False) for quote in quotes),
        )
        return attrs.evolve(self, awaited=awaited, due=())

    def _bound(self, working: Iterable[Order], completed: Iterable[CompletedOrder]) -> "Hanging":
        """With the awaited quotes' ids found, in orders that work or were already filled."""
        if not self.awaited:
            return self
        known = self.partners.keys() | self.orders
        found: dict[ClientOrderId, Awaited] = {}
        candidates: list[Order | CompletedOrder] = [*working, *completed]
        fresh = [order for order in candidates if order.client_order_id not in known]
        for awaited in self.awaited:
            order = next((o for o in fresh if _shows(o, awaited.quote)), None)
            if order is not None:
                fresh.remove(order)
                found[order.client_order_id] = awaited
        return attrs.evolve(
            self,
            awaited=(),
            partners={**self.partners, **_paired(found)},
            orders=self.orders | {order_id for order_id, it in found.items() if it.hangs},
        )


NOTHING_HANGS = Hanging()


def _shows(order: Order | CompletedOrder, quote: Quote) -> bool:
    return (order.side, order.price, order.quantity) == (quote.side, quote.price, quote.quantity)


def _paired(
    found: Mapping[ClientOrderId, Awaited],
) -> dict[ClientOrderId, ClientOrderId]:
    by_level: dict[int, list[ClientOrderId]] = {}
    for order_id, awaited in found.items():
        if not awaited.hangs:
            by_level.setdefault(awaited.quote.level, []).append(order_id)
    partners: dict[ClientOrderId, ClientOrderId] = {}
    for ids in by_level.values():
        # A level has one order on each side; with one side filtered out there is no pair.
        if len(ids) == 2:  # noqa: PLR2004 - a pair
            first, second = ids
            partners[first], partners[second] = second, first
    return partners


def _remainder(order: Order, quote: Quote) -> Quote:
    if order.remaining_quantity == quote.quantity:
        return quote
    return quote.of(order.remaining_quantity)
