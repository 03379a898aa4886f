"""A synthetic market: a seeded crowd that places, cancels and takes around a fair price."""

import math
from collections.abc import Iterator, Sequence
from random import Random

from trading.core.market import Side, TimeInForce
from trading.simulator.core.depth import Ladder
from trading.simulator.core.flows import SyntheticFlow
from trading.simulator.core.grid import Grid
from trading.simulator.core.pair import SimulatedPair
from trading.simulator.matching.matching import Entry, Execution, Incoming, MatchingBook, Placement

_FAR_FACTOR = 5.0
_REFILL_STEP = 0.0002
"""Distance between levels that are filled up from behind, as a fraction of the price."""
_FAIR_TICKS_MIN = 50.0


class SyntheticMarket:
    """
    Everything random comes from the generator handed in, so a seed repeats a market exactly.

    Limit orders arrive by a Poisson process at exponentially distributed distances, live for an
    exponentially distributed time, and are swept now and then by market orders of log-normal size.
    """

    ended = False

    def __init__(self, pair: SimulatedPair, flow: SyntheticFlow, random: Random) -> None:
        grid = Grid(pair)
        self._flow = flow
        self._random = random
        self._book = MatchingBook()
        self._start = math.log(float(pair.start_price / pair.tick_size))
        self._fair = math.exp(self._start)
        self._typical = float(grid.tick_lots(pair.typical_notional))
        self._crowd: list[int] = []
        self._count = 0
        self._now = 0.0
        self._levels_max: dict[Side, int] = {}
        self._populate()
        self._next_at = self._draw_next()

    @property
    def bids(self) -> Ladder:
        return self._book.bids

    @property
    def asks(self) -> Ladder:
        return self._book.asks

    def order_count(self, side: Side, price: int) -> int:
        return self._book.order_count(side, price)

    def preview(self, incoming: Incoming) -> Placement:
        return self._book.preview(incoming)

    def place(self, incoming: Incoming) -> Placement:
        placement = self._book.place(incoming)
        self._refill()
        return placement

    def cancel(self, number: int) -> None:
        self._book.cancel(number)
        self._refill()

    def reduce(self, number: int, remaining: int) -> None:
        self._book.reduce(number, remaining)

    def move(self, number: int, price: int, remaining: int) -> None:
        self._book.move(number, price, remaining)
        self._refill()

    def orders(self, side: Side) -> Iterator[tuple[int, int, int]]:
        return self._book.orders(side)

    def take_entries(self) -> list[Entry]:
        return self._book.take_entries()

    def next_event_at(self) -> float | None:
        return self._next_at

    def step(self) -> Sequence[Execution]:
        elapsed, self._now = self._next_at - self._now, self._next_at
        self._drift(elapsed)
        flow = self._flow
        at = self._random.random() * self._rate()
        executions: Sequence[Execution] = ()
        if at < flow.limit_orders_per_s:
            executions = self._arrive()
        elif at < flow.limit_orders_per_s + flow.market_orders_per_s:
            executions = self._take()
        else:
            self._leave()
        self._refill()
        self._next_at = self._draw_next()
        return executions

    def jump(self, factor: float) -> Sequence[Execution]:
        """
        Let the fair price be another at once, and everybody come back around it.

        Returns:
            Whom that met: the orders of accounts that rested on the way.
        """
        self._fair = max(_FAIR_TICKS_MIN, self._fair * factor)
        for number in self._crowd:
            self._book.cancel(number)
        self._crowd = []
        executions = self._populate()
        self._next_at = self._draw_next()
        return executions

    def thin_out(self, side: Side, levels: int) -> None:
        """Let the crowd leave a side, but for so many levels; ``restore`` ends that."""
        self._levels_max[side] = levels
        prices: dict[int, None] = {}
        for price, number, _ in list(self._book.orders(side)):
            if number > 0:
                continue
            if price not in prices and len(prices) == levels:
                self._book.cancel(number)
            else:
                prices[price] = None
        self._refill()

    def is_thin(self, side: Side) -> bool:
        """Whether the crowd has left a side."""
        return side in self._levels_max

    def restore(self, side: Side) -> None:
        """Let the crowd come back to a side."""
        self._levels_max.pop(side, None)
        self._refill()

    def _rate(self) -> float:
        flow = self._flow
        leaving = len(self._crowd) / flow.lifetime_s
        return flow.limit_orders_per_s + flow.market_orders_per_s + leaving

    def _draw_next(self) -> float:
        return self._now + self._random.expovariate(self._rate())

    def _drift(self, elapsed: float) -> None:
        """Move the fair price as a random walk that is weakly drawn back to where it began."""
        flow = self._flow
        away = math.log(self._fair) - self._start
        away -= away * min(1.0, elapsed / flow.reversion_s)
        away += self._random.gauss(0.0, flow.volatility * math.sqrt(elapsed))
        self._fair = max(_FAIR_TICKS_MIN, math.exp(self._start + away))

    def _populate(self) -> list[Execution]:
        population = round(self._flow.limit_orders_per_s * self._flow.lifetime_s)
        executions: list[Execution] = []
        for _ in range(population):
            executions += self._arrive()
        self._refill()
        return executions

    def _arrive(self) -> Sequence[Execution]:
        random, flow = self._random, self._flow
        side = Side.BUY if random.random() < 0.5 else Side.SELL  # noqa: PLR2004 - a coin
        depth = flow.depth * (_FAR_FACTOR if random.random() < flow.far_share else 1.0)
        distance = flow.half_spread + random.expovariate(1.0) * depth
        if side in self._levels_max:
            return ()
        return self._rest(side, self._at(side, distance))

    def _take(self) -> Sequence[Execution]:
        random, flow = self._random, self._flow
        side = Side.BUY if random.random() < 0.5 else Side.SELL  # noqa: PLR2004 - a coin
        incoming = Incoming(
            number=self._next_number(),
            owner=None,
            side=side,
            price=self._at(side.opposite, flow.market_order_reach),
            quantity=self._size(flow.market_order_median, flow.market_order_sigma),
            time_in_force=TimeInForce.IOC,
        )
        executions = self._book.place(incoming).executions
        if executions:
            reached = executions[-1].price
            self._fair += flow.impact * (reached - self._fair)
        return executions

    def _leave(self) -> None:
        crowd = self._crowd
        while crowd:
            index = int(self._random.random() * len(crowd))
            crowd[index], crowd[-1] = crowd[-1], crowd[index]
            # Those that were filled are still listed; they go when they are met.
            if self._book.cancel(crowd.pop()) is not None:
                return

    def _refill(self) -> None:
        """No side may run thin, however much was taken out of it."""
        enough = self._flow.levels_min
        for side, ladder in ((Side.BUY, self._book.bids), (Side.SELL, self._book.asks)):
            if len(ladder) >= enough:  # nearly always
                continue
            step = max(1, round(self._fair * _REFILL_STEP))
            wanted = min(enough, self._levels_max.get(side, enough))
            while len(ladder) < wanted:
                worst = ladder.worst()
                if worst is None:
                    price = self._outside(side)
                else:
                    price = worst - step if side is Side.BUY else worst + step
                if price < 1:
                    break
                self._rest(side, price)

    def _outside(self, side: Side) -> int:
        """A first price for an empty side, which must not meet the other one."""
        price = self._at(side, self._flow.half_spread)
        if side is Side.BUY:
            best = self.asks.best()
            return price if best is None else min(price, best - 1)
        best = self.bids.best()
        return price if best is None else max(price, best + 1)

    def _at(self, side: Side, distance: float) -> int:
        """A price in ticks, this far from the fair price on the side where orders rest."""
        if side is Side.BUY:
            return max(1, math.floor(self._fair * (1.0 - distance)))
        return math.ceil(self._fair * (1.0 + distance))

    def _rest(self, side: Side, price: int) -> Sequence[Execution]:
        number = self._next_number()
        placement = self._book.place(
            Incoming(
                number=number,
                owner=None,
                side=side,
                price=price,
                quantity=self._size(1.0, self._flow.order_sigma),
            )
        )
        if placement.rests:
            self._crowd.append(number)
        return placement.executions

    def _size(self, median: float, sigma: float) -> int:
        size = self._typical / self._fair * median * self._random.lognormvariate(0.0, sigma)
        return max(1, round(size))

    def _next_number(self) -> int:
        # Negative, so that the crowd's numbers never meet those the exchange gives out.
        self._count += 1
        return -self._count
