"""Background flow: seeded traders that place, cancel and take around a fair price."""

from collections.abc import Sequence
from random import Random

from trading.core.market import Side, TimeInForce
from trading.simulator.core.flows import SyntheticFlow
from trading.simulator.market.fair_price import FairPrice
from trading.simulator.matching.matching import Execution, Incoming, MatchingBook

_FAR_FACTOR = 5.0
_REFILL_STEP = 0.0002
"""Distance between levels that are filled up from behind, as a fraction of the price."""


class BackgroundFlow:
    """
    The background orders of one book, which belong to no account.

    Limit orders arrive by a Poisson process at exponentially distributed distances, live for an
    exponentially distributed time, and are swept now and then by market orders of log-normal size.

    Args:
        typical: Median size of a limit order, in ticks times lots.
    """

    def __init__(
        self,
        book: MatchingBook,
        fair: FairPrice,
        flow: SyntheticFlow,
        typical: float,
        random: Random,
    ) -> None:
        self._book = book
        self._fair = fair
        self._flow = flow
        self._typical = typical
        self._random = random
        self._resting: list[int] = []
        self._count = 0
        self._levels_max: dict[Side, int] = {}
        self._enough = flow.levels_min

    @property
    def events_per_s(self) -> float:
        flow = self._flow
        leaving = len(self._resting) / flow.lifetime_s
        return flow.limit_orders_per_s + flow.market_orders_per_s + leaving

    def populate(self) -> list[Execution]:
        """Place as many orders as there are on average."""
        population = round(self._flow.limit_orders_per_s * self._flow.lifetime_s)
        executions: list[Execution] = []
        for _ in range(population):
            executions += self._arrive()
        self.refill()
        return executions

    def clear(self) -> None:
        """Cancel every order."""
        for number in self._resting:
            self._book.cancel(number)
        self._resting = []

    def act(self) -> Sequence[Execution]:
        """Place, take or cancel one order; the trades it made."""
        flow = self._flow
        at = self._random.random() * self.events_per_s
        executions: Sequence[Execution] = ()
        if at < flow.limit_orders_per_s:
            executions = self._arrive()
        elif at < flow.limit_orders_per_s + flow.market_orders_per_s:
            executions = self._take()
        else:
            self._leave()
        self.refill()
        return executions

    def thin_out(self, side: Side, levels: int) -> None:
        """Withdraw from a side, but for so many levels; ``restore`` ends that."""
        self._levels_max[side] = levels
        prices: dict[int, None] = {}
        for price, number, _ in list(self._book.orders(side)):
            if number > 0:
                continue
            if price not in prices and len(prices) == levels:
                self._book.cancel(number)
            else:
                prices[price] = None
        self.refill()

    def is_thin(self, side: Side) -> bool:
        """Whether a side is thinned out."""
        return side in self._levels_max

    def restore(self, side: Side) -> None:
        """Come back to a side."""
        self._levels_max.pop(side, None)
        self.refill()

    def refill(self) -> None:
        """Fill up sides that run thin."""
        enough, book = self._enough, self._book
        if len(book.bids) >= enough and len(book.asks) >= enough:  # nearly always
            return
        for side, ladder in ((Side.BUY, self._book.bids), (Side.SELL, self._book.asks)):
            step = max(1, round(self._fair.ticks * _REFILL_STEP))
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

    def _arrive(self) -> Sequence[Execution]:
        random, flow = self._random, self._flow
        side = Side.BUY if random.random() < 0.5 else Side.SELL  # noqa: PLR2004 - a coin
        depth = flow.depth * (_FAR_FACTOR if random.random() < flow.far_share else 1.0)
        distance = flow.half_spread + random.expovariate(1.0) * depth
        if side in self._levels_max:
            return ()
        return self._rest(side, self._fair.away(side, distance))

    def _take(self) -> Sequence[Execution]:
        random, flow = self._random, self._flow
        side = Side.BUY if random.random() < 0.5 else Side.SELL  # noqa: PLR2004 - a coin
        incoming = Incoming(
            number=self._next_number(),
            owner=None,
            side=side,
            price=self._fair.away(side.opposite, flow.market_order_reach),
            quantity=self._size(flow.market_order_median, flow.market_order_sigma),
            time_in_force=TimeInForce.IOC,
        )
        executions = self._book.place(incoming).executions
        if executions:
            self._fair.follow(executions[-1].price)
        return executions

    def _leave(self) -> None:
        resting = self._resting
        while resting:
            index = int(self._random.random() * len(resting))
            resting[index], resting[-1] = resting[-1], resting[index]
            # Those that were filled are still listed; they go when they are met.
            if self._book.cancel(resting.pop()) is not None:
                return

    def _outside(self, side: Side) -> int:
        """A first price for an empty side, which must not cross the other one."""
        price = self._fair.away(side, self._flow.half_spread)
        if side is Side.BUY:
            best = self._book.asks.best()
            return price if best is None else min(price, best - 1)
        best = self._book.bids.best()
        return price if best is None else max(price, best + 1)

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
            self._resting.append(number)
        return placement.executions

    def _size(self, median: float, sigma: float) -> int:
        size = self._typical / self._fair.ticks * median * self._random.lognormvariate(0.0, sigma)
        return max(1, round(size))

    def _next_number(self) -> int:
        # Negative, so that these numbers never equal those that the exchange gives out.
        self._count += 1
        return -self._count
