"""What the gateway's core was told and what it made of it: enough to decide the same again."""

import hashlib
from collections.abc import Callable, Iterable
from copy import copy

import msgspec

from trading.gateway.core import Beginning, GatewayCore
from trading.gateway.effects import Effect
from trading.gateway.events import Event
from trading.gateway.seen import Seen


class Handled(msgspec.Struct, frozen=True, kw_only=True):
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


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """
    The beginning of a life, and what came of it.

    Args:
        beginning: Its client order ids are as they were before the first of this life.
    """

    beginning: Beginning
    effects: tuple[Effect, ...]


Audit = Callable[[Begun | Handled], None]
"""Takes each as it happens."""


class AuditedCore:
    """
    A core that tells of each event that it handles.

    Args:
        audit: Told of each.
    """

    def __init__(self, beginning: Beginning, audit: Audit) -> None:
        self._begun = Begun(beginning=_copied(beginning), effects=())
        self._audit = audit
        self._sequence = 0
        self.core = GatewayCore(beginning)

    def begin(self) -> tuple[Effect, ...]:
        """Begin the life: what is to be done first."""
        effects = tuple(self.core.begin())
        self._audit(msgspec.structs.replace(self._begun, effects=effects))
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


def _copied(beginning: Beginning) -> Beginning:
    """With client order ids of its own, that count from the same number."""
    terms = msgspec.structs.replace(beginning.terms, ids=copy(beginning.terms.ids))
    return msgspec.structs.replace(beginning, terms=terms)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


class Difference(msgspec.Struct, frozen=True):
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
            core = GatewayCore(_copied(step.beginning))
            sequence, before, now = 0, step.effects, tuple(core.begin())
        elif core is None:
            raise ValueError("a life that is decided again has to begin with its beginning")
        else:
            sequence, before, now = step.sequence, step.error or step.effects, _handled(core, step)
        if before != now:
            return Difference(sequence, before, now)
    return None


def _handled(core: GatewayCore, step: Handled) -> tuple[Effect, ...] | str:
    try:
        return tuple(core.handle(step.event, step.now, step.seen))
    except Exception as error:  # noqa: BLE001  # whatever it was, it is compared
        return _words(error)
