"""Reads the venue's lists of our fills to their ends, over as many looks as that takes."""

from collections.abc import Sequence

import attrs
import msgspec

from trading.core.errors import Outage, Rejected
from trading.core.identifiers import TradeId
from trading.core.listed import OddRow
from trading.gateway.scripts import Script, ask
from trading.gateway.turn import Turn
from trading.orders.fill_times import impossible
from trading.orders.order import Fill
from trading.venues.interface import FillList

_OVERLAP_MS = 60_000
"""Read so far beyond the newest fill we know: fills may be listed late and out of order."""

_PAGES_PER_LOOK = 20
"""Then the caller can do something else; the next look goes on where this one ended."""

_FILLS_MAX = 50_000
"""More fills than these since the newest that we know are not read; it is told, and not agreed."""

_REPEATED_MAX = 3
"""Pages in a row that bring nothing new; one or two may, where the list shifts as it is read."""

_TOO_MANY = f"there are more than {_FILLS_MAX} fills since the last that is known"
_SAME_AGAIN = "the venue's list of fills shows the same fills again and again"


class FillsRead(msgspec.Struct, frozen=True, kw_only=True):
    """
    The fills that one reading has found.

    Args:
        fills: Newest first, without those that cannot be booked.
        odd: Rows that cannot be read or believed.
        unread: Why the list was not read to its end; empty when it was.
    """

    fills: tuple[Fill, ...]
    odd: tuple[OddRow, ...]
    unread: str


@attrs.define(kw_only=True)
class FillReading:
    """
    The reading of one list of fills, and how far it has come.

    Newer fills push the older ones down while the list is read, so a fill may be read twice, and
    none is left out.

    Args:
        fill_list: The venue's.
        since_ms: Of the newest fill known, by the venue's wall clock; ``None`` reads all there is.
    """

    turn: Turn
    fill_list: FillList
    since_ms: int | None
    _skip: int = 0
    _last: Fill | None = None
    _repeated: int = 0
    _newest_ms: int | None = None
    _seen: set[TradeId] = attrs.field(factory=set)
    _odd: dict[str, OddRow] = attrs.field(factory=dict)

    @property
    def under_way(self) -> bool:
        """Whether the next look goes on where the last one ended."""
        return self._skip > 0

    def read_from(self, at_ms: int) -> None:
        """Read further back than to the newest fill known: something older is missing."""
        if self.since_ms is not None:
            self.since_ms = min(self.since_ms, at_ms)

    def look(self) -> Script[FillsRead]:
        """
        Read on.

        Raises:
            Outage: A page could not be had; the next look asks for it again.
            Rejected: The venue did not give it.
        """
        fills: list[Fill] = []
        skip, last, seen = self._skip, self._last, set(self._seen)
        try:
            unread = yield from self._pages(fills)
        except (Outage, Rejected):
            # The fills read meanwhile are not handed on.
            self._skip, self._last, self._seen = skip, last, seen
            raise
        odd = tuple(self._odd.values())
        if not unread:
            self._to_the_end()
        return FillsRead(fills=tuple(fills), odd=odd, unread=unread)

    def _pages(self, fills: list[Fill]) -> Script[str]:
        """Read some pages; why that was not all."""
        for _ in range(_PAGES_PER_LOOK):
            if (yield from self._page(fills)):
                return ""
            stuck, too_many = self._repeated >= _REPEATED_MAX, self._skip >= _FILLS_MAX
            if stuck or too_many:
                self._begin_anew()
                return _SAME_AGAIN if stuck else _TOO_MANY
        return f"the venue's fills are being read, {self._skip} so far"

    def _page(self, fills: list[Fill]) -> Script[bool]:
        """Read a page; whether it is the last one needed."""
        page = yield from ask(self.fill_list(self._skip, self._last))
        length = len(page) + len(page.odd)
        self._skip += length
        if page.rows:
            self._last = page.rows[-1]
        for row in page.odd:
            self._odd.setdefault(row.problem + str(row.names), row)
        good = [fill for fill in page if self._believable(fill)]
        fills += good
        names = {fill.trade_id for fill in good}
        self._repeated = 0 if names - self._seen else self._repeated + 1
        self._seen |= names
        if good:
            newest_ms = max(fill.traded_at_ms for fill in good)
            self._newest_ms = max(self._newest_ms or newest_ms, newest_ms)
        since_ms = self.since_ms
        far = since_ms is not None and good and good[-1].traded_at_ms < since_ms - _OVERLAP_MS
        return not length or bool(far)

    def _believable(self, fill: Fill) -> bool:
        problem = impossible(fill, self.turn.seen.venue_ms)
        if problem:
            names = {fill.trade_id, fill.venue_order_id, fill.client_order_id}
            row = OddRow(
                where="a row of the fills",
                problem=problem,
                names=frozenset(str(name) for name in names if name is not None),
            )
            self._odd.setdefault(str(row), row)
        return not problem

    def _to_the_end(self) -> None:
        """Note that all fills up to the newest of these are known from now on."""
        if self._newest_ms is not None:
            newest_ms = min(self._newest_ms, self.turn.seen.venue_ms)
            self.since_ms = max(self.since_ms or newest_ms, newest_ms)
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._skip, self._last, self._repeated, self._newest_ms = 0, None, 0, None
        self._seen.clear()
        self._odd.clear()


@attrs.define(kw_only=True)
class FillReadings:
    """
    The reading of all of a venue's lists of fills, each from its own place.

    Args:
        lists: One of the account, or one for each pair.
    """

    lists: Sequence[FillReading]
    _found: list[Fill] = attrs.field(factory=list)

    @property
    def under_way(self) -> bool:
        """Whether the next look goes on where the last one ended."""
        return any(one.under_way for one in self.lists)

    def read_from(self, at_ms: int) -> None:
        """Read further back than to the newest fill known: something older is missing."""
        for one in self.lists:
            one.read_from(at_ms)

    def look(self) -> Script[FillsRead]:
        """
        Read on, in each list.

        Raises:
            Outage: A page could not be had; the next look asks for it again.
            Rejected: The venue did not give it.
        """
        odd: list[OddRow] = []
        unread = ""
        for one in self.lists:
            read = yield from one.look()
            # Kept for when a later list fails: this list will not show them again.
            self._found += read.fills
            odd += read.odd
            unread = unread or read.unread
        found, self._found = tuple(self._found), []
        return FillsRead(fills=found, odd=tuple(odd), unread=unread)
