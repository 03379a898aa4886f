"""What the exchange alone knows of a backtest on the wire: exact times, and the queue."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import takewhile

import attrs

from engine.simulation.site import Site
from trading.core.identifiers import ClientOrderId, strategy_of
from trading.research.result import RunFill
from trading.simulator.market.replay import RecordedMarket
from trading.venues.valr.simulator.accounts.orders import AccountFill, VenueOrder

_NS = 1_000_000_000


@attrs.define
class Seen:
    """
    An order at the exchange; times in nanoseconds since the epoch, quantities in base currency.

    Args:
        ahead: What rested before it when it came; ``None`` where it never rested.
        best_ahead: The least that ever was, once it has ended.
    """

    arrived_ns: int
    ended_ns: int | None = None
    ahead: Decimal | None = None
    best_ahead: Decimal | None = None


class VenueWatch:
    """
    Follows the engine's orders and fills at the exchange.

    Attributes:
        orders: By our id.
    """

    def __init__(self, site: Site) -> None:
        self.orders: dict[str, Seen] = {}
        self._site = site
        self._fills: list[tuple[str, RunFill]] = []
        self._read: AccountFill | None = None
        self._arriving: list[VenueOrder] = []
        site.on_order.append(self._order)
        site.on_venue.append(self._look)

    def fills_of(self, strategy: str) -> Sequence[RunFill]:
        """Those of one strategy, in order."""
        return [fill for name, fill in self._fills if name == strategy]

    @property
    def _ns(self) -> int:
        return self._site.exchange.epoch_ns + round(self._site.exchange_now * _NS)

    def _order(self, order: VenueOrder) -> None:
        # It has not joined its queue yet.
        if self._site.owns(order):
            self._arriving.append(order)

    def _arrived_or_ended(self, order: VenueOrder) -> None:
        orders, name = self._site.exchange.venue.orders, str(order.customer_order_id)
        seen = self.orders.get(name)
        if seen is None:
            lots = self._market(order).ahead(order.number)
            ahead = None if lots is None else self._quantity(order, lots)
            seen = self.orders[name] = Seen(self._ns, ahead=ahead)
        if not orders.is_open(order):
            seen.ended_ns = self._ns
            if seen.ahead is not None:
                left = self._market(order).take_left_behind(order.number)
                seen.best_ahead = self._quantity(order, left or 0)

    def _look(self) -> None:
        for order in self._arriving:
            self._arrived_or_ended(order)
        self._arriving.clear()
        fills = self._site.exchange.venue.orders.fills
        if not fills or fills[-1] is self._read:
            return
        fresh = list(takewhile(lambda fill: fill is not self._read, reversed(fills)))
        self._read = fills[-1]
        for fill in reversed(fresh):
            if self._site.owns(fill.order):
                self._fill(fill)

    def _fill(self, fill: AccountFill) -> None:
        order, charge = fill.order, fill.charge
        grid = self._site.exchange.venue.listings[order.pair].grid
        name = ClientOrderId(str(order.customer_order_id))
        rewarded = charge.reward_currency is not None and charge.reward > 0
        told = RunFill(
            at_ns=self._ns,
            side=order.side,
            price=grid.price(fill.price),
            quantity=grid.quantity(fill.quantity),
            fee=-charge.reward if rewarded else charge.fee,
            fee_currency=str(charge.reward_currency if rewarded else charge.fee_currency),
            order_id=name,
            maker=fill.maker,
        )
        self._fills.append((strategy_of(name), told))

    def _market(self, order: VenueOrder) -> RecordedMarket:
        market = self._site.exchange.venue.listings[order.pair].market
        assert isinstance(market, RecordedMarket)
        return market

    def _quantity(self, order: VenueOrder, lots: int) -> Decimal:
        return self._site.exchange.venue.listings[order.pair].grid.quantity(lots)
