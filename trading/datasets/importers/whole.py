"""Books that a source shows whole each time: what is other in one than in the one before."""

from collections.abc import Mapping

import attrs

from trading.datasets.record import Flags, Kind, RecordSide

Change = tuple[int, int, int, int, int, int]
"""Price, quantity, order, kind, side and flags: a record without its times."""

Levels = Mapping[tuple[int, int], tuple[int, int]]
"""By side and price: quantity and flags."""

_LEVEL, _SNAPSHOT = int(Kind.LEVEL), int(Kind.SNAPSHOT_LEVEL)
_CLEAR: Change = (0, 0, 0, int(Kind.CLEAR), int(RecordSide.NONE), 0)
_LAST = int(Flags.LAST)


@attrs.define
class WholeBooks:
    """Keeps the book that was shown last; nothing before the first, and after a gap."""

    shown: Levels | None = None

    def changes(self, now: Levels) -> list[Change]:
        """The records of a book: of the first one all of it, of others the differences."""
        before, self.shown = self.shown, now
        if before is None:
            return ended([_CLEAR, *_rows(now, _SNAPSHOT)])
        gone = dict.fromkeys(sorted(before.keys() - now.keys()), (0, 0))
        changed = {key: level for key, level in now.items() if before.get(key) != level}
        return ended([*_rows(gone, _LEVEL), *_rows(changed, _LEVEL)])

    def forget(self) -> None:
        """Tell the next book whole again."""
        self.shown = None


def ended(changes: list[Change]) -> list[Change]:
    """Changes that were told at once: the last of them is marked."""
    if changes:
        price, quantity, order, kind, side, flags = changes[-1]
        changes[-1] = price, quantity, order, kind, side, flags | _LAST
    return changes


def _rows(levels: Levels, kind: int) -> list[Change]:
    return [(price, lots, 0, kind, side, flags) for (side, price), (lots, flags) in levels.items()]
