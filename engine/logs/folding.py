"""
Folds an outage's log entries for the console: its beginning, counts, and how long it lasted.

For people at the console only, who would not find other entries among hundreds of lines that all
say that the venue is not reached; the log file has every one of them. Pure: the time is that of the
entries.
"""

import datetime as dt
from collections.abc import Iterator

from engine.logs.lines import Entry

_TOLD_EVERY_S = 60.0
_OVER_AFTER_S = 90.0
"""Without a sign of trouble: longer than the pause of any actor before its next try."""

_LIVES = frozenset({"actor_started", "actor_ended", "actor_stopped"})
_SIGNS = _LIVES | {
    "component_ready",
    "component_not_ready",
    "initialisation_overdue",
    "order_not_looked_up",
    "open_orders_unread",
    "cancel_not_confirmed",
    "not_reconciled",
    "socket_open",
    "book_snapshot",
    "book_unsafe",
}
"""Events repeated while the venue is away; the first of each kind is shown."""


class Folding:
    """
    Chooses the log entries to show, and makes those shown in place of the others.

    An outage begins when an actor ends with one. It is over when every affected strategy is ready
    again, or when no entry has shown it for a while. An actor on which no component of readiness
    rests, such as one that fetches a price from elsewhere, shows only in the log: while such an
    actor is away, only silence ends the outage.
    """

    def __init__(self) -> None:
        self._began: dt.datetime | None = None
        self._sign_at: dt.datetime | None = None
        self._told_at: dt.datetime | None = None
        self._told: set[str] = set()
        self._lost: set[str] = set()
        self._apart = False
        self._folded = 0
        self._cause = ""

    def leaves_alone(self, event: object) -> bool:
        """Whether an entry of this event is shown as it is, whatever else it says."""
        return self._began is None and event != "actor_ended"

    def __call__(self, entry: Entry) -> Iterator[Entry]:
        """The entries to show for the next entry."""
        now = _moment(entry)
        if now is None:
            yield entry
            return
        yield from self._passed(now)
        if entry.get("event") == "actor_ended" and entry.get("verdict") == "outage":
            self._cause = str(entry.get("cause", ""))
            if self._began is None:
                self._began = self._told_at = now
                self._told, self._folded = set(_LIVES - {"actor_ended"}), 0
                self._lost, self._apart = set(), False
            # Without the list, as tests and other programs write it, readiness is trusted.
            self._apart |= entry.get("readiness_of") == []
        if self._began is None:
            yield entry
            return
        if not self._is_sign(entry):
            yield entry
            if self._all_are_ready(entry):
                yield from self._over(now)
            return
        self._sign_at = now
        event = str(entry["event"])
        if event in self._told:
            self._folded += 1
            return
        self._told.add(event)
        yield entry

    def _all_are_ready(self, entry: Entry) -> bool:
        """Whether this entry says that all is back that readiness covers."""
        strategy, event = str(entry.get("strategy", "")), entry.get("event")
        if event == "not_ready":
            self._lost.add(strategy)
        elif event == "ready":
            self._lost.discard(strategy)
            return not self._lost and not self._apart
        return False

    def _is_sign(self, entry: Entry) -> bool:
        if entry.get("level") == "error" or entry.get("verdict") == "defect":
            return False
        return entry.get("event") in _SIGNS

    def _passed(self, now: dt.datetime) -> Iterator[Entry]:
        """The entries that are due because time has passed."""
        if self._began is None or self._told_at is None:
            return
        quiet_since = self._sign_at or self._began
        if (now - quiet_since).total_seconds() >= _OVER_AFTER_S:
            yield from self._over(quiet_since)
        elif (now - self._told_at).total_seconds() >= _TOLD_EVERY_S and self._folded:
            self._told_at = now
            yield self._sentence("outage_goes_on", "warning", now, self._began)

    def _over(self, now: dt.datetime) -> Iterator[Entry]:
        began, self._began, self._sign_at = self._began, None, None
        if began is not None and self._folded:
            yield self._sentence("outage_over", "warning", now, began)

    def _sentence(self, event: str, level: str, now: dt.datetime, began: dt.datetime) -> Entry:
        return {
            "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
            "level": level,
            "event": event,
            "for_s": round((now - began).total_seconds(), 1),
            "lines_folded": self._folded,
            "cause": self._cause,
        }


def _moment(entry: Entry) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(str(entry.get("timestamp")))
    except ValueError:
        return None
