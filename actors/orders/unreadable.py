"""Filters news that cannot be read or believed; where it may concern our orders, asks the venue."""

from collections.abc import Callable

import structlog

from actors.net.odd_rows import OddRowsTold
from actors.ports.ports import WallClock
from trading.messages.account import (
    FillReported,
    NewsGarbled,
    OpenOrdersListed,
    OrderNews,
    RowUnread,
)
from trading.orders.fill_times import impossible

log = structlog.get_logger()


class Unreadable:
    """
    Sorts out unreadable and impossible news of the account's stream.

    Args:
        ours: Whether a text names an order of ours, by our id or the venue's.
        ask: Has everything compared with the venue at once.
        venue_clock: The venue's wall clock, as far as we know it.
    """

    def __init__(
        self, ours: Callable[[str], bool], ask: Callable[[], None], venue_clock: WallClock
    ) -> None:
        self._ours = ours
        self._ask = ask
        self._venue_clock = venue_clock
        self._odd_rows = OddRowsTold()

    def hear(self, news: OrderNews) -> bool:
        """Check a piece of news; whether it is dealt with."""
        match news:
            case NewsGarbled(reason):
                self._on_garbled(reason)
            case RowUnread(odd):
                self._odd_rows.tell((odd,))
                if odd.concerns(self._ours):
                    self._on_garbled(str(odd))
            case FillReported(fill, listed=False) if problem := self._impossible(news):
                self._on_garbled(f"the fill {fill.trade_id} of {fill.venue_order_id}: {problem}")
            case OpenOrdersListed(odd=odd):
                # The list shows the same rows with each change of any order.
                for row in self._odd_rows.tell(odd):
                    if row.concerns(self._ours):
                        self._on_garbled(str(row))
                return False
            case _:
                return False
        return True

    def _impossible(self, news: FillReported) -> str:
        return impossible(news.fill, self._venue_clock() // 1_000_000)

    def _on_garbled(self, reason: str) -> None:
        """What came may have been about any order: ask for all of them, and for the fills."""
        log.error("order_news_garbled", reason=reason)
        self._ask()
