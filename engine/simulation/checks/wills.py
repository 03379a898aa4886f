"""Checks of the gateway's last will and of the closeout's proof: I17."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from engine.simulation.checks.base import LIFE_OVER, Check
from engine.simulation.process import Process
from engine.simulation.site import Site
from trading.venues.valr.simulator.accounts.orders import VenueOrder
from trading.venues.valr.simulator.core.fault_plan import Fault

_GATEWAY, _CLOSEOUT = "order gateway", "closeout"
_CUT_SHORT = "last will"
"""In the cause of a life's end: the gateway itself says that orders may be left."""

_KNOWN_S = 2.0
"""An order that has been open for so long is one that the gateway knows."""

_A_WILL_S = 15.0
"""A gateway that did not ask for the list for so long before its end did not leave a will."""

_LIES = "V40"
"""A fault in which neither the venue's list nor its report of an order can be believed."""


class LastWills(Check):
    """
    I17. The claims at the end of a gateway's life, and of the engine's, are true.

    A gateway that does not say that its last will failed has left no order behind. A closeout that
    claims a proof has asked for the venue's list once the gateway was over.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._over_at: float | None = None
        self._serving = False
        self._crashed = False
        self._left: set[str] = set()
        self._open_since: dict[str, float] = {}
        self._seen: Mapping[str, VenueOrder] | None = None

    @override
    def second(self) -> None:
        at_venue = self.site.open_by_name()
        if at_venue is self._seen:  # nothing was opened or closed since the last look
            return
        before, now, self._seen = self._open_since, self.now, at_venue
        self._open_since = {name: before.get(name, now) for name in sorted(at_venue)}

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        event = entry["event"]
        self._look_at_closeout(entry)
        if entry.get("actor") != _GATEWAY:
            return
        if event in LIFE_OVER:
            if self._serving and _CUT_SHORT not in str(entry.get("cause", "")):
                self._left = self._left_behind()
            self._serving, self._over_at = False, self.now
        elif event == "actor_started":
            self._serving = True
            if left := sorted(self._left & self._still_open().keys()):
                self.violated("I17", f"a gateway began anew with orders open: {', '.join(left)}")
            self._left = set()

    def _look_at_closeout(self, entry: Mapping[str, Any]) -> None:
        event = entry["event"]
        if event == "crashed" and entry["which"] == _CLOSEOUT:
            # Its claim then is not the engine's last: the next life follows.
            self._crashed = True
        elif event == "actor_started" and entry["actor"] == _CLOSEOUT:
            self._crashed = False
        elif event == "closeout" and entry["flat"] and self._has_not_asked:
            self.violated("I17", "proven flat, it says, and has not asked for the venue's list")

    @property
    def _has_not_asked(self) -> bool:
        over_at = None if self._crashed else self._over_at
        return over_at is not None and self.site.list_asked_at < over_at

    def _left_behind(self) -> set[str]:
        """Orders that were open when the list was read for the last time, or was not read."""
        lied = self.site.exchange.faults.counts.get(Fault.STALE_OPEN_ORDERS.value, 0)
        if lied or self.site.struck[_LIES]:
            return set()
        asked_at = self.site.list_asked_at
        before = asked_at if self.now - asked_at <= _A_WILL_S else self.now - _KNOWN_S
        return {name for name, since in self._still_open().items() if since < before}

    def _still_open(self) -> dict[str, float]:
        is_open = self.site.open_by_name()
        return {name: since for name, since in self._open_since.items() if name in is_open}

    @override
    def ended(self, process: Process) -> None:
        self._serving, self._crashed = False, False
        self._left, self._over_at = set(), None
