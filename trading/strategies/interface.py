"""
The strategy interface: a pure function from a view of the world to a decision.

A strategy never sends anything. It looks at the newest view, which is whole, and says which of its
orders to cancel and which to place; the actor around it talks to the gateway. Missing a view
cannot make it wrong: every decision starts from what is working now.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol, TypeVar, runtime_checkable

import attrs

from trading.core.fees import Fees
from trading.core.identifiers import Currency
from trading.core.instrument import Instrument
from trading.core.market import Balance, TopOfBook, Trade
from trading.decisions.decision import Decision
from trading.orders.completed import CompletedOrders
from trading.orders.order import Order


@attrs.frozen
class ReferencePrice:
    """
    A price from elsewhere than the pair's own book.

    Args:
        value: In the pair's quote currency.
        at: Monotonic seconds at which its source last said so.
    """

    value: Decimal
    at: float


@attrs.frozen(kw_only=True)
class Prices:
    """
    Prices from elsewhere; each is ``None`` while it was never seen.

    Args:
        last_trade: Anyone's last trade of the pair.
        external_bid: The best one of another market.
        external_ask: The best one of another market.
        external_last_trade: Of another market; ``at`` is when that market was last heard of.
        custom: From a source of the trader's own.
        inventory_cost: What a unit of the base currency that is held has cost, on average.
    """

    last_trade: ReferencePrice | None = None
    external_bid: ReferencePrice | None = None
    external_ask: ReferencePrice | None = None
    external_last_trade: ReferencePrice | None = None
    custom: ReferencePrice | None = None
    inventory_cost: Decimal | None = None


@attrs.frozen
class SeenTrades:
    """
    Anyone's trades of the pair.

    Args:
        count: How many there were since the engine started.
        recent: The last ones, oldest first; a bounded number of them.
    """

    count: int = 0
    recent: tuple[Trade, ...] = ()

    def since(self, count: int) -> tuple[Trade, ...]:
        """Those after the first ``count``, as far as they are still told."""
        fresh = self.count - count
        return self.recent[-fresh:] if fresh > 0 else ()


NO_PRICES = Prices()
NO_TRADES = SeenTrades()


@attrs.frozen(kw_only=True)
class View:
    """
    Everything a strategy may look at, at one moment.

    Args:
        now: Monotonic seconds.
        top: The pair's book, best levels first; never stale or crossed: it would not be shown.
        balances: By currency; what own working orders hold is in ``reserved``.
        orders: All of the strategy's orders that are not terminal, oldest first; UNKNOWN and
            CANCEL_PENDING ones are among them.
        prices: From elsewhere than this book.
        trades: Anyone's; a strategy remembers up to which count it has seen them.
        unix_s: Seconds since the epoch; ``None`` where the strategy is told no time of day.
    """

    now: float
    instrument: Instrument
    top: TopOfBook
    balances: Mapping[Currency, Balance]
    fees: Fees
    orders: tuple[Order, ...]
    completed: CompletedOrders
    prices: Prices = NO_PRICES
    trades: SeenTrades = NO_TRADES
    unix_s: float | None = None


S = TypeVar("S")


class Strategy(Protocol[S]):
    """A strategy with a state of its own, handed in and out as a value."""

    def begin(self, now: float) -> S:
        """The state at the start of a life, at ``now`` monotonic seconds."""
        ...

    def decide(self, view: View, state: S) -> tuple[Decision, S]:
        """What to do about this view. Pure: the same arguments give the same answer."""
        ...


@runtime_checkable
class LimitedDepth(Protocol):
    """A strategy that does not look at every level of the book that it is shown."""

    @property
    def levels_seen(self) -> int:
        """So many of each side it looks at; a change of others is no reason to ask it."""
        ...


@runtime_checkable
class Reconfigurable(Protocol[S]):
    """A strategy that goes on where one of its like with other parameters has stopped."""

    def reconfigured(self, former: Strategy[S], state: S, now: float) -> S:
        """
        The state of a former strategy of this class, taken over at ``now`` monotonic seconds.

        Orders that no longer fit are due from now on, whatever the timers say.
        """
        ...
