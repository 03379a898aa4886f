"""Checks that no order leaves during a halt: I7."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.departures import Departure
from engine.simulation.site import Site

_SPREADING_S = 1.0
"""From a halt that is durable to the last order that leaves: what had left already may arrive."""


class Halts(Check):
    """
    I7. While the engine is halted no order leaves, in any process.

    It is halted while its ledger says so, and also from the answer to a kill, whatever the ledger
    says, until the operator asks for the halt to be lifted.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._killed_at: float | None = None
        self._resumes_asked = self._resumes_under_way = 0

    def asked_to_kill(self) -> Callable[[], None]:
        """An operator asks for a halt; call what is returned once that is said to be durable."""
        before, alone = self._resumes_asked, self._resumes_under_way == 0

        def answered() -> None:
            # Which of two simultaneous requests counts, the engine decides.
            if alone and self._resumes_asked == before and self._killed_at is None:
                self._killed_at = self.now

        return answered

    @contextmanager
    def resuming(self) -> Iterator[None]:
        """While an operator asks for a halt to be lifted, which may happen without an answer."""
        self._killed_at = None
        self._resumes_asked += 1
        self._resumes_under_way += 1
        try:
            yield
        finally:
            self._resumes_under_way -= 1

    @override
    def departed(self, departure: Departure) -> None:
        for since, what in (
            (self.site.ledgers.halted_at, "into a halt"),
            (self._killed_at, "after a kill was answered"),
        ):
            if since is not None and (into_s := self.now - since) > _SPREADING_S:
                self.violated("I7", f"{departure.client_order_id} left {into_s:.1f} s {what}")

    def claimed_flat(self) -> None:
        """A kill has been answered with a proof."""
        left = [str(order.customer_order_id) for order in self.site.open_orders()]
        if left:
            self.violated("I7", f"flat after a kill, it said; open at the venue: {', '.join(left)}")
