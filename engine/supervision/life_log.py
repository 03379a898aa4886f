"""Logs the supervisor's events, and revokes the facts that end with a life."""

import msgspec
import structlog

from actors.ports.facts import FactBoard
from engine.supervision.events import (
    LifeEvent,
    LifeEventKind,
    TooManyDefects,
    describe,
    first_failure,
)
from engine.supervision.origin import raised_at
from engine.supervision.policy import Verdict
from engine.supervision.tree import SupervisorSpec

log = structlog.get_logger()


class GivenUp(msgspec.Struct, frozen=True, kw_only=True):
    """
    An actor that is not started any more, because it failed too often.

    Args:
        why: How often it failed, and which supervisor counted.
        cause: Its last error, with its chain.
        raised_at: Where in the code; empty where nothing was raised.
    """

    actor: str
    why: str
    cause: str
    raised_at: str


class LifeLog:
    """
    The supervisor's observer: each change in a life is one log event.

    Attributes:
        restarts: How often a child began anew after it had ended by itself.
        given_up: The actors that are not started any more, by name.

    Args:
        facts: To revoke the facts of a life that is over.
        tree: Its children name those facts.
    """

    def __init__(self, facts: FactBoard, tree: SupervisorSpec) -> None:
        self._facts = facts
        self._revoked_by = {
            child.name: tuple(vouch.fact for vouch in child.vouches_for if vouch.ends_with_life)
            for child in tree.leaves()
        }
        self._speaks_for = {
            child.name: tuple(vouch.component.value for vouch in child.vouches_for)
            for child in tree.leaves()
        }
        self.restarts = 0
        self.given_up: dict[str, GivenUp] = {}

    def __call__(self, event: LifeEvent) -> None:
        actor = event.path[-1]
        if event.kind is not LifeEventKind.STARTED:
            reason = f"{actor} {event.kind.value}"
            if event.cause is not None:
                reason = f"{reason}: {event.message}"
            for component, scope in self._revoked_by.get(actor, ()):
                self._facts.revoke(component, reason, scope=scope)
        self.restarts += bool(event.kind is LifeEventKind.ENDED and event.backoff_s is not None)
        self._note(event)
        write = log.info
        if event.verdict is Verdict.DEFECT or event.kind is LifeEventKind.STOP_OVERDUE:
            write = log.error
        elif event.verdict is not None or event.kind is LifeEventKind.ESCALATED:
            write = log.warning
        write("actor_" + event.kind.value.replace(" ", "_"), **_fields(event), **self._about(event))

    def _note(self, event: LifeEvent) -> None:
        """Note an actor given up: at the root, or where its supervisor is not started again."""
        at_the_root = event.kind is LifeEventKind.ESCALATED and len(event.path) == 1
        if not isinstance(event.cause, TooManyDefects):
            return
        if not (at_the_root or event.kind is LifeEventKind.ENDED):
            return
        actor, error = first_failure(event.cause, event.path[-1])
        if event.backoff_s is None:
            failures = GivenUp(
                actor=actor,
                why=str(event.cause),
                cause=describe(error),
                raised_at=raised_at(error),
            )
            self.given_up.setdefault(actor, failures)
        else:
            self.given_up.pop(actor, None)

    def _about(self, event: LifeEvent) -> dict[str, object]:
        """The components of readiness that an outage takes: those of all children it restarts."""
        if not any(self._speaks_for.values()):
            return {}  # a tree without readiness, as that of a capture
        if event.kind is not LifeEventKind.ENDED or event.verdict is not Verdict.OUTAGE:
            return {}
        children = event.restarting or (event.path[-1],)
        spoken_for = [of for child in children for of in self._speaks_for.get(child, ())]
        return {"readiness_of": list(dict.fromkeys(spoken_for))}


def _fields(event: LifeEvent) -> dict[str, object]:
    fields: dict[str, object] = {
        "actor": event.path[-1],
        "under": " > ".join(event.path[:-1]),
        "life": event.life,
    }
    if event.kind is not LifeEventKind.STARTED:
        fields["age_s"] = round(event.age_s, 3)
    if event.verdict is not None:
        fields["verdict"] = event.verdict.value
        fields["cause"] = event.message
        if event.verdict is Verdict.DEFECT and (place := raised_at(event.cause)):
            fields["raised_at"] = place
        fields["defects_in_window"] = f"{event.failures_in_window} of {event.limit} forgiven"
    if event.backoff_s is not None:
        fields["backoff_s"] = round(event.backoff_s, 3)
        fields["restarting"] = event.restarting
    return fields
