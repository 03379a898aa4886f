"""The alerts of an engine as one value, and the port of what sends them."""

from typing import Protocol

import msgspec

from trading.alerts.alert import Alert
from trading.alerts.outbox import Outbox
from trading.alerts.rules import AlertState


class AlertBook(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was told, and what waits for each destination; it outlives the lives of who keeps it.

    Args:
        outboxes: One for each destination, in the order of the configuration.
        heartbeat: Why the last heartbeat failed; empty where it did not, or none is asked for.
    """

    state: AlertState = msgspec.field(default_factory=AlertState)
    outboxes: tuple[Outbox, ...] = ()
    heartbeat: str = ""

    def put(self, alert: Alert) -> "AlertBook":
        """With one more message for every destination."""
        return msgspec.structs.replace(
            self, outboxes=tuple(outbox.put(alert) for outbox in self.outboxes)
        )

    def with_outbox(self, index: int, outbox: Outbox) -> "AlertBook":
        """With another outbox in the place of one."""
        outboxes = (*self.outboxes[:index], outbox, *self.outboxes[index + 1 :])
        return msgspec.structs.replace(self, outboxes=outboxes)

    def of_next_session(self) -> "AlertBook":
        """For an engine that has begun anew: its figures count from nothing again."""
        state = msgspec.structs.replace(self.state, losses={}, summed={}, since={}, counted=0)
        return msgspec.structs.replace(self, state=state)

    @property
    def waiting(self) -> int:
        """Messages that have not arrived everywhere."""
        return max((len(outbox.waiting) for outbox in self.outboxes), default=0)


class Messenger(Protocol):
    """One destination of messages."""

    @property
    def name(self) -> str:
        """What it is, without what is secret of it: ``mailtos``, ``tgram``."""
        ...

    async def send(self, title: str, body: str) -> str:
        """
        Send one message; bring a deadline.

        Returns:
            Why it did not arrive, in words without secrets; empty once it has.
        """
        ...
