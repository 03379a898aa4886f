"""Troubles of the venue: what it does wrong by chance, and what happens to it."""

from collections.abc import Mapping
from random import Random

import trio

from engine.simulation.troubles.base import Scene, Strike, Trouble
from trading.simulator.faults import Fault

_CHANCES = (0.02, 0.1, 0.4)


def _by_chance(name: str, fault: Fault) -> Strike:
    async def strike(scene: Scene, random: Random, for_s: float) -> None:
        counts = scene.site.exchange.faults.counts
        before = counts.get(fault.value, 0)
        try:
            with scene.likely(fault, random.choice(_CHANCES)):
                await trio.sleep(for_s)
        finally:
            if (times := counts.get(fault.value, 0) - before) > 0:
                scene.site.struck_by(name, times)

    return strike


_BY_CHANCE: Mapping[str, tuple[Fault, str]] = {
    "N14": (Fault.DROP, "an event of the account is never told"),
    "N15": (Fault.DUPLICATE, "an event of the account is told twice"),
    "N17": (Fault.SEQUENCE_GAP, "a change of a book is missing"),
    "N18": (Fault.WRONG_CHECKSUM, "a wrong checksum"),
    "N19": (Fault.MISSING_SNAPSHOT, "no snapshot after subscribing"),
}

VENUE: Mapping[str, Trouble] = {
    name: Trouble(fault=name, what=what, strike=_by_chance(name, fault), for_s=(20.0, 120.0))
    for name, (fault, what) in _BY_CHANCE.items()
}
