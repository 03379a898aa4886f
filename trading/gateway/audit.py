"""What the gateway's core was told and what it made of it: enough to decide the same again."""

import hashlib
from collections.abc import Callable, Iterable
from copy import copy

import attrs

from trading.gateway.core import GatewayCore, Terms
from trading.gateway.effects import Effect
from trading.gateway.events import Event
from trading.gateway.seen import Seen
from trading.journal.remembered import Remembered


@attrs.frozen(kw_only=True)
class Handled:
    """
    One event, and what came of it.

    Args:
        sequence: Counts the events of a life.
        now: Monotonic seconds.
    """

    sequence: int
    event: Event
    now: float
    seen: Seen
    effects: tuple[Effect, ...]

    @property
    def digest(self) -> str:
        """Of what went in, in 32 hexadecimal digits: the same values have the same."""
        inputs = repr((self.event, self.now, self.seen))
        return hashlib.blake2b(inputs.encode(), digest_size=16).hexdigest()


@attrs.frozen(kw_only=True)
class Begun:
    """
    The beginning of a life, and what came of it.

    Args:
        terms: With the client order ids as they were before the first of this life.
        now: Monotonic seconds.
    """

    terms: Terms
    remembered: Remembered
    stream_open: bool
    now: float
    seen: Seen
    effects: tuple[Effect, ...]


Audit = Callable[[Begun | Handled], None]
"""Takes each as it happens."""


class AuditedCore:
    """
    A core that tells of each event that it handles.

    Args:
        audit: Told of each; ``None`` where nobody asks.
    """

    def __init__(
        self,
        terms: Terms,
        remembered: Remembered,
        *,
        stream_open: bool,
        now: float,
        seen: Seen,
        audit: Audit | None = None,
    ) -> None:
        self._begun = Begun(
            terms=attrs.evolve(terms, ids=copy(terms.ids)),
            remembered=remembered,
            stream_open=stream_open,
            now=now,
            seen=seen,
            effects=(),
        )
        self._audit = audit
        self._sequence = 0
        self.core = GatewayCore(terms, remembered, stream_open=stream_open, now=now, seen=seen)

    def begin(self) -> tuple[Effect, ...]:
        """Begin the life: what is to be done first."""
        effects = tuple(self.core.begin())
        if self._audit is not None:
            self._audit(attrs.evolve(self._begun, effects=effects))
        return effects

    def handle(self, event: Event, now: float, seen: Seen) -> tuple[Effect, ...]:
        """As ``GatewayCore.handle``."""
        effects = tuple(self.core.handle(event, now, seen))
        if self._audit is not None:
            self._sequence += 1
            self._audit(
                Handled(sequence=self._sequence, event=event, now=now, seen=seen, effects=effects)
            )
        return effects


@attrs.frozen
class Difference:
    """The first event of a life of which something else came this time."""

    sequence: int
    before: tuple[Effect, ...]
    now: tuple[Effect, ...]


def decided_again(life: Iterable[Begun | Handled]) -> Difference | None:
    """
    Decide a life of the gateway again.

    Args:
        life: Its beginning, and each event after it.

    Returns:
        The first difference; ``None`` where all is the same.

    Raises:
        ValueError: The first is no beginning.
    """
    core: GatewayCore | None = None
    for step in life:
        if isinstance(step, Begun):
            terms = attrs.evolve(step.terms, ids=copy(step.terms.ids))
            core = GatewayCore(
                terms, step.remembered, stream_open=step.stream_open, now=step.now, seen=step.seen
            )
            sequence, effects = 0, tuple(core.begin())
        elif core is None:
            raise ValueError("a life that is decided again has to begin with its beginning")
        else:
            sequence = step.sequence
            effects = tuple(core.handle(step.event, step.now, step.seen))
        if effects != step.effects:
            return Difference(sequence, step.effects, effects)
    return None
