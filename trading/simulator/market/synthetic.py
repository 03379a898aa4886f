"""A synthetic market: one pair's book with background flow around a fair price."""

from collections.abc import Iterator, Sequence
from random import Random

from trading.core.market import Side
from trading.simulator.core.depth import Ladder
from trading.simulator.core.flows import SyntheticFlow
from trading.simulator.core.grid import Grid
from trading.simulator.core.pair import SimulatedPair
from trading.simulator.market.background_flow import BackgroundFlow
from trading.simulator.market.fair_price import FairPrice
from trading.simulator.matching.matching import Entry, Execution, Incoming, MatchingBook, Placement


class SyntheticMarket:
    """A synthetic market; all randomness is the given generator's, so a seed repeats it exactly."""

    ended = False

    def __init__(self, pair: SimulatedPair, flow: SyntheticFlow, random: Random) -> None:
        self._random = random
        self._book = MatchingBook()
        self._fair = FairPrice(float(pair.start_price / pair.tick_size), flow, random)
        typical = float(Grid(pair).tick_lots(pair.typical_notional))
        self.flow = BackgroundFlow(self._book, self._fair, flow, typical, random)
        self._now = 0.0
        self.flow.populate()
        self._next_at = self._draw_next()

    @property
    def bids(self) -> Ladder:
        return self._book.bids

    @property
    def asks(self) -> Ladder:
        return self._book.asks

    def best(self, side: Side) -> int | None:
        return self._book.ladder(side).best()

    def order_count(self, side: Side, price: int) -> int:
        return self._book.order_count(side, price)

    def preview(self, incoming: Incoming) -> Placement:
        return self._book.preview(incoming)

    def place(self, incoming: Incoming) -> Placement:
        placement = self._book.place(incoming)
        self.flow.refill()
        return placement

    def cancel(self, number: int) -> None:
        self._book.cancel(number)
        self.flow.refill()

    def reduce(self, number: int, remaining: int) -> None:
        self._book.reduce(number, remaining)

    def move(self, number: int, price: int, remaining: int) -> None:
        self._book.move(number, price, remaining)
        self.flow.refill()

    def orders(self, side: Side) -> Iterator[tuple[int, int, int]]:
        return self._book.orders(side)

    def take_entries(self) -> list[Entry]:
        return self._book.take_entries()

    def next_event_at(self) -> float | None:
        return self._next_at

    def step(self) -> Sequence[Execution]:
        elapsed, self._now = self._next_at - self._now, self._next_at
        self._fair.drift(elapsed)
        executions = self.flow.act()
        self._next_at = self._draw_next()
        return executions

    def jump(self, factor: float) -> Sequence[Execution]:
        """
        Move the fair price at once, and place all background flow anew around it.

        Returns:
            The trades with orders of accounts that rested on the way.
        """
        self._fair.jump(factor)
        self.flow.clear()
        executions = self.flow.populate()
        self._next_at = self._draw_next()
        return executions

    def _draw_next(self) -> float:
        return self._now + self._random.expovariate(self.flow.events_per_s)
