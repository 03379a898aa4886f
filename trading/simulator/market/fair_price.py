"""The fair price of a synthetic market: a mean-reverting random walk that trades push."""

import math
from random import Random

from trading.core.market import Side
from trading.simulator.core.flows import SyntheticFlow

_TICKS_MIN = 50.0


class FairPrice:
    """
    The price around which the background flow places its orders, in ticks.

    Args:
        start: Where it begins, and what it is weakly drawn back to, in ticks.
    """

    def __init__(self, start: float, flow: SyntheticFlow, random: Random) -> None:
        self._flow = flow
        self._random = random
        self._start = math.log(start)
        self.ticks = math.exp(self._start)

    def drift(self, elapsed_s: float) -> None:
        """Move it as a random walk that is weakly drawn back to where it began."""
        flow = self._flow
        away = math.log(self.ticks) - self._start
        away -= away * min(1.0, elapsed_s / flow.reversion_s)
        away += self._random.gauss(0.0, flow.volatility * math.sqrt(elapsed_s))
        self.ticks = max(_TICKS_MIN, math.exp(self._start + away))

    def jump(self, factor: float) -> None:
        self.ticks = max(_TICKS_MIN, self.ticks * factor)

    def follow(self, reached: int) -> None:
        """Move it towards the price that a market order has reached."""
        self.ticks += self._flow.impact * (reached - self.ticks)

    def away(self, side: Side, distance: float) -> int:
        """A whole price at this distance, a fraction, on the side where orders rest."""
        if side is Side.BUY:
            return max(1, math.floor(self.ticks * (1.0 - distance)))
        return math.ceil(self.ticks * (1.0 + distance))
