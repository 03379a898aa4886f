"""Makes a pair's market: of background flow, of a recording, or an empty one."""

from collections.abc import Iterator
from random import Random

from trading.simulator.core.flows import RecordedFlow, SyntheticFlow
from trading.simulator.core.pair import SimulatedPair
from trading.simulator.market.market import Market, StillMarket
from trading.simulator.market.replay import RecordedMarket
from trading.simulator.market.synthetic import SyntheticMarket


def market_of(
    pair: SimulatedPair,
    synthetic: SyntheticFlow,
    recorded: RecordedFlow,
    seed: int,
    lines: Iterator[bytes] | None,
) -> Market:
    """
    A new market.

    Args:
        seed: Of the background flow, if it has one.
        lines: Of the recording, if it has one.
    """
    if not pair.active:
        return StillMarket()
    if lines is not None:
        return RecordedMarket(lines, recorded)
    return SyntheticMarket(pair, synthetic, Random(seed))  # noqa: S311 - seeded on purpose
