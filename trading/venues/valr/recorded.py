"""When VALR says that a book changed: what a dataset needs of a frame, and an engine does not."""

import msgspec

from trading.venues.valr.codec import fields


class _Levels(msgspec.Struct):
    lc: int | None = None


class _Orders(msgspec.Struct):
    LastChange: int | str | None = None


class _Frame(msgspec.Struct):
    d: _Levels | None = None
    data: _Orders | None = None


_frames = msgspec.json.Decoder(_Frame)


def changed_at_ms(frame: str) -> int | None:
    """
    Milliseconds since the epoch by VALR's clock; ``None`` where it does not say.

    ``lc`` of the feeds of levels and ``LastChange`` of single orders are numbers, ``LastChange`` of
    the aggregated book is a text.
    """
    try:
        found = _frames.decode(frame)
        told = found.d.lc if found.d is not None else None
        changed = found.data.LastChange if found.data is not None else told
        return fields.time_ms(changed) if isinstance(changed, str) else changed
    except (*fields.UNREADABLE, ValueError):
        return None
