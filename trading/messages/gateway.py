"""Messages between strategies and the order gateway, and its proof that the account is flat."""

import enum
from decimal import Decimal

import msgspec

from trading.core.identifiers import ClientOrderId, StrategyName
from trading.core.market import Side
from trading.decisions.decision import Amend, Quote
from trading.decisions.remedy import Remedy
from trading.messages.account import OrderReport
from trading.orders.completed import CompletedOrders
from trading.orders.doubts import Doubt
from trading.orders.order import Order


class Instruction(msgspec.Struct, frozen=True, kw_only=True):
    """
    A strategy's decision on its way to the gateway; cancels go first.

    Args:
        amends: Orders to make smaller in their place.
        number: Counts up within a life of the strategy; the gateway's view of the working orders
            says which instruction it already contains.
    """

    strategy: StrategyName
    number: int
    cancels: tuple[ClientOrderId, ...]
    places: tuple[Quote, ...]
    amends: tuple[Amend, ...] = ()


class RejectedBy(enum.Enum):
    """Who kept an order, or a whole side, from the venue's book."""

    GATEWAY = "gateway"
    LIMITS = "limits"
    VENUE = "venue"


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """
    Why an order of a side does not stand: what keeps that side's last set out now.

    The gateway tests it anew each second, against the account and the permission of that moment;
    only what the venue said, and what went wrong on the way there, stands until the next set.

    Args:
        code: A stable word: a limit's of docs/risk.md, ``not_permitted``, ``not_sent``,
            ``venue_rejected``, ``side_stopped``, ``side_suspected`` or ``balance_drift``.
        sentence: For a person, with the figures in it.
        at: Monotonic seconds.
        price: Of the order, in quote currency; ``None`` where the whole side is shut.
        quantity: Of the order, in base currency.
        opening: What would let it through.
    """

    by: RejectedBy
    side: Side
    code: str
    sentence: str
    at: float
    price: Decimal | None = None
    quantity: Decimal | None = None
    opening: Remedy | None = None


class WorkingOrders(msgspec.Struct, frozen=True, kw_only=True):
    """
    A strategy's orders that are not terminal, oldest first, as the gateway knows them.

    Args:
        instruction: The number of the last instruction that is contained in this view.
        reconciled: Whether the venue's own lists have been compared since the stream began.
        shut_out: Why orders that were instructed do not stand; to be shown, not to decide by.
        doubts: Its orders in doubt, and doubts that were long and are over; to be shown, too.
        withdrawn: What shuts everything: ``halted`` or ``stopping``; empty while none does.
    """

    orders: tuple[Order, ...]
    completed: CompletedOrders
    instruction: int
    reconciled: bool
    shut_out: tuple[Rejection, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    withdrawn: str = ""


class FlatProof(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whether the venue's own list of open orders shows that nothing of ours is left.

    Args:
        left: What it still showed when last read.
        in_doubt: Without a proof, the orders of which the ledger knows no end.
        trouble: Why there is no proof, in words; empty when there is.
        unread: Which ends of orders, or fills, the ledger may lack, for they could not be read.
    """

    proven: bool
    left: tuple[OrderReport, ...] = ()
    in_doubt: tuple[ClientOrderId, ...] = ()
    trouble: str = ""
    unread: str = ""
