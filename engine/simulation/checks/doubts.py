"""Whether the engine notices that its book is not the venue's: I16."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.process import Process
from trading.simulator.faults import Fault

_BOOK, _SOCKET = "order book ", "trade socket"
_LIFE_OVER = frozenset({"actor_ended", "actor_stopped"})
_ARRIVED_WITHIN_S = 35.0
"""What has not arrived by then never will: a connection that brings no pong has ended before."""

_TIMES = 2
"""One may have been lost on its way, without the engine's doing."""


class Doubts(Check):
    """
    I16. An engine with a book that it trusts hears of wrong checksums, and says so.

    More than that some actor ended meanwhile: the book's, or its connection's.
    """

    def __init__(self, site: Any) -> None:
        super().__init__(site)
        self._pairs = {str(strategy.pair) for strategy in site.settings.strategies.values()}
        self._trusted: set[str] = set()
        self._counted = 0
        self._unheard: list[float] = []

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        event, actor = entry["event"], str(entry.get("actor", ""))
        if event == "book_snapshot":
            self._trusted.add(str(entry["pair"]))
            self._unheard = []
        elif event == "book_unsafe":
            self._distrust({str(entry["pair"])})
        elif event in _LIFE_OVER and actor == _SOCKET:
            self._distrust(self._pairs)
        elif event in _LIFE_OVER and actor.startswith(_BOOK):
            self._distrust({actor.removeprefix(_BOOK)})

    def _distrust(self, pairs: set[str]) -> None:
        self._trusted -= pairs
        self._unheard = []

    @override
    def ended(self, process: Process) -> None:
        self._distrust(self._pairs)

    @override
    def second(self) -> None:
        counted = self.site.exchange.faults.counts.get(Fault.WRONG_CHECKSUM.value, 0)
        if self._trusted >= self._pairs and counted > self._counted:
            self._unheard.append(self.now)
        self._counted = counted
        late = sum(self.now - at > _ARRIVED_WITHIN_S for at in self._unheard)
        if late >= _TIMES:
            since_s = self.now - self._unheard[0]
            self.violated("I16", f"a wrong checksum has not been noticed for {since_s:.0f} s")
