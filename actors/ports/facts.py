"""The board of readiness facts, one for each component and scope; the newest of a key counts."""

import math
from collections.abc import Mapping
from typing import Any

import trio

from actors.ports.ports import Wakeup
from trading.readiness.lease import Component, Fact, FactKey, Scope, in_force_since


class FactBoard:
    """
    The newest fact of each component and scope.

    Args:
        bells: Rung when a fact begins or ceases to hold, or is renewed when that matters.
    """

    def __init__(self, *bells: Wakeup) -> None:
        self._bells = bells
        self._facts: dict[FactKey, Fact] = {}
        self._renewals_matter_from = float("-inf")
        self._noted: tuple[Component, set[Any]] | None = None

    @property
    def facts(self) -> Mapping[FactKey, Fact]:
        return self._facts

    def note_changes(self, component: Component, changed: set[Any]) -> None:
        """
        Have the scope of each new fact about a component noted, for one reader.

        A further reader takes its place.
        """
        self._noted = component, changed

    def affirm(
        self, component: Component, evidence: str, *, scope: Scope = None, valid_for_s: float
    ) -> None:
        """State that a component holds from now on; the fact lapses unless renewed."""
        self._put((component, scope), evidence, holds=True, valid_for_s=valid_for_s)

    def revoke(self, component: Component, reason: str, *, scope: Scope = None) -> None:
        """State that a component does not hold, and why."""
        self._put((component, scope), reason, holds=False)

    def withdraw(self, component: Component, scope: Scope) -> None:
        """Remove the fact of one pair or strategy: the one about all counts for it again."""
        if self._facts.pop((component, scope), None) is not None:
            self._note((component, scope))
            for bell in self._bells:
                bell.ring()

    def renewals_matter_from(self, at: float) -> None:
        """
        Ring for no fact that is only renewed, until ``at`` monotonic seconds.

        Most facts are renewed with each message, and nothing follows from it
        (``benchmarks/simulation.py``).
        """
        self._renewals_matter_from = at

    def _put(
        self, key: FactKey, evidence: str, *, holds: bool, valid_for_s: float = math.inf
    ) -> None:
        before, now = self._facts.get(key), trio.current_time()
        fact = self._facts[key] = Fact(
            component=key[0],
            scope=key[1],
            holds=holds,
            evidence=evidence,
            observed_at=now,
            valid_until=now + valid_for_s,
            since=in_force_since(before, now, holds=holds),
        )
        self._note(key)
        if now < self._renewals_matter_from and fact.renews(before):
            return
        for bell in self._bells:
            bell.ring()

    def _note(self, key: FactKey) -> None:
        if self._noted is not None and key[0] is self._noted[0]:
            self._noted[1].add(key[1])
