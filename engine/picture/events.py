"""Log entries as short sentences for the live picture; repeated ones are counted."""

from collections.abc import Sequence
from typing import Any

import attrs

from engine.logs.lines import shown_fields
from engine.views.status_view import printable

Entry = dict[str, Any]

GOODBYE = "goodbye"
"""The log event after which the engine prints the rest itself."""

_KEPT_MAX = 100
_TROUBLE = frozenset({"warning", "error", "critical"})
_WHO = ("event", "actor", "component", "strategy", "pair", "socket", "destination", "stream")
"""The fields that make two entries the same event; figures and orders' ids do not count."""


@attrs.frozen(kw_only=True)
class Told:
    """
    A log entry as it is shown, with how often it came.

    Args:
        at: The time of day at which it came last.
        times: How often it came.
    """

    at: str
    words: str
    level: str
    entry: Entry
    times: int = 1


class Recent:
    """The last fills and the last other events that matter, one line for each event."""

    def __init__(self) -> None:
        self.fills: Sequence[Told] = ()
        self.events: Sequence[Told] = ()
        self._were_ready: set[object] = set()

    def add(self, entry: Entry) -> None:
        """Take an entry of the log."""
        told = Told(
            at=str(entry.get("timestamp", ""))[11:19],
            words=words_of(entry),
            level=str(entry.get("level", "info")),
            entry=entry,
        )
        if told.entry.get("event") == "ready":
            self._were_ready.add(entry.get("strategy"))
        if entry.get("event") == "not_ready" and entry.get("strategy") not in self._were_ready:
            return  # at the start no strategy is, and its state shows what is missing
        if entry.get("event") == "fill":
            self.fills = (*self.fills[1 - _KEPT_MAX :], told)
        elif told.level in _TROUBLE or entry.get("event") in _TOLD:
            self.events = _again(self.events, told)


def _again(events: Sequence[Told], told: Told) -> Sequence[Told]:
    key = _key(told.entry)
    before = next((one for one in events if _key(one.entry) == key), None)
    if before is not None:
        told = attrs.evolve(told, times=before.times + 1)
    return (*[one for one in events if one is not before][1 - _KEPT_MAX :], told)


def _key(entry: Entry) -> tuple[object, ...]:
    return tuple(str(entry.get(name)) for name in _WHO)


def words_of(entry: Entry) -> str:
    """An entry as one sentence for people."""
    event = str(entry.get("event", ""))
    if event == "fill":
        return fill_words(entry)
    if event == "not_ready":
        missing = ", ".join(entry.get("missing") or ())
        return printable(f"{entry.get('strategy')} is not ready; missing: {missing}")
    if event == "order_refused":
        return _refused(entry)
    if event == "actor_ended" and entry.get("backoff_s") is None:
        return printable(_NOT_AGAIN.format_map(_Fields(entry)))
    if (template := _TOLD.get(event)) is not None:
        return printable(template.format_map(_Fields(entry)))
    rest = {
        key: value
        for key, value in entry.items()
        if key not in {"timestamp", "level", "event", "exception", "under", "stack"}
        and value is not None
    }
    return printable(event.replace("_", " ") + shown_fields(rest))


def _refused(entry: Entry) -> str:
    """The reason first: a screen may be too narrow for the rest."""
    reasons = entry.get("reasons") or ()
    why = reasons if isinstance(reasons, str) else "; ".join(map(str, reasons))
    order = " ".join(str(entry[key]) for key in ("side", "quantity") if entry.get(key) is not None)
    which = f"{entry.get('strategy')}: {order or 'order'} at {entry.get('price')}"
    return printable(f"order refused: {why} ({which})")


def fill_words(entry: Entry) -> str:
    did = "bought" if entry.get("side") == "buy" else "sold"
    words = f"{did} {entry.get('quantity')} at {entry.get('price')}"
    fee = str(entry.get("fee", "0"))
    if fee not in {"0", "None"}:
        words += f", fee {fee} {entry.get('fee_currency')}"
    return printable(words)


class _Fields(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


_TOLD = {
    "engine_start": "{engine} has started on {venue}",
    "engine_stop": "stopping: {reason}",
    "engine_end": "the engine has ended, exit code {exit_code}",
    "ready": "{strategy} is ready to quote ({components})",
    "not_ready": "",
    "actor_ended": "{actor} has ended ({cause}); it is started again",
    "halted": "HALTED: {reason}",
    "halted_already": "halted already, and asked for again: {reason}",
    "signal_ignored": "{name} was ignored: that signal means nothing to the engine",
    "halt_flat": "the halt is flat: no order of ours is left",
    "resumed": "resumed",
    "settings_reloaded": "new settings are in force",
    "order_not_looked_up": "an order could not be looked up: {cause}",
    "open_orders_unread": "the venue's open orders could not be read: {cause}",
    "loop_blocked": "the engine's loop stood still for {blocked_s} s",
    "initialisation_overdue": "{component} has been missing for long: asked for anew",
}

_NOT_AGAIN = "{actor} has ended ({cause}) and is not started again by itself"
