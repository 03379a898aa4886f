"""Wrong designs of order books."""

from collections.abc import Mapping
from typing import Any

from actors.market.order_book import OrderBookActor
from tests.wrong_designs.design import Design, put
from trading.books.book import Book
from trading.books.levels import OrderBook
from trading.books.queues import QueueBook
from trading.core.market import Side


def checksum_ignored() -> None:
    """The venue's checksum is not looked at."""

    def blind(_book: Any, _checksum: int | None) -> None:
        """Nothing is compared."""

    put(Book, "verify", blind)


def gaps_ignored() -> None:
    """A change is applied whichever came before it, and the checksum is not looked at."""
    checksum_ignored()
    follow, apply = QueueBook._follows, OrderBook.apply  # noqa: SLF001

    def applied(self: OrderBook, change: Any) -> None:
        if self.sequence is not None:
            self.sequence = change.sequence - 1
        apply(self, change)

    def followed(self: QueueBook, change: Any) -> bool:
        if self.sequence is not None:
            self.sequence = change.sequence - 1
        return follow(self, change)

    put(OrderBook, "apply", applied)
    put(QueueBook, "_follows", followed)


def crossed_book_shown() -> None:
    """A book whose best bid is above its best ask is quoted from like any other."""

    def careless(kept: Any) -> str | None:
        if kept.empty:
            return "no snapshot yet"
        if kept.best(Side.BUY) is None or kept.best(Side.SELL) is None:
            return "a side of the book is empty"
        return None

    put(Book, "trouble", careless)


def unsafe_top_stays() -> None:
    """While a book waits for a fresh snapshot its old top is still shown."""

    def keep(_self: OrderBookActor, _reason: str) -> None:
        """Nothing is withdrawn."""

    put(OrderBookActor, "_withdraw", keep)


DESIGNS: Mapping[str, Design] = {
    "checksum_ignored": Design(checksum_ignored),
    "gaps_ignored": Design(gaps_ignored),
    "crossed_book_shown": Design(crossed_book_shown),
    "unsafe_top_stays": Design(unsafe_top_stays),
}
