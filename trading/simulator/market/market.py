"""The interface of a pair's market to the exchange, synthetic or recorded."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from trading.core.market import Side
from trading.simulator.core.depth import Ladder
from trading.simulator.matching.matching import Entry, Execution, Incoming, Placement


class Market(Protocol):
    """One pair. Prices in ticks, quantities in lots, times in seconds since the exchange began."""

    @property
    def bids(self) -> Ladder: ...

    @property
    def asks(self) -> Ladder: ...

    @property
    def ended(self) -> bool:
        """Whether the market will never change again by itself."""
        ...

    def best(self, side: Side) -> int | None:
        """The best price that an arriving order meets; what is shown may be older."""
        ...

    def order_count(self, side: Side, price: int) -> int: ...

    def preview(self, incoming: Incoming) -> Placement:
        """What ``place`` would return; changes nothing."""
        ...

    def place(self, incoming: Incoming) -> Placement:
        """Place an order of an account."""
        ...

    def cancel(self, number: int) -> None: ...

    def reduce(self, number: int, remaining: int) -> None:
        """Make an account's order smaller, in its place."""
        ...

    def move(self, number: int, price: int, remaining: int) -> None:
        """Put an account's order at the back of the queue of a price that does not cross."""
        ...

    def orders(self, side: Side) -> Iterator[tuple[int, int, int]]:
        """Price, number and lots of every order, in order of priority."""
        ...

    def take_entries(self) -> list[Entry]:
        """Every change of an order since last asked, in order."""
        ...

    def next_event_at(self) -> float | None:
        """When the market next changes by itself."""
        ...

    def step(self) -> Sequence[Execution]:
        """Carry out that change; the trades it made."""
        ...


class StillMarket:
    """A pair that is not traded: an empty book in which nothing happens."""

    ended = False

    def __init__(self) -> None:
        self.bids = Ladder(Side.BUY)
        self.asks = Ladder(Side.SELL)

    def best(self, side: Side) -> int | None:  # noqa: ARG002 - part of the protocol
        return None

    def order_count(self, side: Side, price: int) -> int:  # noqa: ARG002 - part of the protocol
        return 0

    def preview(self, incoming: Incoming) -> Placement:
        return Placement(remaining=incoming.quantity or 0)

    def place(self, incoming: Incoming) -> Placement:
        return self.preview(incoming)

    def cancel(self, number: int) -> None:
        """Nothing rests here."""

    def reduce(self, number: int, remaining: int) -> None:
        """Nothing rests here."""

    def move(self, number: int, price: int, remaining: int) -> None:
        """Nothing rests here."""

    def orders(self, side: Side) -> Iterator[tuple[int, int, int]]:  # noqa: ARG002 - part of the protocol
        return iter(())

    def take_entries(self) -> list[Entry]:
        return []

    def next_event_at(self) -> float | None:
        return None

    def step(self) -> Sequence[Execution]:
        return ()
