"""Modifying orders: their price, quantity, place in the queue and reserve."""

from collections.abc import Mapping

import attrs

from trading.core.identifiers import Pair
from trading.core.market import Side
from trading.simulator.clearing.balances import InsufficientBalance
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.accounts.accounts import Account
from trading.venues.valr.simulator.accounts.orders import Failure, Status, VenueOrder
from trading.venues.valr.simulator.core.ids import Ids
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.orders import failures
from trading.venues.valr.simulator.orders.settlement import Settlement
from trading.venues.valr.simulator.requests.fields import Refused, check_size
from trading.venues.valr.simulator.requests.requests import ModifyRequest, Strategy


@attrs.frozen(kw_only=True)
class Modification:
    """
    The result of a request to modify.

    Args:
        modify_id: Of the request itself.
        order: The one that was named, if there is one.
    """

    modify_id: str
    order: VenueOrder | None
    failure: Failure | None


class Amendments:
    """Changes open orders. A lower quantity keeps its place; all else goes to the back."""

    def __init__(
        self,
        listings: Mapping[Pair, Listing],
        accounts: Mapping[str, Account],
        settlement: Settlement,
        ids: Ids,
        rules: VenueRules,
    ) -> None:
        self._rules = rules
        self._listings = listings
        self._accounts = accounts
        self._settlement = settlement
        self._ids = ids

    def apply(self, order: VenueOrder | None, request: ModifyRequest, now: float) -> Failure | None:
        """Carry out a modification, or return why not."""
        if order is None or not self._settlement.orders.is_open(order):
            return failures.NO_ORDER
        remaining = order.remaining if request.remaining is None else request.remaining
        if request.total is not None:
            remaining = request.total - order.executed
        if remaining <= 0:
            self._cancel(order, now)
            return None
        price = request.price or order.price
        if order.status is not Status.ACTIVE and self._crosses(order, price):
            if request.strategy is not Strategy.REPRICE:
                if request.strategy is Strategy.CANCEL:
                    self._cancel(order, now)
                return failures.WOULD_MATCH
            price = beside(self._listings[order.pair], order.side, price, 1)
            if self._crosses(order, price):
                return failures.WOULD_MATCH
        return self._change(order, price, remaining, now)

    def _change(self, order: VenueOrder, price: int, remaining: int, now: float) -> Failure | None:
        if (price, remaining) == (order.price, order.remaining):
            return failures.UNMODIFIED
        listing = self._listings[order.pair]
        quantity = listing.grid.quantity(remaining)
        try:
            check_size(listing, quantity, listing.grid.price(price) * quantity)
            self._reserve(order, listing, price, remaining)
        except Refused as refused:
            return Failure(refused.code, refused.message)
        except InsufficientBalance:
            return failures.INSUFFICIENT
        waiting = order.status is Status.ACTIVE
        if not waiting and price == order.price and remaining < order.remaining:
            listing.market.reduce(order.number, remaining)
        elif not waiting:
            listing.market.move(order.number, price, remaining)
        order.quantity = order.executed + remaining
        order.price, order.remaining = price, remaining
        if not waiting:
            order.status, order.modified_as = Status.MODIFIED, self._rules.modified_status
        order.updated_ms = self._ids.ms(now)
        self._settlement.report(order)
        self._settlement.touch(order)
        return None

    def _reserve(self, order: VenueOrder, listing: Listing, price: int, remaining: int) -> None:
        """
        Reserve exactly as much as the order will need.

        Raises:
            InsufficientBalance: Less is available; the order keeps its reserve.
        """
        account = self._accounts[order.owner]
        currency, now_held = self._settlement.needs(
            listing, order.side, order.price, order.remaining
        )
        _, needed = self._settlement.needs(listing, order.side, price, remaining)
        account.change_reserve(currency, now_held, needed)

    def _cancel(self, order: VenueOrder, now: float) -> None:
        self._listings[order.pair].market.cancel(order.number)
        self._settlement.close(order, Status.CANCELLED, now)

    def _crosses(self, order: VenueOrder, price: int) -> bool:
        return crosses(self._listings[order.pair], order.side, price)


def crosses(listing: Listing, side: Side, price: int) -> bool:
    """Whether an order of this price would trade at once."""
    best = listing.market.best(side.opposite)
    if best is None:
        return False
    return price >= best if side is Side.BUY else price <= best


def beside(listing: Listing, side: Side, price: int, ticks: int) -> int:
    """A price so many ticks from the other side where the given one would trade at once."""
    if not crosses(listing, side, price):
        return price
    best = listing.market.best(side.opposite)
    assert best is not None
    step = listing.tick_step
    if side is Side.BUY:
        moved = best - ticks * step
        moved -= moved % step
    else:
        moved = best + ticks * step
        moved += -moved % step
    return moved if moved > 0 else price
