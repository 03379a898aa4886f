"""What a life of the order gateway leaves behind for the next one: I17."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.process import Process

_GATEWAY = "order gateway"
_LIFE_OVER = frozenset({"actor_ended", "actor_stopped"})
_CUT_SHORT = "last will"
"""In the cause of a life's end: it says itself that orders may be left."""

_LONGER_THAN_A_WILL_S = 15.0
"""An order may arrive while the last will looks at the venue's list; one that was open for so long
when it was over had been open before it began."""

_LYING_LISTS = ("V34", "V40")
"""Troubles in which the venue's list does not show what is open."""


class LastWills(Check):
    """I17. A gateway that does not say that its last will failed has left no order behind."""

    def __init__(self, site: Any) -> None:
        super().__init__(site)
        self._serving = False
        self._left: set[str] = set()
        self._open_since: dict[str, float] = {}

    @override
    def second(self) -> None:
        names = sorted(str(order.customer_order_id) for order in self.site.open_orders())
        self._open_since = {name: self._open_since.get(name, self.now) for name in names}

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        event = entry["event"]
        if entry.get("actor") != _GATEWAY:
            return
        if event in _LIFE_OVER:
            if self._serving and _CUT_SHORT not in str(entry.get("cause", "")):
                self._left = self._long_open()
            self._serving = False
        elif event == "actor_started":
            self._serving = True
            if left := sorted(self._left & set(self._long_open())):
                self.violated("I17", f"a gateway began anew with orders open: {', '.join(left)}")
            self._left = set()

    def _long_open(self) -> set[str]:
        if any(self.site.struck[fault] for fault in _LYING_LISTS):
            return set()
        is_open = {str(order.customer_order_id) for order in self.site.open_orders()}
        return {
            name
            for name, since in self._open_since.items()
            if name in is_open and self.now - since > _LONGER_THAN_A_WILL_S
        }

    @override
    def ended(self, process: Process) -> None:
        self._serving, self._left = False, set()
