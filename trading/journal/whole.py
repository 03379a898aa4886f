"""
The whole ledger: its file and the archives into which old sessions were moved, read as one.

Rows keep their numbers when they are moved, so files are merged by them: what is read is what the
ledger's file alone would have said before. A trade, or an order, that the venue tells of again
after its session was moved is in two files; it counts once, in its first place.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import starmap
from operator import itemgetter
from typing import TypeVar

import attrs

from trading.core.identifiers import ClientOrderId, Currency, Pair, base36
from trading.core.market import Balance
from trading.journal import streams
from trading.journal.stored import StoredFill, StoredOrder, text_of, whole_of
from trading.journal.tables import Query

T = TypeVar("T")

_SESSION_PART = 3
"""``qw-ENGINE-STRATEGY-SESSION-COUNT``"""


@attrs.frozen
class Whole:
    """
    The files of a ledger at one moment.

    Args:
        ledger: The file that an engine writes.
        archives: Those that the ledger names, oldest first.
    """

    ledger: Query
    archives: Sequence[Query] = ()

    @property
    def files(self) -> Sequence[Query]:
        """All of them, oldest first."""
        return (*self.archives, self.ledger)

    @property
    def with_older(self) -> Iterator[tuple[Query, Sequence[Query]]]:
        """Each file, oldest first, with those that are older."""
        return ((file, self.files[:place]) for place, file in enumerate(self.files))


# Each function below may raise DamagedRow.


def orders(
    whole: Whole, *, venue: str | None, since_ns: int, ended_too: bool
) -> Iterator[StoredOrder]:
    """
    Orders in their newest state, oldest first.

    Args:
        venue: Only of sessions there; ``None`` for all.
        since_ns: Only those to which something happened since, by the wall clock.
        ended_too: Also those that have ended.
    """

    def of(file: Query) -> Iterator[tuple[int, StoredOrder]]:
        return streams.each_order(file, venue=venue, since_ns=since_ns, ended_too=ended_too)

    again = _told_again(whole)
    if not again:
        return map(itemgetter(1), _merged(map(of, whole.files)))
    newest = {
        order.client_order_id: order
        for file in whole.files
        for _, order in of(file)
        if order.client_order_id in again and again[order.client_order_id].newest is file
    }
    in_place = sorted(
        (
            (twice.number, _of_intent(newest[name], twice.intent))
            for name, twice in again.items()
            if name in newest
        ),
        key=itemgetter(0),
    )
    rest = [
        (numbered for numbered in of(file) if numbered[1].client_order_id not in again)
        for file in whole.files
    ]
    return map(itemgetter(1), _merged([in_place, *rest]))


def fills(
    whole: Whole, *, venue: str | None, since_ms: int = 0, before_ms: int | None = None
) -> Iterator[StoredFill]:
    """
    Fills in the order in which they were booked.

    Args:
        venue: ``None`` for all.
        since_ms: Only those traded since, by the venue's clock.
        before_ms: Only those traded before that.
    """

    def of(file: Query) -> Iterator[tuple[int, StoredFill]]:
        return streams.each_fill(file, venue=venue, since_ms=since_ms, before_ms=before_ms)

    def new(file: Query, older: Sequence[Query]) -> Iterator[tuple[int, StoredFill]]:
        return (
            numbered
            for numbered in of(file)
            if not older
            or _made_in(numbered[1].fill.client_order_id, numbered[1].session)
            or not any(_has_fill(other, numbered[1]) for other in older)
        )

    return map(itemgetter(1), _merged(starmap(new, whole.with_older)))


def events_of(whole: Whole, order_id: str) -> list[StoredOrder]:
    """An order after each of its events, oldest first; empty for one that is in no file."""
    found = [event for file in whole.files for event in streams.events_of(file, order_id)]
    return [_of_intent(event, found[0]) for event in found]


def fills_of(whole: Whole, order_id: str) -> list[StoredFill]:
    """An order's fills as they were booked."""
    by_trade: dict[tuple[str, str], StoredFill] = {}
    for _, stored in _merged(streams.fills_of(file, order_id) for file in whole.files):
        by_trade.setdefault((stored.venue, stored.fill.trade_id), stored)
    return list(by_trade.values())


def balances(whole: Whole, venue: str, *, before_ms: int | None = None) -> dict[Currency, Balance]:
    """
    The newest that is known of each currency on a venue.

    Args:
        before_ms: Only of earlier moments by the venue's clock; ``None`` for now.
    """
    newest: dict[Currency, tuple[int, Balance]] = {}
    end = {} if before_ms is None else {"before_ms": before_ms}
    for file in whole.files:
        for currency, numbered in streams.newest_balances(file, venue, **end).items():
            if currency not in newest or numbered[0] > newest[currency][0]:
                newest[currency] = numbered
    return {currency: balance for currency, (_, balance) in newest.items()}


def mid_price(whole: Whole, venue: str, pair: Pair) -> tuple[int, Decimal] | None:
    """A pair's newest mid price that a decision went by, and when (wall ns)."""
    found = [streams.newest_mid_price(file, venue, pair) for file in whole.files]
    newest = max((one for one in found if one is not None), default=None, key=itemgetter(0))
    return None if newest is None else newest[1:]


@attrs.define
class _Twice:
    """
    An order that is in several files.

    Args:
        number: Its place, which is that in the oldest of them.
        intent: It after its first event, there.
        newest: The newest file that has it, which says how it is.
    """

    number: int
    intent: StoredOrder
    newest: Query


def _told_again(whole: Whole) -> dict[ClientOrderId, _Twice]:
    again: dict[ClientOrderId, _Twice] = {}
    for file, older in whole.with_older:
        # An order that is written down without its decision has no mid price.
        text = "SELECT client_order_id, session FROM orders WHERE mid_price IS NULL"
        for name, session in file.each(text, ()) if older else ():
            order_id = ClientOrderId(text_of(name))
            if order_id in again:
                again[order_id].newest = file
            elif not _made_in(order_id, whole_of(session)):
                places = (streams.first_of(other, order_id) for other in older)
                if (first := next(filter(None, places), None)) is not None:
                    again[order_id] = _Twice(*first, file)
    return again


def _made_in(order_id: ClientOrderId | None, session: int) -> bool:
    """Whether an order is of the session that wrote it down, as nearly every one is."""
    parts = (order_id or "").split("-")
    return parts[_SESSION_PART : _SESSION_PART + 1] == [base36(session)]


def _has_fill(file: Query, stored: StoredFill) -> bool:
    found = file(
        "SELECT 1 FROM fills WHERE venue = ? AND trade_id = ?",
        (stored.venue, stored.fill.trade_id),
    )
    return bool(found)


def _of_intent(event: StoredOrder, intent: StoredOrder) -> StoredOrder:
    """An order after an event, with what was decided as it was first written down."""
    if event.session == intent.session:
        return event
    return attrs.evolve(
        event,
        session=intent.session,
        strategy=intent.strategy,
        pair=intent.pair,
        side=intent.side,
        price=intent.price,
        post_only=intent.post_only,
        time_in_force=intent.time_in_force,
        mid_price=intent.mid_price,
        decided_at_ns=intent.decided_at_ns,
    )


def _merged(files: Iterable[Iterable[tuple[int, T]]]) -> Iterator[tuple[int, T]]:
    return heapq.merge(*files, key=itemgetter(0))
