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
        error: What handling it has raised, with its kind; empty where it raised nothing.
    """

    sequence: int
    event: Event
    now: float
    seen: Seen
    effects: tuple[Effect, ...]
    error: str = ""

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
        """As ``GatewayCore.handle``; one that raises is told of as well."""
        effects: tuple[Effect, ...] = ()
        error = ""
        try:
            effects = tuple(self.core.handle(event, now, seen))
        except Exception as raised:
            error = _words(raised)
            raise
        finally:
            self._tell(event, now, seen, effects, error)
        return effects

    def _tell(
        self, event: Event, now: float, seen: Seen, effects: tuple[Effect, ...], error: str
    ) -> None:
        if self._audit is None:
            return
        self._sequence += 1
        self._audit(
            Handled(
                sequence=self._sequence,
                event=event,
                now=now,
                seen=seen,
                effects=effects,
                error=error,
            )
        )


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


@attrs.frozen
class Difference:
    """
    The first event of a life of which something else came this time.

    Args:
        before: Its effects then, or what it raised.
        now: Those of this time.
    """

    sequence: int
    before: tuple[Effect, ...] | str
    now: tuple[Effect, ...] | str


def decided_again(life: Iterable[Begun | Handled]) -> Difference | None:
    """
    Decide a life of the gateway again, or several, one after the other.

    Args:
        life: Its beginning, and each event after it.

    Returns:
        The first difference; ``None`` where all is the same.

    Raises:
        ValueError: The first is no beginning.
    """
    core: GatewayCore | None = None
    before: tuple[Effect, ...] | str
    now: tuple[Effect, ...] | str
    for step in life:
        if isinstance(step, Begun):
            core = _begun(step)
            sequence, before, now = 0, step.effects, tuple(core.begin())
        elif core is None:
            raise ValueError("a life that is decided again has to begin with its beginning")
        else:
            sequence, before, now = step.sequence, step.error or step.effects, _handled(core, step)
        if before != now:
            return Difference(sequence, before, now)
    return None


def _begun(step: Begun) -> GatewayCore:
    terms = attrs.evolve(step.terms, ids=copy(step.terms.ids))
    return GatewayCore(
        terms, step.remembered, stream_open=step.stream_open, now=step.now, seen=step.seen
    )


def _handled(core: GatewayCore, step: Handled) -> tuple[Effect, ...] | str:
    try:
        return tuple(core.handle(step.event, step.now, step.seen))
    except Exception as error:  # noqa: BLE001  # whatever it was, it is compared
        return _words(error)
