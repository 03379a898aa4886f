"""What an order is based on when it leaves: I5."""

from collections import deque
from typing import Any

from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.departures import Departure
from trading.identifiers import Pair

_KEPT_S = 180.0
_LEASE_GRACE_S = 1.5
"""A lease may lapse while an order is on its way through the engine; quotes go within a second."""

_BOOK_GRACE_S = 5.0


class FreshOrFlat(Check):
    """I5. What the engine takes for the best prices was true a moment ago, and its lease holds."""

    def __init__(self, site: Any) -> None:
        super().__init__(site)
        self._held_at: dict[str, float] = {}
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

    def _note_leases(self) -> None:
        process = self.site.process
        if process is None or process.system is None:
            return
        for name, port in process.system.wires.strategies.items():
            lease = port.readiness.look()
            if lease is not None and lease.holds_at(self.now):
                self._held_at[name] = self.now

    @override
    def departed(self, departure: Departure) -> None:
        process = self.site.process
        if process is None or process.system is None:
            return
        self._note_leases()
        for name, port in process.system.wires.strategies.items():
            if port.pair != departure.pair:
                continue
            if self.now - self._held_at.get(name, float("-inf")) > _LEASE_GRACE_S:
                self.violated("I5", f"{departure.client_order_id} left without a lease")
            top = port.top.look()
            if top is None:
                self.violated("I5", f"{departure.client_order_id} left without a book")
                return
            grid = self.site.exchange.venue.listings[departure.pair].grid
            seen = (grid.ticks(top.best_bid), grid.ticks(top.best_ask))
            age_s = self._age_of(departure.pair, seen)
            allowed_s = self.site.settings.venue.book_age_max_s + _BOOK_GRACE_S
            if age_s is None or age_s > allowed_s:
                words = "never were" if age_s is None else f"were true {age_s:.1f} s ago"
                self.violated(
                    "I5",
                    f"{departure.client_order_id} left on best prices {top.best_bid} and"
                    f" {top.best_ask}, which {words}",
                )

    def _age_of(self, pair: Pair, seen: tuple[int | None, int | None]) -> float | None:
        """How long ago these were the best prices; 0 if they are, ``None`` if never lately."""
        until = self.now
        for since, *top in reversed(self._tops[pair]):
            if tuple(top) == seen:
                return self.now - until
            until = since
        return None
