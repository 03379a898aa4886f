"""Filters news that cannot be read or believed; where it may concern our orders, asks the venue."""

from collections.abc import Callable, Iterable

from trading.core.listed import OddRow
from trading.core.odd_rows import OddRows
from trading.gateway.turn import Turn
from trading.messages.account import (
    FillReported,
    NewsGarbled,
    OpenOrdersListed,
    OrderNews,
    RowUnread,
)
from trading.orders.fill_times import impossible


class Unreadable:
    """
    Sorts out unreadable and impossible news of the account's stream.

    Args:
        ours: Whether a text names an order of ours, by our id or the venue's.
        ask: Has everything compared with the venue at once.
    """

    def __init__(self, turn: Turn, ours: Callable[[str], bool], ask: Callable[[], None]) -> None:
        self._turn = turn
        self._ours = ours
        self._ask = ask
        self._odd_rows = OddRows()

    def hear(self, news: OrderNews) -> bool:
        """Check a piece of news; whether it is dealt with."""
        match news:
            case NewsGarbled(reason):
                self._on_garbled(reason)
            case RowUnread(odd):
                self._tell((odd,))
                if odd.concerns(self._ours):
                    self._on_garbled(str(odd))
            case FillReported(fill, listed=False) if problem := self._impossible(news):
                self._on_garbled(f"the fill {fill.trade_id} of {fill.venue_order_id}: {problem}")
            case OpenOrdersListed(odd=odd):
                # The list shows the same rows with each change of any order.
                for row in self._tell(odd):
                    if row.concerns(self._ours):
                        self._on_garbled(str(row))
                return False
            case _:
                return False
        return True

    def _tell(self, odd: Iterable[OddRow]) -> tuple[OddRow, ...]:
        new = self._odd_rows.new(odd)
        for row in new:
            self._turn.warning("row_unread", row=str(row))
        return new

    def _impossible(self, news: FillReported) -> str:
        return impossible(news.fill, self._turn.seen.venue_ms)

    def _on_garbled(self, reason: str) -> None:
        """What came may have been about any order: ask for all of them, and for the fills."""
        self._turn.error("order_news_garbled", reason=reason)
        self._ask()
