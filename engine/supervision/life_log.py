"""What the supervisor tells, written to the log; and the facts that end with a life."""

import structlog

from actors.ports.facts import FactBoard
from engine.supervision.events import LifeEvent, LifeEventKind
from engine.supervision.policy import Verdict
from engine.supervision.tree import SupervisorSpec

log = structlog.get_logger()


class LifeLog:
    """
    The supervisor's observer: each turn in a life is one log event.

    Args:
        facts: Where the facts of a life that is over are revoked.
        tree: Its children say which facts those are.
    """

    def __init__(self, facts: FactBoard, tree: SupervisorSpec) -> None:
        self._facts = facts
        self._revoked_by = {
            child.name: tuple(vouch.fact for vouch in child.vouches_for if vouch.ends_with_life)
            for child in tree.leaves()
        }
        self.restarts = 0

    def __call__(self, event: LifeEvent) -> None:
        actor = event.path[-1]
        if event.kind is not LifeEventKind.STARTED:
            reason = f"{actor} {event.kind.value}"
            if event.cause is not None:
                reason = f"{reason}: {event.message}"
            for component, scope in self._revoked_by.get(actor, ()):
                self._facts.revoke(component, reason, scope=scope)
        self.restarts += bool(event.kind is LifeEventKind.ENDED and event.backoff_s is not None)
        write = log.info
        if event.verdict is Verdict.DEFECT or event.kind is LifeEventKind.STOP_OVERDUE:
            write = log.error
        elif event.verdict is not None or event.kind is LifeEventKind.ESCALATED:
            write = log.warning
        write("actor_" + event.kind.value.replace(" ", "_"), **_fields(event))


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
        fields["defects_in_window"] = f"{event.failures_in_window} of {event.limit} forgiven"
    if event.backoff_s is not None:
        fields["backoff_s"] = round(event.backoff_s, 3)
        fields["restarting"] = event.restarting
    return fields
