"""The volatility of the mid price, from samples taken at regular moments."""

import itertools
import math

import attrs


@attrs.frozen(kw_only=True)
class Volatility:
    """
    The last samples, a bounded number of them.

    Args:
        size: How many are kept; 2 or more.
        interval: Seconds between two samples at least.
        samples: Monotonic seconds and mid price, oldest first.
        moves: The sum of the squared differences between neighbours.
    """

    size: int
    interval: float
    samples: tuple[tuple[float, float], ...] = ()
    moves: float = 0.0

    def after(self, price: float, now: float) -> "Volatility":
        """With one more sample, if it is time for one."""
        if self.next_at is not None and now < self.next_at:
            return self
        samples = (*self.samples[1 - self.size :], (now, price))
        # Summed anew: a running sum would gather rounding errors for as long as the engine runs.
        moves = math.fsum(
            (later[1] - earlier[1]) ** 2 for earlier, later in itertools.pairwise(samples)
        )
        return attrs.evolve(self, samples=samples, moves=moves)

    @property
    def next_at(self) -> float | None:
        """Monotonic seconds at which the next sample is due; ``None`` for now."""
        return self.samples[-1][0] + self.interval if self.samples else None

    @property
    def per_second(self) -> float:
        """Standard deviation of the moves of one second, in units of price; 0 without samples."""
        elapsed = self.samples[-1][0] - self.samples[0][0] if self.samples else 0.0
        return math.sqrt(self.moves / elapsed) if elapsed > 0 else 0.0

    @property
    def per_sample(self) -> float:
        """As Hummingbot has it: divided by the samples, of which there is one more than moves."""
        return math.sqrt(self.moves / len(self.samples)) if self.samples else 0.0
