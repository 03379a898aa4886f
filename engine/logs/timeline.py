"""The log as a timeline for people: each entry as a sentence, with its cause."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from config.source.problems import printable
from engine.logs.lines import Entry, below, painted, shown_fields

_LEVELS = ("debug", "info", "warning", "error", "critical")
_CAUSED_BY = " <- "
_CONSUMED = frozenset({"timestamp", "level", "event", "exception"})


@attrs.frozen(kw_only=True)
class Wanted:
    """
    Which entries to show; ``None`` and empty are for all.

    Args:
        since: A timestamp as the log writes it.
        level: The least.
        actor: Part of an actor's name, or of what it restarts with.
        events: Parts of events' names.
    """

    since: str | None = None
    level: str = "debug"
    actor: str | None = None
    events: tuple[str, ...] = ()
    pair: str | None = None
    strategy: str | None = None

    def takes(self, entry: Mapping[str, Any]) -> bool:
        if self.since is not None and str(entry.get("timestamp", "")) < self.since:
            return False
        level = str(entry.get("level"))
        if level in _LEVELS and _LEVELS.index(level) < _LEVELS.index(self.level):
            return False
        if self.events and not any(part in str(entry.get("event")) for part in self.events):
            return False
        if self.actor is not None and not _about(entry, self.actor.casefold()):
            return False
        return all(
            wanted is None or str(entry.get(key, "")).casefold() == wanted.casefold()
            for key, wanted in (("pair", self.pair), ("strategy", self.strategy))
        )


def _about(entry: Mapping[str, Any], actor: str) -> bool:
    restarting = entry.get("restarting")
    names = [entry.get("actor", ""), entry.get("under", "")]
    names += restarting if isinstance(restarting, list) else []
    return any(actor in str(name).casefold() for name in names)


@attrs.frozen
class Sentence:
    """
    An entry in words.

    Args:
        words: A sentence, or the event's name where there is none for it.
        rest: The fields that the sentence does not hold.
        causes: Why, the nearest first.
    """

    words: str
    rest: Entry
    causes: tuple[str, ...] = ()


def sentence_of(entry: Entry) -> Sentence:
    """An entry in words; nothing in them acts on a terminal."""
    event = str(entry.get("event", ""))
    tell = _SENTENCES.get(event)
    used = _Used(entry)
    words = printable(tell(used)) if tell else printable(event)
    rest = {key: value for key, value in entry.items() if key not in used.keys | _CONSUMED}
    cause = entry.get("cause") if "cause" in used.keys else None
    return Sentence(words, rest, tuple(str(cause).split(_CAUSED_BY)) if cause else ())


def told(entry: Entry, *, colour: bool) -> str:
    """An entry as one line, with its cause below; nothing in it acts on a terminal."""
    level = str(entry.get("level", ""))
    sentence = sentence_of(entry)
    time = printable(str(entry.get("timestamp", "")))
    head = f"{time} {printable(level):<8} {sentence.words}"
    chain = "\n".join(f"because {part}" for part in sentence.causes)
    shown = painted(head, level) if colour else head
    exception = below(str(entry.get("exception", "")))
    return f"{shown}{shown_fields(sentence.rest)}{below(chain)}{exception}"


class _Used:
    """An entry that notes which of its fields a sentence has used."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self.keys = set[str]()

    def __call__(self, key: str) -> str:
        self.keys.add(key)
        value = self._entry.get(key, "?")
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    def has(self, key: str) -> bool:
        return self._entry.get(key) not in (None, "", [])


def _ended(of: _Used) -> str:
    of("cause")
    said = f"{of('actor')} ended after {of('age_s')} s (life {of('life')}): {of('verdict')}"
    if of.has("backoff_s"):
        return f"{said}; in {of('backoff_s')} s again: {of('restarting')}"
    return said


def _gave_up(of: _Used) -> str:
    of("cause")
    return f"{of('actor')} gives up: its children failed too often ({of('defects_in_window')})"


