"""Checks that the engine notices errors of its book and its connections: I16."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from engine.simulation.checks.base import LIFE_OVER, Check
from engine.simulation.internet import SOCKETS, TRADE
from engine.simulation.process import Process
from engine.simulation.site import Site
from trading.venues.valr.simulator.core.fault_plan import Fault

_BOOK, _SOCKET = "order book ", "trade socket"
_WRONG, _GAP = Fault.WRONG_CHECKSUM.value, Fault.SEQUENCE_GAP.value
_ARRIVED_WITHIN_S = 35.0
"""Bytes that have not arrived by then never will: a connection without a pong has ended before."""

_GIVEN_UP_WITHIN_S = 5.0
"""After the deadline of a ping: to close a connection, and to check it."""

_ADVANCES_WITHIN_S = 10.0

_TIMES = 2
"""One may have been lost on its way, without the engine's doing."""


class Doubts(Check):
    """
    I16. An engine with a book that it trusts hears of wrong checksums and gaps, and says so.

    More than that some actor ended meanwhile: the book's, or its connection's.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._pairs = {str(strategy.pair) for strategy in site.settings.strategies.values()}
        self._trusted: set[str] = set()
        self._wrong = self._gaps = 0
        self._sequences: dict[str, int] = {}
        self._advanced_at: dict[str, float] = {}
        self._unheard: list[float] = []

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        event, actor = entry["event"], str(entry.get("actor", ""))
        if event == "book_snapshot":
            self._trusted.add(str(entry["pair"]))
            self._unheard = []
        elif event == "book_unsafe":
            self._distrust({str(entry["pair"])})
        elif event in LIFE_OVER and actor == _SOCKET:
            self._distrust(self._pairs)
        elif event in LIFE_OVER and actor.startswith(_BOOK):
            self._distrust({actor.removeprefix(_BOOK)})

    def _distrust(self, pairs: set[str]) -> None:
        self._trusted -= pairs
        self._unheard = []

    @override
    def ended(self, process: Process) -> None:
        self._distrust(self._pairs)

    @override
    def second(self) -> None:
        counts = self.site.exchange.faults.counts
        wrong, gaps = counts.get(_WRONG, 0), counts.get(_GAP, 0)
        # A gap is one connection's: of two, one may be a dead one that the venue still serves.
        gap = gaps > self._gaps and self.site.internet.only_one(TRADE)
        news = wrong > self._wrong or gap
        self._wrong, self._gaps = wrong, gaps
        if news and self._trusted >= self._pairs:
            self._unheard.append(self.now)
        late = sum(self.now - at > _ARRIVED_WITHIN_S for at in self._unheard)
        if self._advances() and late >= _TIMES:
            since_s = self.now - self._unheard[0]
            self.violated("I16", f"wrong checksums or gaps, unnoticed for {since_s:.0f} s")

    def _advances(self) -> bool:
        """Whether every book still gets changes: where none comes, nothing can be noticed."""
        process = self.site.process
        if process is None or process.system is None:
            return False
        for port in process.system.wires.strategies.values():
            top = port.top.peek()
            if top is not None and top.sequence != self._sequences.get(port.pair):
                self._sequences[port.pair] = top.sequence
                self._advanced_at[port.pair] = self.now
        oldest = min(self._advanced_at.values(), default=float("-inf"))
        return self.now - oldest < _ADVANCES_WITHIN_S


class DeadLinks(Check):
    """I16. A socket on which nothing arrives any more is given up, by its own heartbeat."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._dead_since: dict[int, float] = {}

    @override
    def second(self) -> None:
        process, venue = self.site.process, self.site.settings.venue
        dead = [
            link.number
            for link in self.site.internet.live(SOCKETS)
            if process is not None and link.process == process.number and link.upgraded
            if link.down.dead or link.up.dead
        ]
        if not (dead or self._dead_since):  # nearly always
            return
        self._dead_since = {number: self._dead_since.get(number, self.now) for number in dead}
        patience_s = venue.ping_interval_s + venue.pong_deadline_s + _GIVEN_UP_WITHIN_S
        for number, since in self._dead_since.items():
            if self.now - since > patience_s:
                self.violated("I16", f"connection {number} has been dead for {patience_s:g} s")
