"""Messages on their way to one destination: bounded, in order, tried until they are there."""

from collections.abc import Iterator

import msgspec

from trading.alerts.alert import Alert
from trading.alerts.quiet import QuietHours

WAITING_MAX = 200
"""Messages that wait for one destination: more than anybody reads after an outage."""

_RETRY_S = 5.0
_RETRY_MAX_S = 60.0


class Outbox(msgspec.Struct, frozen=True, kw_only=True):
    """
    What waits for one destination, and how sending goes.

    A value: whoever keeps it can lose no message by failing between two of its steps.

    Args:
        name: Of the destination, without what is secret of it.
        waiting: Oldest first.
        sent: How many have arrived.
        dropped: How many were left out because too many waited.
        untold: How many of those the destination has not been told of yet.
        failed: How many attempts have failed.
        failures: Those of them since the last success.
        trouble: Why the last attempt failed; empty after a success.
        retry_at: Monotonic seconds before which it is not tried again.
    """

    name: str = ""
    waiting: tuple[Alert, ...] = ()
    sent: int = 0
    dropped: int = 0
    untold: int = 0
    failed: int = 0
    failures: int = 0
    trouble: str = ""
    retry_at: float = 0.0

    def put(self, alert: Alert) -> "Outbox":
        """With one more; beyond the bound the oldest that is not urgent goes, or the oldest."""
        waiting = (*self.waiting, alert)
        if len(waiting) <= WAITING_MAX:
            return msgspec.structs.replace(self, waiting=waiting)
        leaves = next((i for i, one in enumerate(waiting) if not one.urgent), 0)
        return msgspec.structs.replace(
            self,
            waiting=(*waiting[:leaves], *waiting[leaves + 1 :]),
            dropped=self.dropped + 1,
            untold=self.untold + 1,
        )

    def next(self, now: float, wall: float, quiet: QuietHours | None) -> Alert | None:
        """
        The message to send now, if any: what is urgent first, then the oldest.

        Args:
            now: Monotonic seconds.
            wall: Seconds since the epoch.
            quiet: When only what is urgent goes; ``None`` for never.
        """
        if now < self.retry_at:
            return None
        held = quiet is not None and quiet.holds_at(wall)
        urgent = next((one for one in self.waiting if one.urgent), None)
        if urgent is not None or held or not self.waiting:
            return urgent
        return self.waiting[0]

    def delivered(self, alert: Alert) -> "Outbox":
        """Once it has arrived."""
        return msgspec.structs.replace(
            self._without(alert), sent=self.sent + 1, untold=0, failures=0, trouble="", retry_at=0.0
        )

    def not_delivered(self, now: float, trouble: str) -> "Outbox":
        """Once an attempt has failed: the pauses double, to a minute."""
        pause = min(_RETRY_MAX_S, _RETRY_S * 2.0 ** min(self.failures, 10))
        return msgspec.structs.replace(
            self,
            failed=self.failed + 1,
            failures=self.failures + 1,
            trouble=trouble,
            retry_at=now + pause,
        )

    def left_out(self, alert: Alert) -> Iterator[Alert]:
        """What ``put`` leaves out to make room for one more."""
        kept = self.put(alert).waiting
        return (one for one in (*self.waiting, alert) if one not in kept)

    def _without(self, alert: Alert) -> "Outbox":
        rest = list(self.waiting)
        if alert in rest:  # it may have been left out meanwhile
            rest.remove(alert)
        return msgspec.structs.replace(self, waiting=tuple(rest))


def body(alert: Alert, outbox: Outbox) -> str:
    """The text as it is sent: with how many were left out before it."""
    if not outbox.untold:
        return alert.text
    messages = "message was" if outbox.untold == 1 else "messages were"
    return f"{alert.text}\n({outbox.untold} earlier {messages} left out: too many waited.)"