def _stop_overdue(of: _Used) -> str:
    return f"ALARM: {of('actor')} was told to stop and does not (life {of('life')})"


def _gates_changed(of: _Used) -> str:
    """The first sentence is the cause; a side that quotes may have gates for its next set."""
    who = f"{of('strategy')} {of('side')}"
    quoting, sentences = of("quoting") == "True", of("sentences")
    codes = of("codes")
    if quoting:
        return f"{who} quotes"
    return f"{who} does not quote: {sentences or codes}"


def _failed(of: _Used) -> str:
    of("cause")
    return "ALARM: the engine failed"


def _order(what: str) -> Callable[[_Used], str]:
    def sentence(of: _Used) -> str:
        terms = [of(key) for key in ("side", "quantity") if of.has(key)]
        price = f" at {of('price')}" if of.has("price") else ""
        name = " ".join([*terms, of("pair")]) if of.has("pair") else " ".join(terms)
        reason = f": {of('reason')}" if of.has("reason") else ""
        return f"order {what}: {name}{price} {of('order')}{reason}".replace("  ", " ")

    return sentence


def _filled(of: _Used) -> str:
    """The fee only where there is one; the trade's id is among what is left."""
    did = "bought" if of("side") == "buy" else "sold"
    fee = of("fee")
    paid = f", fee {fee} {of('fee_currency')}" if fee not in {"0", "None", "?"} else ""
    if not paid:
        of("fee_currency")
    return f"{did} {of('quantity')} {of('pair')} at {of('price')}{paid}: {of('order')}"


def _alert(what: str) -> Callable[[_Used], str]:
    def sentence(of: _Used) -> str:
        about = " ".join(of(key) for key in ("kind", "subject") if of.has(key))
        if of.has("cause"):
            of("cause")
        where = f" no. {of('number')} ({of('destination')})" if of.has("number") else ""
        text = f": {of('text')}" if of.has("text") else ""
        return f"{what}{where}: {about}{text}"

    return sentence


_SENTENCES: Mapping[str, Callable[[_Used], str]] = {
    "engine_start": lambda of: f"== engine {of('engine')} starts on {of('venue')}",
    "engine_stop": lambda of: f"== the engine stops: {of('reason')}",
    "engine_end": lambda of: (
        f"== the engine ended, exit code {of('exit_code')}, flat: {of('flat')}"
    ),
    "engine_failed": _failed,
    "actor_started": lambda of: f"{of('actor')} started (life {of('life')})",
    "actor_stopped": lambda of: f"{of('actor')} was stopped after {of('age_s')} s",
    "actor_ended": _ended,
    "actor_escalated": _gave_up,
    "actor_stop_overdue": _stop_overdue,
    "component_ready": lambda of: f"{of('strategy')}: {of('component')} is ready: {of('evidence')}",
    "component_not_ready": lambda of: (
        f"{of('strategy')}: {of('component')} is NOT ready: {of('reason')}"
    ),
    "halted": lambda of: f"HALTED: {of('reason')}",
    "halt_flat": lambda _of: "the halt is flat: no order of ours is left",
    "resumed": lambda _of: "resumed: the engine may quote again",
    "settings_reloaded": lambda _of: "new settings are in force",
    "fill": _filled,
    "gates_changed": _gates_changed,
    "ready": lambda of: f"{of('strategy')} is ready to quote ({of('components')})",
    "not_ready": lambda of: f"{of('strategy')} is NOT ready to quote ({of('components')})",
    "order_placed": _order("placed"),
    "order_open": _order("open"),
    "order_filled": _order("filled"),
    "order_cancelled": _order("cancelled"),
    "order_cancel_pending": _order("is to be cancelled"),
    "order_rejected": _order("rejected"),
    "order_unknown": _order("of unknown outcome"),
    "order_withdrawn": _order("withdrawn"),
    "alert": _alert("a person is to be told"),
    "alert_sent": _alert("a message has reached"),
    "alert_left_out": _alert("a message is left out, as too many wait for"),
    "last_words_unsent": _alert("a message of the end did not reach"),
}
