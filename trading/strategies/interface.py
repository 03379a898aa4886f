"""
What a strategy is: a pure function from a view of the world to a decision.

A strategy never sends anything. It looks at the newest view, which is whole, and says which of its
orders to cancel and which to place; the actor around it talks to the gateway. Missing a view
cannot make it wrong: every decision starts from what is working now.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Protocol, TypeVar, runtime_checkable

import attrs
import msgspec

from trading.identifiers import ClientOrderId, Currency
from trading.instrument import Instrument
from trading.market import Balance, Side, TopOfBook, Trade
from trading.orders import Order

_RECENT_MAX = 100
"""Completed orders that a strategy is shown: far more than it can have between two looks."""


@attrs.frozen(kw_only=True)
class Fees:
    """Fractions of the notional: 0.001 is 0.1 %; a negative maker fee is a rebate."""

    maker: Decimal
    taker: Decimal


@attrs.frozen(kw_only=True)
class CompletedOrder:
    """
    An order that was filled whole.

    Args:
        at: Monotonic seconds at which the last of it was.
    """

    client_order_id: ClientOrderId
    side: Side
    price: Decimal
    quantity: Decimal
    at: float


@attrs.frozen(kw_only=True)
class CompletedOrders:
    """
    How many of the strategy's orders were filled whole, and the last of them.

    Args:
        last_at: Monotonic seconds; ``None`` while there was none.
        recent: The last ones, oldest first; a bounded number of them.
    """

    buys: int = 0
    sells: int = 0
    last_side: Side | None = None
    last_price: Decimal | None = None
    last_at: float | None = None
    recent: tuple[CompletedOrder, ...] = ()

    def after(self, order: Order, at: float) -> "CompletedOrders":
        """With one more, filled whole at ``at`` monotonic seconds."""
        completed = CompletedOrder(
            client_order_id=order.client_order_id,
            side=order.side,
            price=order.price,
            quantity=order.quantity,
            at=at,
        )
        bought = order.side is Side.BUY
        return CompletedOrders(
            buys=self.buys + bought,
            sells=self.sells + (not bought),
            last_side=order.side,
            last_price=order.price,
            last_at=at,
            recent=(*self.recent[1 - _RECENT_MAX :], completed),
        )


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
_NO_INPUTS: Mapping[str, str] = MappingProxyType({})


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


class Quote(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    An order we want to show: on tick, on lot.

    A struct, for ten of them are made for one decision; ``at`` and ``of`` change a copy.

    Args:
        post_only: Whether the venue is to refuse it rather than let it take.
    """

    side: Side
    price: Decimal
    quantity: Decimal
    level: int
    post_only: bool = True

    def at(self, price: Decimal) -> "Quote":
        """The same at another price."""
        return Quote(
            side=self.side,
            price=price,
            quantity=self.quantity,
            level=self.level,
            post_only=self.post_only,
        )

    def of(self, quantity: Decimal) -> "Quote":
        """The same with another quantity."""
        return Quote(
            side=self.side,
            price=self.price,
            quantity=quantity,
            level=self.level,
            post_only=self.post_only,
        )


@attrs.frozen
class Amend:
    """
    A working order to make smaller in its place, which keeps its turn in the queue.

    Args:
        quantity: Filled and remaining together, in base currency; smaller than it is, on lot.
    """

    order_id: ClientOrderId
    quantity: Decimal


@attrs.frozen(kw_only=True)
class Gate:
    """
    A reason for not quoting.

    Args:
        code: A stable word, for counting: ``refresh_running``.
        side: The side that is shut, ``None`` for both.
        sentence: For a person, with the figures in it.
        opens_at: Monotonic seconds at which time alone opens it, where it does.
        inputs: The figures of the sentence by name, as text, for machines.
    """

    code: str
    side: Side | None
    sentence: str
    opens_at: float | None = None
    inputs: Mapping[str, str] = attrs.field(default=_NO_INPUTS, hash=False)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """
    What to do now: cancels go first.

    Args:
        wanted: What the strategy would like to show, whether or not it may place it now.
        otherwise: What it would like to show if it were not for the gates, as far as it got: a
            quote that was dropped early is not yet on tick, and not yet moved by what comes later.
        gates: Why something wanted is not placed, or why nothing is wanted.
        look_again_at: Monotonic seconds at which to decide again though nothing changed.
    """

    cancels: tuple[ClientOrderId, ...] = ()
    places: tuple[Quote, ...] = ()
    amends: tuple[Amend, ...] = ()
    wanted: tuple[Quote, ...] = ()
    otherwise: tuple[Quote, ...] = ()
    gates: tuple[Gate, ...] = ()
    look_again_at: float | None = None


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
class Nearsighted(Protocol):
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
