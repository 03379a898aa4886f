"""The wire to the session's recording: it never waits, and what it cannot take is counted."""

from collections import Counter

from actors.ports.ports import WallClock
from trading.recorded.noted import Entry, Gap, Part, part_of


class Tap:
    """
    Takes what passes through the engine, until the recorder fetches it.

    Whoever notes something never waits and is never woken: that is what a recording may cost.

    Args:
        capacity: Entries that may wait; more are dropped, and a gap of so many is told next.
        wall_clock: Dates what is noted.

    Attributes:
        dropped: Entries for which there was no room, or no recorder, over all lives of it.
    """

    def __init__(self, capacity: int, wall_clock: WallClock) -> None:
        self.wall_clock = wall_clock
        self.dropped = 0
        self._capacity = capacity
        self._waiting: list[Entry | Gap] = []
        self._lost: Counter[Part] = Counter()
        self._shut = False

    def note(self, entry: Entry) -> None:
        """Have an entry written, if there is room for it."""
        if self._shut or len(self._waiting) >= self._capacity:
            self.lose(entry)
            return
        if self._lost:
            self._tell_gaps()
        self._waiting.append(entry)

    def take(self) -> list[Entry | Gap]:
        """Everything that waits, oldest first; each gap before what came after it."""
        taken, self._waiting = self._waiting, []
        return taken

    def lose(self, entry: Entry | Gap) -> None:
        """Count an entry that will not be written; a gap is told in its place."""
        if isinstance(entry, Gap):
            self._lost[entry.part] += entry.lost
            return
        self.dropped += 1
        self._lost[part_of(entry)] += 1

    def open(self) -> None:
        """Take entries, again."""
        self._shut = False

    def shut(self) -> None:
        """Take no more: nobody fetches them. What waits is lost, and all that comes."""
        self._shut = True
        for entry in self.take():
            self.lose(entry)

    def _tell_gaps(self) -> None:
        now = self.wall_clock()
        self._waiting += [Gap(part, now, lost) for part, lost in self._lost.items()]
        self._lost.clear()
