"""Checks that orders leave on a fresh book and a valid lease only: I5."""

from collections import deque
from collections.abc import Mapping
from typing import Any

import attrs
from typing_extensions import override

from engine.simulation.checks.base import LIFE_OVER, Check
from engine.simulation.departures import Departure
from engine.simulation.process import Process
from engine.simulation.site import Site
from engine.system.venue_watchers import STATUS_LEASE_S
from trading.core.identifiers import Pair, StrategyName
from trading.core.market import TopOfBook
from trading.readiness.lease import Component, Fact, FactKey

_KEPT_S = 180.0
_LEASE_GRACE_S = 1.5
"""A lease may lapse while an order is on its way through the engine; quotes go within a second."""

_SAME_MOMENT_S = 0.001
"""Between an order's last check and the wire lie a few steps, in which no time passes."""

_BOOK_GRACE_S = 5.0

_SHOWN_GRACE_S = 30.0
"""A book shown while no order leaves may be older: a slow connection has its own deadlines."""

_BOOKS_ACTOR = "order book "
_SEEN_BY = {
    Component.ORDER_BOOK: "order book {pair}",
    Component.ACCOUNT_BALANCE: "account",
    Component.USER_STREAM: "account socket",
    Component.LEDGER: "ledger",
    Component.RECONCILED: "order gateway",
    Component.VENUE_ONLINE: "venue status",
    Component.STRATEGY_RUNNING: "strategy {name}",
}
"""The actor with whose life a fact ends."""

_READINESS, _STARTED = "readiness", "actor_started"


