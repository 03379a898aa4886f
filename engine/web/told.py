"""What a person was told lately, and what became of each message, from what the log says of it."""

from collections import OrderedDict
from typing import Any

import attrs

Json = dict[str, Any]
Key = tuple[str, str, bool, str]
"""By this, lines of one message belong together: kind, subject, whether it is over, moment."""

SHOWN_MAX = 20
_TEXT_MAX = 500
_ENDS = {
    "alert_sent": "arrived",
    "alert_left_out": "left out: too many waited",
    "last_words_unsent": "did not arrive",
}


@attrs.define
class _Message:
    """
    One message.

    Args:
        destinations: How many it was for.
        outcomes: What became of it, by the destination's number.
        waits: Whether it may still arrive where nothing became of it yet.
    """

    at: int
    title: str
    text: str
    destinations: int
    outcomes: dict[int, Json] = attrs.field(factory=dict)
    waits: bool = True


class Told:
    """The newest messages, folded from entries of the log; any other entry changes nothing."""

    def __init__(self) -> None:
        self._messages: OrderedDict[Key, _Message] = OrderedDict()
        self._goes_on = False

    def take(self, entry: Json, at_ms: int) -> bool:
        """Whether something has changed by an entry; at_ms is the moment at which it was logged."""
        event = entry.get("event")
        if event == "strategies_changed":
            self._goes_on = True  # the next session has what waited in this one
        elif event == "engine_start":
            goes_on, self._goes_on = self._goes_on, False
            return not goes_on and self._cut_off()
        elif event == "alert":
            return self._new(entry, at_ms)
        elif event in _ENDS:
            return self._became(entry, at_ms)
        return False

    def shown(self) -> list[Json]:
        """As the page shows them, the newest first."""
        return [
            {
                "at": one.at,
                "title": one.title,
                "text": one.text,
                "destinations": one.destinations,
                "outcomes": [one.outcomes[number] for number in sorted(one.outcomes)],
                "waits": one.waits and len(one.outcomes) < one.destinations,
            }
            for one in reversed(self._messages.values())
        ]

    def _new(self, entry: Json, at_ms: int) -> bool:
        title = " ".join(str(entry.get(key, "")) for key in ("kind", "subject")).strip()
        title = title.replace("_", " ")
        self._messages[_key(entry)] = _Message(
            at=at_ms,
            title=f"over: {title}" if entry.get("over") is True else title,
            text=str(entry.get("text", ""))[:_TEXT_MAX],
            destinations=_whole(entry.get("destinations")),
        )
        while len(self._messages) > SHOWN_MAX:
            self._messages.popitem(last=False)
        return True

    def _became(self, entry: Json, at_ms: int) -> bool:
        message = self._messages.get(_key(entry))
        if message is None:
            return False
        number, event = _whole(entry.get("number")), str(entry.get("event"))
        cause = str(entry.get("cause") or "")[:_TEXT_MAX]
        message.outcomes[number] = {
            "number": number,
            "name": str(entry.get("destination", ""))[:_TEXT_MAX],
            "at": at_ms,
            "arrived": event == "alert_sent",
            "words": f"{_ENDS[event]}: {cause}" if cause else _ENDS[event],
        }
        return True

    def _cut_off(self) -> bool:
        waited = [one for one in self._messages.values() if one.waits]
        for one in waited:
            one.waits = False
        return bool(waited)


def _key(entry: Json) -> Key:
    kind, subject, at = (str(entry.get(key, "")) for key in ("kind", "subject", "at"))
    return kind, subject, entry.get("over") is True, at


def _whole(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < 2**31 else 0
