"""Where a pair's market comes from: a crowd, a recording, or nowhere."""

from collections.abc import Iterator
from random import Random

from trading.simulator.flow import SyntheticMarket
from trading.simulator.market import Market, StillMarket
from trading.simulator.replay import RecordedMarket
from trading.simulator.settings import ExchangeSettings, SimulatedPair


def market_of(
    pair: SimulatedPair, settings: ExchangeSettings, seed: int, lines: Iterator[bytes] | None
) -> Market:
    """
    A new market.

    Args:
        seed: Of the crowd, if it is one.
        lines: Of the recording, if it is one.
    """
    if not pair.active:
        return StillMarket()
    if lines is not None:
        return RecordedMarket(lines, settings.recorded)
    return SyntheticMarket(pair, settings.synthetic, Random(seed))  # noqa: S311 - seeded on purpose
