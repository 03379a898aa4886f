"""Fault injections of the venue: its faults by chance, and venue events."""

from collections.abc import Mapping
from random import Random

import attrs
import trio

from engine.simulation.injections.base import FaultInjection, Harness, Strike
from engine.simulation.internet import SOCKETS, TRADE
from engine.simulation.site import Site
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.faults.catalogue import CATALOGUE, Entry
from trading.venues.valr.simulator.faults.events import VenueEvent

_CHANCES = (0.02, 0.1, 0.4)
_LASTS_S = (20.0, 120.0)

_EXCUSES: Mapping[VenueEvent | Fault, str] = {
    VenueEvent.RAISE_MINIMUMS: "other rules",
    VenueEvent.COARSEN_TICK: "other rules",
    VenueEvent.CHANGE_FEES: "other rules",
    VenueEvent.FLASH_MOVE: "another price",
    Fault.UPGRADE_LIMITED: "asked for patience",
    Fault.RATE_LIMITED: "asked for patience",
    Fault.PLACE_LIMITED: "asked for patience",
    Fault.CANCEL_LIMITED: "asked for patience",
    VenueEvent.TRADE_BY_HAND: "somebody's hand",
    VenueEvent.ORDER_BY_HAND: "somebody's hand",
    VenueEvent.WITHDRAW: "somebody's hand",
    VenueEvent.OVERFILL: "somebody's hand",
}
"""After these the engine may take longer to come back; see the check of liveness."""

_MEDDLING = frozenset(
    {VenueEvent.TRADE_BY_HAND, VenueEvent.ORDER_BY_HAND, VenueEvent.WITHDRAW, VenueEvent.OVERFILL}
)
"""After these the account's holdings are not the engine's doing alone."""

_ENDED = frozenset({"actor_ended", "process_ended"})
_UNSAFE = frozenset({"book_unsafe", "actor_ended"})
_NOTICED_BY: Mapping[str, frozenset[str]] = {
    "N07": _ENDED,
    "N08": _ENDED,
    "N17": _UNSAFE,
    "N18": _UNSAFE,
    "N23": _ENDED,
    "N24": _ENDED,
    "N25": _ENDED,
}


def _both_sockets_are_open(site: Site) -> bool:
    """The venue may close a connection that the engine does not hold any more."""
    return {link.kind for link in site.internet.live(SOCKETS)} == set(SOCKETS)


def _an_order_of_ours_is_overfilled(site: Site) -> bool:
    """The overfilled order may have been one by hand."""
    return any(order.executed > order.quantity for order in site.every_order())


def _strike(name: str, entry: Entry) -> Strike:
    async def strike(scene: Harness, random: Random, for_s: float) -> None:
        way = random.choice(entry.ways)
        if isinstance(way, Fault):
            await _by_chance(scene, random, for_s, name, way)
        else:
            await _done(scene, for_s, name, way)

    return strike


async def _by_chance(scene: Harness, random: Random, for_s: float, name: str, fault: Fault) -> None:
    counts = scene.site.exchange.faults.counts
    before = counts.get(fault.value, 0)
    try:
        with scene.likely(fault, random.choice(_CHANCES)):
            await trio.sleep(for_s)
    finally:
        if (times := counts.get(fault.value, 0) - before) > 0:
            scene.site.struck_by(name, times)
            scene.site.excuses.add(_EXCUSES.get(fault, ""))


async def _done(scene: Harness, for_s: float, name: str, deed: VenueEvent) -> None:
    await trio.lowlevel.checkpoint()
    site = scene.site
    if deed in _MEDDLING:
        site.meddled = site.meddled_ever = True
    site.excuses.add(_EXCUSES.get(deed, ""))
    site.note("deed", name=deed.value)
    if site.exchange.carry_out(deed, site.exchange_now, for_s):
        site.struck_by(name)
    site.stir.ring()


_ALL = {
    name: FaultInjection(
        fault=name,
        what=entry.says,
        strike=_strike(name, entry),
        for_s=_LASTS_S,
        noticed_by=_NOTICED_BY.get(name, frozenset()),
    )
    for name, entry in CATALOGUE.items()
}

_CLOSED, _GAP, _CHECKSUM, _OVERFILL = "N07", "N17", "N18", "V44"

VENUE: Mapping[str, FaultInjection] = {
    **_ALL,
    _CLOSED: attrs.evolve(_ALL[_CLOSED], matters=_both_sockets_are_open),
    _GAP: attrs.evolve(_ALL[_GAP], through=TRADE),
    _CHECKSUM: attrs.evolve(_ALL[_CHECKSUM], through=TRADE),
    _OVERFILL: attrs.evolve(
        _ALL[_OVERFILL],
        noticed_by=frozenset({"side_stopped"}),
        by_comparison=True,
        matters=_an_order_of_ours_is_overfilled,
    ),
}
