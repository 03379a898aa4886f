"""Moments on the command line, and spans in plans."""

import re
from datetime import UTC, datetime
from fractions import Fraction

_NS = 1_000_000_000
_AFTER = re.compile(r"\+([0-9]{1,9}(?:\.[0-9]{1,9})?)", re.ASCII)
_NANOSECONDS = re.compile(r"[0-9]{18,19}", re.ASCII)


class WrongMoment(ValueError):
    """A text is no moment."""


def moment_of(text: str, began_ns: int | None) -> int:
    """
    A moment, in nanoseconds since the epoch.

    Args:
        text: ``2026-11-29T20:16:59.5Z``, 19 digits of nanoseconds, or ``+90`` for so many seconds
            after a beginning.
        began_ns: That beginning; ``None`` where there is none.

    Raises:
        WrongMoment: It is none of them.
    """
    if (after := _AFTER.fullmatch(text)) and began_ns is not None:
        return began_ns + int(Fraction(after[1]) * _NS)
    if _NANOSECONDS.fullmatch(text):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongMoment(
            f"{text[:40]!r} is no moment: write 2026-01-31T08:00:00Z, nanoseconds since 1970, or"
            " +90 for so many seconds after the beginning"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * _NS + since.microseconds * 1000
