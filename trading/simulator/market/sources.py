"""Makes a pair's market: of background flow, of a recording, or an empty one."""

from random import Random

import attrs

from trading.simulator.core.flows import RecordedFlow, SyntheticFlow
from trading.simulator.core.pair import SimulatedPair
from trading.simulator.market.beginning import Recording
from trading.simulator.market.market import Market, StillMarket
from trading.simulator.market.replay import RecordedMarket
from trading.simulator.market.synthetic import SyntheticMarket
from trading.simulator.market.two_clocks import Clocks


def market_of(
    pair: SimulatedPair,
    synthetic: SyntheticFlow,
    recorded: RecordedFlow,
    seed: int,
    recording: Recording | None,
    *,
    began_ns: int | None = None,
    live: Clocks | None = None,
) -> Market:
    """
    A new market.

    Args:
        seed: Of the background flow, if it has one.
        recording: What is replayed, if anything is.
        began_ns: When the earliest of several recordings begins, or what is live.
        live: What deals out a market that is told while it happens.
    """
    if not pair.active:
        return StillMarket()
    if live is not None:
        assert began_ns is not None
        recording = Recording(began_ns, iter(()))
    if recording is not None:
        lot_size = recorded.lot_sizes.get(pair.symbol, recorded.lot_size)
        return RecordedMarket(recording, attrs.evolve(recorded, lot_size=lot_size), began_ns, live)
    return SyntheticMarket(pair, synthetic, Random(seed))  # noqa: S311 - seeded on purpose
