"""A check with the function that makes it, and groups of them."""

from collections.abc import Awaitable, Callable, Iterator

import attrs

from engine.conformance.lab import Lab
from trading.venues.valr.conformance.check import Check, Facts, Level

Look = Callable[[Lab], Awaitable[Facts]]


@attrs.frozen
class Probe:
    """
    A check that can be made.

    Args:
        look: Returns what was seen; raises ``NotSeen`` and ``NotTried``.
    """

    check: Check
    look: Look


@attrs.define
class Group:
    """The probes of a file; its functions join by ``@group.check(...)``."""

    level: Level
    probes: list[Probe] = attrs.field(factory=list)

    def check(
        self,
        name: str,
        question: str,
        *,
        assumed: str,
        expected: Facts,
        unknown: tuple[str, ...] = (),
        slow: bool = False,
        fills: bool = False,
    ) -> Callable[[Look], Look]:
        """Add the check that a function makes; ``Check`` describes the arguments."""
        check = Check(
            id=f"{self.level.value}.{name}",
            level=self.level,
            question=question,
            assumed=assumed,
            expected=expected,
            unknown=unknown,
            slow=slow,
            fills=fills,
        )

        def join(look: Look) -> Look:
            self.probes.append(Probe(check, look))
            return look

        return join

    def __iter__(self) -> Iterator[Probe]:
        return iter(self.probes)
