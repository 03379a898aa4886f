"""The fault injection as a value, and the harness that it acts on."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from random import Random

import attrs

from engine.simulation.operator import Operator
from engine.simulation.site import Site
from trading.venues.valr.simulator.core.fault_plan import Fault


class Harness:
    """
    The parts of a simulation that fault injections act on.

    Args:
        site: The venue, the way there, the disk, the engines.
        operator: The simulated operator.
    """

    def __init__(self, site: Site, operator: Operator) -> None:
        self.site = site
        self.operator = operator
        self._likely: Counter[Fault] = Counter()
        self._chances: dict[Fault, float] = {}

    @contextmanager
    def likely(self, fault: Fault, chance: float) -> Iterator[None]:
        """Have a fault of the venue strike with some probability, while this context is open."""
        self._likely[fault] += 1
        self._chances[fault] = max(chance, self._chances.get(fault, 0.0))
        self._plan()
        try:
            yield
        finally:
            self._likely[fault] -= 1
            if not self._likely[fault]:
                del self._chances[fault]
            self._plan()

    def heal(self) -> None:
        """End all effects that outlast their injection."""
        self.site.exchange.heal(self.site.exchange_now)
        self.site.stir.ring()

    def _plan(self) -> None:
        faults = self.site.exchange.faults
        faults.plan = attrs.evolve(faults.plan, probabilities=dict(self._chances))


Strike = Callable[[Harness, Random, float], Awaitable[None]]
"""Carries an injection out for some seconds, and ends it, also when it is cancelled."""


@attrs.frozen(kw_only=True)
class FaultInjection:
    """
    One row of the catalogue.

    Args:
        fault: Its id.
        what: In words.
        for_s: How long it lasts, from and to; what is over at once lasts 0.
        noticed_by: Log events one of which has to follow where it struck; empty where the engine
            need not notice.
        by_comparison: Where every message about it is lost, only the next comparison of our orders
            and fills with the venue's shows it.
        matters: Whether the engine is concerned at all.
        through: The kind of connections that carry it, where it is one: the engine has to notice
            what came through one that it held all the while, and not what only a dead one got.
    """

    fault: str
    what: str
    strike: Strike
    for_s: tuple[float, float] = (0.0, 0.0)
    noticed_by: frozenset[str] = frozenset()
    by_comparison: bool = False
    matters: Callable[[Site], bool] = lambda _site: True
    through: str = ""
