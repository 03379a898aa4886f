"""The board of readiness facts: who knows something puts it up, the newest of each key counts."""

from collections.abc import Mapping

import trio

from actors.ports import Bell
from trading.readiness import Component, Fact, FactKey, Scope


class FactBoard:
    """
    A conflating slot for each key.

    Args:
        bells: Rung when a fact begins or ceases to hold, or is renewed.
    """

    def __init__(self, *bells: Bell) -> None:
        self._bells = bells
        self._facts: dict[FactKey, Fact] = {}

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

    def _put(self, fact: Fact) -> None:
        self._facts[fact.key] = fact.after(self._facts.get(fact.key))
        for bell in self._bells:
            bell.ring()
