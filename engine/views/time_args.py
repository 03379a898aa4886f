"""What people write for "since when", as nanoseconds since the epoch."""

import re
from datetime import UTC, datetime, timedelta

_SPAN = re.compile(r"([0-9]{1,6})(s|m|h|d|w)", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def since_ns(text: str, now_ns: int) -> int:
    """
    Nanoseconds since the epoch of a span before now (``2h``) or a moment (``2026-11-21``).

    A moment without a time zone is UTC, as in the log.

    Raises:
        ValueError: The text is neither.
    """
    if span := _SPAN.fullmatch(text):
        ago = timedelta(**{_UNITS[span[2]]: int(span[1])})
        return now_ns - _nanoseconds(ago)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time: write a span (90m, 2h, 3d), a day (2026-11-21) or a moment"
            " (2026-11-21T08:30, UTC unless it says otherwise)"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return _nanoseconds(moment - _EPOCH)


def moment_text(ns: int) -> str:
    """A moment as the log writes it, to the millisecond, in UTC."""
    moment = _EPOCH + timedelta(microseconds=ns // 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _nanoseconds(span: timedelta) -> int:
    return (span // timedelta(microseconds=1)) * 1000
