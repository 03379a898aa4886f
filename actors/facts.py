"""The board of readiness facts: who knows something puts it up, the newest of each key counts."""

from collections.abc import Mapping

import trio

from actors.ports import Bell
from trading.readiness import Component, Fact, FactKey, Scope


class FactBoard:
    """
    A conflating slot for each key.

    Args:
        bells: Rung when a fact begins or ceases to hold, or is renewed when that matters.
    """

    def __init__(self, *bells: Bell) -> None:
        self._bells = bells
        self._facts: dict[FactKey, Fact] = {}
        self._renewals_matter_from = float("-inf")

    @property
    def facts(self) -> Mapping[FactKey, Fact]:
        return self._facts

    def affirm(
        self, component: Component, evidence: str, *, scope: Scope = None, valid_for_s: float
    ) -> None:
        """It holds, as of now, and lapses unless renewed."""
        now = trio.current_time()
        self._put(
            Fact(
                component=component,
                scope=scope,
                holds=True,
                evidence=evidence,
                observed_at=now,
                valid_until=now + valid_for_s,
            )
        )

    def revoke(self, component: Component, reason: str, *, scope: Scope = None) -> None:
        """It does not hold, and why."""
        self._put(
            Fact(
                component=component,
                scope=scope,
                holds=False,
                evidence=reason,
                observed_at=trio.current_time(),
            )
        )

    def renewals_matter_from(self, at: float) -> None:
        """Ring for nothing that only lasts longer than before, until ``at`` monotonic seconds."""
        self._renewals_matter_from = at

    def _put(self, fact: Fact) -> None:
        before = self._facts.get(fact.key)
        self._facts[fact.key] = fact.after(before)
        if fact.observed_at < self._renewals_matter_from and fact.renews(before):
            return
        for bell in self._bells:
            bell.ring()
