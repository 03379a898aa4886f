"""Checks that the engine quotes again after faults: I12."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import trio
from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.checks.own_gates import OwnGates
from engine.simulation.operator import Operator, gave_up_a_strategy
from engine.simulation.process import Process
from engine.simulation.site import Site
from engine.supervision.events import NothingLeftToRun, TooManyDefects
from trading.core.identifiers import ClientOrderId, strategy_of
from trading.core.market import Side
from trading.venues.valr.simulator.accounts.orders import VenueOrder

_REFRESH_WITHIN_S = 30.0
_BACK_WITHIN_S = 60.0
_CRASH_REMEMBERED_S = 300.0
"""How long after an injected crash the limit of defects may be used up."""

_LOOKS_EVERY_S = 1.0

_GAVE_UP = (TooManyDefects.__name__, NothingLeftToRun.__name__)


class Liveness(Check):
    """
    I12. Once the last trouble has ended, both sides are quoted again within a minute.

    Args:
        own_gates: Says which sides a strategy's own configuration keeps shut: that time is not
            the engine's.
    """

    def __init__(self, site: Site, own_gates: OwnGates) -> None:
        super().__init__(site)
        self._own_gates = own_gates
        self._failed_by = ""
        self._quoted: set[tuple[str, Side]] = set()

    @override
    def ordered(self, order: VenueOrder) -> None:
        is_open = self.site.exchange.venue.orders.is_open(order)
        if self.site.owns(order) and is_open and order.failure is None:
            self._quoted.add((_strategy(order), order.side))

    @override
    def ended(self, process: Process) -> None:
        """Check that no engine has ended because of the venue or the network."""
        summary = None if process.ended is None else process.ended.summary
        if summary is None or not any(name in self._failed_by for name in _GAVE_UP):
            return
        if self._all_by_itself:
            self.violated("I12", f"the engine gave up by itself: {self._failed_by}")

    @property
    def _all_by_itself(self) -> bool:
        """Whether no crash was injected lately, so that a defect is the engine's own."""
        return self.now - self.site.crashed_at > _CRASH_REMEMBERED_S

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        if entry["event"] == "engine_start":
            self._failed_by = ""
        elif entry["event"] == "engine_failed":
            self._failed_by = str(entry["cause"])
        elif gave_up_a_strategy(entry) and self._all_by_itself:
            self.violated("I12", f"{entry['actor'].removeprefix('only ')} was given up")

    async def come_back(self, operator: Operator, until: float) -> None:
        """
        Wait for the quotes; an operator lifts standing halts.

        Args:
            until: Simulated seconds up to which a side is waited for that is shut on purpose.
        """
        self._quoted = {(_strategy(order), order.side) for order in self.site.open_orders()}
        within_s, late_s = self._patience_s, Counter[tuple[str, Side]]()
        while missing := self._wanted() - self._quoted:
            if self._halted():
                await operator.resume()
            if operator.misses_a_strategy:
                operator.restart()
            shut = self._shut()
            if missing <= shut and self.now >= until:
                return
            late_s.update(missing - shut)
            late = {quote: seconds for quote, seconds in late_s.items() if quote in missing}
            if max(late.values(), default=0) > within_s:
                words = ", ".join(sorted(f"{name} {side.value}" for name, side in late))
                self.violated("I12", f"not quoted for {within_s:g} s: {words}; {self._why()}")
                return
            # Checked each second: the venue's books give no signal to the engine's side.
            await trio.sleep(_LOOKS_EVERY_S)

    def _wanted(self) -> set[tuple[str, Side]]:
        return {(name, side) for name in self.site.settings.strategies for side in Side}

    def _shut(self) -> set[tuple[str, Side]]:
        """The sides that are not to be quoted now by configuration."""
        return {
            (name, side)
            for name in self.site.settings.strategies
            for side in self._own_gates.shut(name)
        }

    @property
    def _patience_s(self) -> float:
        excuses = {
            # The engine was told to wait: a window of the rate limits.
            "asked for patience": 60.0,
            # Rules that have healed are heard with the next list of pairs.
            "other rules": self.site.settings.venue.rules_refresh_s,
            # The last trade's price is a collar, until there is a trade at the new price.
            "another price": 120.0,
            # A side is stopped until a later comparison finds no more drift.
            "somebody's hand": 90.0,
        }
        refresh_s = max(
            getattr(strategy, "order_refresh_time", 0.0)
            for strategy in self.site.settings.strategies.values()
        )
        excused_s = sum(excuses.get(excuse, 0.0) for excuse in sorted(self.site.excuses))
        # Orders that were refused meanwhile are tried again with the next refresh; and a strategy
        # that waits for long by itself is not late because of it.
        own_s = refresh_s if excused_s else max(0.0, refresh_s - _REFRESH_WITHIN_S)
        return _BACK_WITHIN_S + excused_s + own_s

    def _halted(self) -> bool:
        process = self.site.process
        system = None if process is None else process.system
        return system is not None and bool(system.wires.halt.read())

    def _why(self) -> str:
        process = self.site.process
        if process is None or process.system is None:
            return "no engine runs"
        leases = [port.readiness.peek() for port in process.system.wires.strategies.values()]
        gates = [port.decision.peek() for port in process.system.wires.strategies.values()]
        words = [lease.reasons for lease in leases if lease is not None and not lease.ready]
        words += [gate.sentence for decision in gates if decision for gate in decision.gates]
        return "; ".join(words) or "it gives no reason"


def _strategy(order: VenueOrder) -> str:
    """Whose it is: several may trade one pair."""
    return strategy_of(ClientOrderId(str(order.customer_order_id)))
