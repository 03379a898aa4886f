"""The fault injections that a seed can draw, by id; and the ids that none can, with the reason."""

from collections.abc import Mapping
from random import Random

from engine.simulation.injections.base import FaultInjection, Harness
from engine.simulation.injections.network import NETWORK
from engine.simulation.injections.process import PROCESS
from engine.simulation.injections.venue import VENUE
from trading.venues.valr.simulator.faults.catalogue import NOT_THE_VENUES


def _either(one: FaultInjection, other: FaultInjection) -> FaultInjection:
    """An injection by an id that the network and the venue can both cause, each in its way."""

    async def strike(scene: Harness, random: Random, for_s: float) -> None:
        await random.choice((one, other)).strike(scene, random, for_s)

    return FaultInjection(
        fault=one.fault,
        what=one.what,
        strike=strike,
        for_s=(max(one.for_s[0], other.for_s[0]), max(one.for_s[1], other.for_s[1])),
        noticed_by=one.noticed_by | other.noticed_by if one.noticed_by else frozenset(),
    )


NOT_SIMULATED: Mapping[str, str] = {
    "N33": "Connections are not kept, so none can have been closed as a request is sent.",
    "V23": "The gateway sends no batches.",
    "V45": NOT_THE_VENUES["V45"],
}
"""Network and venue ids that no seed can cause, and why."""

_ALONE = {**NETWORK, **VENUE, **PROCESS}

FAULT_INJECTIONS: Mapping[str, FaultInjection] = {
    name: _either(NETWORK[name], VENUE[name]) if name in NETWORK and name in VENUE else _ALONE[name]
    for name in sorted(_ALONE)
    if name not in NOT_SIMULATED
}

BESIDE = ("V31", "V42")
"""Counted where they happen: every engine that starts with orders open, every order by hand."""
