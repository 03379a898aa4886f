"""Whether the engine comes back: I12."""

import trio
from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.operator import Operator
from engine.simulation.site import Site
from trading.market import Side
from trading.simulator.orders import VenueOrder

_BACK_WITHIN_S = 60.0
_LOOKS_EVERY_S = 1.0


class Liveness(Check):
    """I12. Once the last trouble has ended, both sides are quoted again within a minute."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._quoted: set[tuple[str, Side]] = set()

    @override
    def ordered(self, order: VenueOrder) -> None:
        is_open = self.site.exchange.venue.orders.is_open(order)
        if self.site.owns(order) and is_open and order.failure is None:
            self._quoted.add((order.pair, order.side))

    async def come_back(self, operator: Operator) -> None:
        """Wait for the quotes; an operator lifts what halts stand."""
        self._quoted = {(order.pair, order.side) for order in self.site.open_orders()}
        wanted = {
            (strategy.pair, side)
            for strategy in self.site.settings.strategies.values()
            for side in Side
        }
        within_s = self._patience_s
        with trio.move_on_after(within_s) as patience:
            while not wanted <= self._quoted:
                if self._halted():
                    await operator.resume()
                # A look each second: what is waited for is the truth of another party.
                await trio.sleep(_LOOKS_EVERY_S)
        if patience.cancelled_caught:
            missing = sorted(f"{pair} {side.value}" for pair, side in wanted - self._quoted)
            self.violated(
                "I12", f"not quoted for {within_s:g} s: {', '.join(missing)}; {self._why()}"
            )

    @property
    def _patience_s(self) -> float:
        excuses = {
            # What was told the engine to wait for: a window of the rate limits.
            "asked for patience": 60.0,
            # Rules that have healed are heard with the next list of pairs.
            "other rules": self.site.settings.venue.rules_refresh_s,
            # The last trade's price is a collar, until somebody has traded at the new price.
            "another price": 120.0,
            # A side is stopped until a later comparison finds no more of what is not explained.
            "somebody's hand": 90.0,
        }
        refresh_s = max(
            getattr(strategy, "order_refresh_time", 0.0)
            for strategy in self.site.settings.strategies.values()
        )
        excused_s = sum(excuses.get(excuse, 0.0) for excuse in sorted(self.site.excuses))
        # Orders that were refused meanwhile are tried again with the next refresh.
        return _BACK_WITHIN_S + excused_s + (refresh_s if excused_s else 0.0)

    def _halted(self) -> bool:
        process = self.site.process
        system = None if process is None else process.system
        return system is not None and bool(system.wires.halt.peek())

    def _why(self) -> str:
        process = self.site.process
        if process is None or process.system is None:
            return "no engine runs"
        leases = [port.readiness.look() for port in process.system.wires.strategies.values()]
        gates = [port.decision.look() for port in process.system.wires.strategies.values()]
        words = [lease.reasons for lease in leases if lease is not None and not lease.ready]
        words += [gate.sentence for decision in gates if decision for gate in decision.gates]
        return "; ".join(words) or "it gives no reason"
