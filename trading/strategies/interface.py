"""
What a strategy is: a pure function from a view of the world to a decision.

A strategy never sends anything. It looks at the newest view, which is whole, and says which of its
orders to cancel and which to place; the actor around it talks to the gateway. Missing a view
cannot make it wrong: every decision starts from what is working now.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol, TypeVar

import attrs

from trading.identifiers import ClientOrderId, Currency
from trading.instrument import Instrument
from trading.market import Balance, Side, TopOfBook
from trading.orders import Order


@attrs.frozen(kw_only=True)
class Fees:
    """Fractions of the notional: 0.001 is 0.1 %; a negative maker fee is a rebate."""

    maker: Decimal
    taker: Decimal


@attrs.frozen(kw_only=True)
class CompletedOrders:
    """
    How many of the strategy's orders were filled whole, and the last of them.

    Args:
        last_at: Monotonic seconds; ``None`` while there was none.
    """

    buys: int = 0
    sells: int = 0
    last_side: Side | None = None
    last_price: Decimal | None = None
    last_at: float | None = None


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
    """

    now: float
    instrument: Instrument
    top: TopOfBook
    balances: Mapping[Currency, Balance]
    fees: Fees
    orders: tuple[Order, ...]
    completed: CompletedOrders


@attrs.frozen(kw_only=True)
class Quote:
    """An order we want to show: on tick, on lot."""

    side: Side
    price: Decimal
    quantity: Decimal
    level: int


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
    """

    code: str
    side: Side | None
    sentence: str
    opens_at: float | None = None


@attrs.frozen(kw_only=True)
class Decision:
    """
    What to do now: cancels go first.

    Args:
        wanted: What the strategy would like to show, whether or not it may place it now.
        gates: Why something wanted is not placed, or why nothing is wanted.
        look_again_at: Monotonic seconds at which to decide again though nothing changed.
    """

    cancels: tuple[ClientOrderId, ...] = ()
    places: tuple[Quote, ...] = ()
    amends: tuple[Amend, ...] = ()
    wanted: tuple[Quote, ...] = ()
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
