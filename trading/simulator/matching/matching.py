"""
Price-time priority, in whole ticks and lots.

``match`` finds what an order would do and changes nothing; ``MatchingBook`` carries it out.
"""

import enum
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from trading.core.market import Side, TimeInForce
from trading.simulator.core.depth import Ladder


class Refusal(enum.Enum):
    """Why an order did nothing at all, in the venue's words."""

    SELF_MATCH = (
        "We did not execute this order since it would have matched with your own order"
        " on the Exchange"
    )
    POST_ONLY = "Post only order cancelled as it would have matched"
    NOT_FILLABLE = "Fill or kill order cancelled as it could not be filled completely"


class Incoming(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    An arriving order.

    Args:
        number: Its number in the book.
        owner: The owning account; ``None`` is the crowd, which may trade with itself.
        price: In ticks; ``None`` takes any price and never rests.
        quantity: In lots; ``None`` when ``budget`` says how much.
        budget: In ticks times lots: what may be spent, or is to be earned.
    """

    number: int
    owner: str | None
    side: Side
    price: int | None
    quantity: int | None
    budget: int | None = None
    post_only: bool = False
    time_in_force: TimeInForce = TimeInForce.GTC

    def reaches(self, price: int) -> bool:
        """Whether it would trade at a price of the other side."""
        if self.price is None:
            return True
        return price <= self.price if self.side is Side.BUY else price >= self.price


class Execution(msgspec.Struct, frozen=True, gc=False):
    """
    One match.

    Args:
        price: In ticks, the resting order's.
        quantity: In lots.
        taker_side: The side of the arriving order.
        maker: Number of the resting order; meaningless when it is the crowd's.
        maker_owner: ``None`` is the crowd.
    """

    price: int
    quantity: int
    taker_side: Side
    maker: int
    maker_owner: str | None


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """
    The result of an arriving order.

    Args:
        remaining: Lots not executed.
        rests: Whether they stay in the book.
        refusal: Set when the order had no effect at all.
    """

    executions: tuple[Execution, ...] = ()
    remaining: int = 0
    rests: bool = False
    refusal: Refusal | None = None


class Resting(msgspec.Struct, gc=False):
    """An order in the book; price in ticks, remaining in lots."""

    number: int
    owner: str | None
    side: Side
    price: int
    remaining: int


class Entry(NamedTuple):
    """
    One change of the book, order by order; price in ticks.

    Args:
        number: The order's; the crowd's are negative.
        remaining: Lots it has now; zero when it is gone.
    """

    side: Side
    price: int
    number: int
    remaining: int


def match(incoming: Incoming, resting: Iterable[tuple[int, int, str | None, int]]) -> Placement:
    """
    Match an order against the other side, without changing it.

    Args:
        resting: The other side in order of priority: price, number, owner, quantity.
    """
    quantity, budget = incoming.quantity, incoming.budget
    executions: list[Execution] = []
    for price, number, owner, available in resting:
        if not incoming.reaches(price):
            break
        wanted = available if quantity is None else quantity
        if budget is not None:
            wanted = min(wanted, budget // price)
        if wanted == 0:
            break
        if incoming.post_only:
            return Placement(refusal=Refusal.POST_ONLY)
        if owner is not None and owner == incoming.owner:
            return Placement(refusal=Refusal.SELF_MATCH)
        taken = min(available, wanted)
        executions.append(Execution(price, taken, incoming.side, number, owner))
        quantity = None if quantity is None else quantity - taken
        budget = None if budget is None else budget - taken * price
    remaining = quantity or 0
    if incoming.time_in_force is TimeInForce.FOK and remaining:
        return Placement(refusal=Refusal.NOT_FILLABLE)
    return Placement(
        executions=tuple(executions),
        remaining=remaining,
        rests=bool(remaining)
        and incoming.price is not None
        and incoming.time_in_force is TimeInForce.GTC,
    )


class MatchingBook:
    """The book of one pair, with price-time priority."""

    def __init__(self) -> None:
        self.bids = Ladder(Side.BUY)
        self.asks = Ladder(Side.SELL)
        self._orders: dict[int, Resting] = {}
        self._queues: dict[Side, dict[int, dict[int, Resting]]] = {Side.BUY: {}, Side.SELL: {}}
        self._entries: list[Entry] = []

    def ladder(self, side: Side) -> Ladder:
        return self.bids if side is Side.BUY else self.asks

    def order_count(self, side: Side, price: int) -> int:
        return len(self._queues[side].get(price, ()))

    def find(self, number: int) -> Resting | None:
        return self._orders.get(number)

    def preview(self, incoming: Incoming) -> Placement:
        """What ``place`` would return; changes nothing."""
        other = self.asks if incoming.side is Side.BUY else self.bids
        best = other.best()
        if best is None or not incoming.reaches(best):  # nearly always
            return match(incoming, ())
        return match(incoming, self._priority(incoming.side.opposite))

    def place(self, incoming: Incoming) -> Placement:
        """Place an order: it trades, then the rest goes into the book if its kind rests."""
        placement = self.preview(incoming)
        for execution in placement.executions:
            self._reduce(self._orders[execution.maker], execution.quantity)
        if placement.rests:
            assert incoming.price is not None
            self._rest(
                Resting(
                    incoming.number,
                    incoming.owner,
                    incoming.side,
                    incoming.price,
                    placement.remaining,
                )
            )
        return placement

    def reduce(self, number: int, remaining: int) -> None:
        """Make an order smaller; it keeps its place in the queue."""
        order = self._orders[number]
        self._reduce(order, order.remaining - remaining)

    def move(self, number: int, price: int, remaining: int) -> None:
        """Put an order at the back of the queue of a price, which must not cross."""
        order = self._orders[number]
        self._reduce(order, order.remaining)
        order.price, order.remaining = price, remaining
        self._rest(order)

    def orders(self, side: Side) -> Iterator[tuple[int, int, int]]:
        """Price, number and remaining lots of every order, in order of priority."""
        return ((price, number, lots) for price, number, _, lots in self._priority(side))

    def take_entries(self) -> list[Entry]:
        """Every change since last asked, in order."""
        entries, self._entries = self._entries, []
        return entries

    def cancel(self, number: int) -> int | None:
        """Remove an order; its remaining lots, or ``None`` when it is not there."""
        order = self._orders.get(number)
        if order is None:
            return None
        remaining = order.remaining
        self._reduce(order, remaining)
        return remaining

    def _priority(self, side: Side) -> Iterator[tuple[int, int, str | None, int]]:
        queues = self._queues[side]
        for price, _ in self.ladder(side).levels():
            for order in queues[price].values():
                yield price, order.number, order.owner, order.remaining

    def _rest(self, order: Resting) -> None:
        self._orders[order.number] = order
        self._queues[order.side].setdefault(order.price, {})[order.number] = order
        ladder = self.bids if order.side is Side.BUY else self.asks
        ladder.add(order.price, order.remaining)
        self._entries.append(Entry(order.side, order.price, order.number, order.remaining))

    def _reduce(self, order: Resting, lots: int) -> None:
        order.remaining -= lots
        self._entries.append(Entry(order.side, order.price, order.number, order.remaining))
        ladder = self.bids if order.side is Side.BUY else self.asks
        ladder.add(order.price, -lots)
        if order.remaining == 0:
            del self._orders[order.number]
            queues = self._queues[order.side]
            queue = queues[order.price]
            del queue[order.number]
            if not queue:
                del queues[order.price]
