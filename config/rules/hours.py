"""Times of day and parts of a day, in UTC."""

import re

import attrs

from config.rules.rules import shown, text_of
from config.source.problems import Refused

_HOURS = re.compile(r"([0-9]{2}):([0-9]{2})[ ]?-[ ]?([0-9]{2}):([0-9]{2})", re.ASCII)
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})", re.ASCII)
_MINUTES = 60
_DAY_MINUTES = 24 * _MINUTES


@attrs.frozen(kw_only=True)
class Hours:
    """
    A part of each day.

    Args:
        start: Seconds after midnight, UTC.
        end: Seconds after midnight, UTC; before ``start`` it is on the next day.
    """

    start: int
    end: int


@attrs.frozen
class DailyHours:
    """Two times of day, UTC: ``"08:00-17:30"``; ``"22:00-06:00"`` goes past midnight."""

    def read(self, value: object) -> Hours:
        text = text_of(value)
        match = _HOURS.fullmatch(text.strip())
        cure = 'write two times of day in UTC, for example "08:00-17:30"'
        if match is None:
            raise Refused(f"{shown(text)} is not a part of the day", cure)
        from_hour, from_minute, to_hour, to_minute = (int(part) for part in match.groups())
        start, end = from_hour * _MINUTES + from_minute, to_hour * _MINUTES + to_minute
        if max(from_minute, to_minute) >= _MINUTES or start >= _DAY_MINUTES or end > _DAY_MINUTES:
            raise Refused(f"{shown(text)} holds a time that no day has", cure)
        if start == end:
            raise Refused(f"{shown(text)} is empty", "leave it out for the whole day")
        return Hours(start=start * 60, end=end * 60)


@attrs.frozen
class TimeOfDay:
    """A time of day, UTC: ``"07:30"``; read as seconds after midnight."""

    def read(self, value: object) -> int:
        text = text_of(value)
        match = _TIME.fullmatch(text.strip())
        minutes = -1 if match is None else int(match[1]) * _MINUTES + int(match[2])
        if match is None or int(match[2]) >= _MINUTES or not 0 <= minutes < _DAY_MINUTES:
            raise Refused(
                f"{shown(text)} is not a time of day", 'write, for example, "07:30" (UTC)'
            )
        return minutes * 60
