"""What an order is based on when it leaves: I5."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.departures import Departure
from trading.identifiers import Pair
from trading.market import TopOfBook
from trading.readiness import Component, Fact

_KEPT_S = 180.0
_LEASE_GRACE_S = 1.5
"""A lease may lapse while an order is on its way through the engine; quotes go within a second."""

_BOOK_GRACE_S = 5.0

_SHOWN_GRACE_S = 30.0
"""What is shown while nothing leaves may be older: a slow connection has its own deadlines."""

_BOOKS_ACTOR = "order book "
_LIFE_OVER = frozenset({"actor_ended", "actor_stopped"})


class FreshOrFlat(Check):
    """
    I5. What the engine takes for the best prices was true a moment ago, and its lease holds.

    Whether it does is seen twice: as the lease says, and fact by fact. A book that the engine calls
    unsafe itself, or whose life has ended, is none until there is a fresh snapshot.
    """

    def __init__(self, site: Any) -> None:
        super().__init__(site)
        self._held_at: dict[str, float] = {}
        self._stood_at: dict[tuple[str, Component], float] = {}
        self._unsafe_since: dict[str, float] = {}
        self._false_top: dict[str, TopOfBook] = {}
        self._tops: dict[Pair, deque[tuple[float, int | None, int | None]]] = {
            strategy.pair: deque() for strategy in site.settings.strategies.values()
        }
        site.on_venue.append(self._moved)
        self._moved()

    def _moved(self) -> None:
        for pair, tops in self._tops.items():
            market = self.site.exchange.venue.listings[pair].market
            top = (market.bids.best(), market.asks.best())
            if not tops or tops[-1][1:] != top:
                tops.append((self.now, *top))
                while len(tops) > 1 and tops[1][0] < self.now - _KEPT_S:
                    tops.popleft()

    @override
    def second(self) -> None:
        self._note_leases()
        process = self.site.process
        if process is None or process.system is None:
            return
        for name, port in process.system.wires.strategies.items():
            top = port.top.look()
            if top is None or self._held_at.get(name) != self.now:
                self._false_top.pop(name, None)
            else:
                self._look_at(name, top)

    def _look_at(self, name: str, top: TopOfBook) -> None:
        """Whether what a strategy may quote from was ever so, or has not been for very long."""
        age_s = self._age_of(top.pair, self._ticks(top))
        if age_s is not None and age_s <= self._allowed_s + _SHOWN_GRACE_S:
            self._false_top.pop(name, None)
            return
        before, self._false_top[name] = self._false_top.get(name), top
        if before is not None and self._ticks(before) == self._ticks(top):
            self.violated("I5", f"{top.pair} is shown with {_words(top, age_s)}")

    def _note_leases(self) -> None:
        process = self.site.process
        if process is None or process.system is None:
            return
        for name, port in process.system.wires.strategies.items():
            lease = port.readiness.look()
            if lease is not None and lease.holds_at(self.now):
                self._held_at[name] = self.now
            for component in Component:
                if self._stands(
                    process.system.wires.facts.facts, component, (None, port.pair, name)
                ):
                    self._stood_at[name, component] = self.now

    def _stands(self, facts: Mapping[Any, Fact], component: Component, scopes: Any) -> bool:
        known = (facts.get((component, scope)) for scope in scopes)
        return any(fact.holds and self.now < fact.valid_until for fact in known if fact is not None)

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        event = entry["event"]
        if event == "book_snapshot":
            self._unsafe_since.pop(str(entry["pair"]), None)
        elif event == "book_unsafe":
            self._unsafe_since.setdefault(str(entry["pair"]), self.now)
        elif event in _LIFE_OVER and str(entry["actor"]).startswith(_BOOKS_ACTOR):
            pair = str(entry["actor"]).removeprefix(_BOOKS_ACTOR)
            self._unsafe_since.setdefault(pair, self.now)

    @override
    def departed(self, departure: Departure) -> None:
        process = self.site.process
        if process is None or process.system is None:
            return
        self._note_leases()
        for name, port in process.system.wires.strategies.items():
            if port.pair != departure.pair:
                continue
            self._compare_leases(departure.client_order_id, name)
            unsafe_since = self._unsafe_since.get(departure.pair, self.now)
            if self.now - unsafe_since > _LEASE_GRACE_S:
                what = f"while the book had been unsafe for {self.now - unsafe_since:.1f} s"
                self.violated("I5", f"{departure.client_order_id} left {what}")
            top = port.top.look()
            if top is None:
                self.violated("I5", f"{departure.client_order_id} left without a book")
                return
            age_s = self._age_of(departure.pair, self._ticks(top))
            if age_s is None or age_s > self._allowed_s:
                what = f"left on {_words(top, age_s)}"
                self.violated("I5", f"{departure.client_order_id} {what}")

    @property
    def _allowed_s(self) -> float:
        return self.site.settings.venue.book_age_max_s + _BOOK_GRACE_S

    def _ticks(self, top: TopOfBook) -> tuple[int | None, int | None]:
        grid = self.site.exchange.venue.listings[top.pair].grid
        return grid.ticks(top.best_bid), grid.ticks(top.best_ask)

    def _compare_leases(self, order: str, name: str) -> None:
        never = float("-inf")
        if self.now - self._held_at.get(name, never) > _LEASE_GRACE_S:
            self.violated("I5", f"{order} left without a lease")
        for component in Component:
            if self.now - self._stood_at.get((name, component), never) > _LEASE_GRACE_S:
                self.violated("I5", f"{order} left while {component.value} did not stand")

    def _age_of(self, pair: Pair, seen: tuple[int | None, int | None]) -> float | None:
        """How long ago these were the best prices; 0 if they are, ``None`` if never lately."""
        until = self.now
        for since, *top in reversed(self._tops[pair]):
            if tuple(top) == seen:
                return self.now - until
            until = since
        return None


def _words(top: TopOfBook, age_s: float | None) -> str:
    when = "never were" if age_s is None else f"were true {age_s:.1f} s ago"
    return f"best prices {top.best_bid} and {top.best_ask}, which {when}"