class FreshOrFlat(Check):
    """
    I5. What the engine takes for the best prices was true a moment ago, and its lease holds.

    Whether it does is seen twice: as the lease says, and fact by fact, none older than it may be.
    A book that the engine calls unsafe itself, or whose life has ended, is none until there is a
    fresh snapshot. All of it is looked at when an order leaves, and each second that one might.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._held_at: dict[str, float] = {}
        self._stood_at: dict[str, dict[Component, float]] = {}
        self._sources: dict[str, Mapping[FactKey, _Source]] = {}
        self._unsafe_since: dict[str, float] = {}
        self._false_top: dict[str, TopOfBook] = {}
        self._over_at: dict[str, float] = {}
        self._readiness_lives = True
        venue = site.settings.venue
        self._age_max_s: dict[Component, float] = {
            Component.ORDER_BOOK: venue.book_age_max_s,
            Component.ACCOUNT_BALANCE: venue.balance_age_max_s,
            Component.TRADING_RULES: venue.rules_age_max_s,
            Component.CLOCK: venue.clock_age_max_s,
            Component.VENUE_ONLINE: STATUS_LEASE_S,
        }
        self._tops: dict[Pair, deque[tuple[float, int | None, int | None]]] = {
            strategy.pair: deque() for strategy in site.settings.strategies.values()
        }
        listings = site.exchange.venue.listings
        self._ladders = {
            pair: (listings[pair].market.bids, listings[pair].market.asks) for pair in self._tops
        }
        self._versions: dict[Pair, tuple[int, int]] = {}
        site.on_venue.append(self._moved)
        self._moved()

    def _moved(self) -> None:
        for pair, tops in self._tops.items():
            bids, asks = self._ladders[pair]
            # The venue says that something has moved several times a second; here, seldom.
            versions = bids.version, asks.version
            if versions == self._versions.get(pair):
                continue
            self._versions[pair] = versions
            top = (bids.best(), asks.best())
            if not tops or tops[-1][1:] != top:
                tops.append((self.now, *top))
                while len(tops) > 1 and tops[1][0] < self.now - _KEPT_S:
                    tops.popleft()

    @override
    def second(self) -> None:
        self._note_leases()
        process, now = self.site.process, self.now
        # In a tree that stops because of it the last lease stands, and no book that could be used.
        if process is None or process.system is None or not self._readiness_lives:
            self._false_top = {}
            return
        for name, port in process.system.wires.strategies.items():
            top = port.top.peek()
            if self._held_at.get(name) == now:
                self._compare_facts(name, f"the lease of {name} holds")
            if top is None or self._held_at.get(name) != now:
                self._false_top.pop(name, None)
            else:
                self._look_at(name, top)
                self._compare_safety(top.pair, f"{top.pair} is shown", 0.0)

    def _look_at(self, name: str, top: TopOfBook) -> None:
        """Check that the book which a strategy quotes from was the venue's lately."""
        if top.best_bid >= top.best_ask:
            self.violated("I5", f"{top.pair} is shown crossed: {top.best_bid} and {top.best_ask}")
        age_s = self._age_of(top.pair, self._ticks(top))
        if age_s is not None and age_s <= self._allowed_s + _SHOWN_GRACE_S:
            self._false_top.pop(name, None)
            return
        before, self._false_top[name] = self._false_top.get(name), top
        if before is not None:
            self.violated("I5", f"{top.pair} is shown with {_words(top, age_s)}")

    def _note_leases(self) -> None:
        process = self.site.process
        if process is None or process.system is None:
            return
        facts, now = process.system.wires.facts.facts, self.now
        for name, port in process.system.wires.strategies.items():
            lease = port.readiness.peek()
            if lease is not None and lease.holds_at(now):
                self._held_at[name] = now
            if name not in self._sources:
                self._sources[name] = self._sources_of(name, port.pair)
                self._stood_at[name] = dict.fromkeys(Component, float("-inf"))
            sources, stood_at = self._sources[name], self._stood_at[name]
            for key, fact in facts.items():
                source = sources.get(key)
                if source is not None and self._stood(fact, source, now):
                    stood_at[fact.component] = now

    def _sources_of(self, name: StrategyName, pair: Pair) -> Mapping[FactKey, "_Source"]:
        """By the facts of which any will do for a component of a strategy."""
        sources: dict[FactKey, _Source] = {}
        for component in Component:
            source = _Source(
                actor=_SEEN_BY.get(component, "").format(name=name, pair=pair),
                age_max_s=self._age_max_s.get(component, float("inf")),
            )
            sources |= {(component, scope): source for scope in (None, pair, name)}
        return sources

    def _stood(self, fact: Fact, source: "_Source", now: float) -> bool:
        """Whether a fact stands, or did until this very moment."""
        if not fact.holds:
            return now - fact.observed_at <= _SAME_MOMENT_S
        # To count it must have been seen lately, and not by a life that is over.
        return (
            now < fact.valid_until
            and fact.observed_at >= now - source.age_max_s
            and fact.observed_at >= self._over_at.get(source.actor, float("-inf"))
        )

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        event, actor = entry["event"], str(entry.get("actor", ""))
        if event in LIFE_OVER:
            self._over_at[actor] = self.now
        if actor == _READINESS and event in (*LIFE_OVER, _STARTED):
            self._readiness_lives = event == _STARTED
        if event == "book_snapshot":
            self._unsafe_since.pop(str(entry["pair"]), None)
        elif event == "book_unsafe":
            self._unsafe_since.setdefault(str(entry["pair"]), self.now)
        elif event in LIFE_OVER and actor.startswith(_BOOKS_ACTOR):
            pair = actor.removeprefix(_BOOKS_ACTOR)
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
            what = f"{departure.client_order_id} left"
            self._compare_safety(departure.pair, what, _LEASE_GRACE_S)
            top = port.top.peek()
            if top is None:
                fact = process.system.wires.facts.facts.get((Component.ORDER_BOOK, port.pair))
                if fact is None or self.now - fact.observed_at > _SAME_MOMENT_S:
                    self.violated("I5", f"{departure.client_order_id} left without a book")
                return
            age_s = self._age_of(departure.pair, self._ticks(top))
            if age_s is None or age_s > self._allowed_s:
                self.violated("I5", f"{what} on {_words(top, age_s)}")

    @property
    def _allowed_s(self) -> float:
        return self.site.settings.venue.book_age_max_s + _BOOK_GRACE_S

    def _ticks(self, top: TopOfBook) -> tuple[int | None, int | None]:
        grid = self.site.exchange.venue.listings[top.pair].grid
        return grid.ticks(top.best_bid), grid.ticks(top.best_ask)

    def _compare_safety(self, pair: Pair, what: str, grace_s: float) -> None:
        unsafe_s = self.now - self._unsafe_since.get(pair, self.now)
        if unsafe_s > grace_s:
            self.violated("I5", f"{what} while the book has been unsafe for {unsafe_s:.2f} s")

    def _compare_leases(self, order: str, name: str) -> None:
        never = float("-inf")
        if self.now - self._held_at.get(name, never) > _LEASE_GRACE_S:
            self.violated("I5", f"{order} left without a lease")
        self._compare_facts(name, f"{order} left")

    def _compare_facts(self, name: str, what: str) -> None:
        now = self.now
        for component, stood_at in self._stood_at[name].items():
            if now - stood_at > _LEASE_GRACE_S:
                self.violated("I5", f"{what} while {component.value} does not stand")

    @override
    def ended(self, process: Process) -> None:
        self._over_at, self._readiness_lives = {}, True

    def _age_of(self, pair: Pair, seen: tuple[int | None, int | None]) -> float | None:
        """How long ago these were the best prices; 0 if they are, ``None`` if never lately."""
        until = self.now
        for since, *top in reversed(self._tops[pair]):
            if tuple(top) == seen:
                return self.now - until
            until = since
        return None


@attrs.frozen(kw_only=True)
class _Source:
    """
    The source of one component of a strategy's readiness.

    Args:
        actor: The actor with whose life it ends, if any.
        age_max_s: The age beyond which it does not count.
    """

    actor: str
    age_max_s: float


def _words(top: TopOfBook, age_s: float | None) -> str:
    when = "never were" if age_s is None else f"were true {age_s:.1f} s ago"
    return f"best prices {top.best_bid} and {top.best_ask}, which {when}"
