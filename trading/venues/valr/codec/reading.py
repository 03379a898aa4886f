"""Reads the body of a successful answer into a value, or raises ``MalformedFrame``."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from trading.core.errors import MalformedFrame
from trading.core.identifiers import Pair, VenueOrderId
from trading.core.listed import Listed, ListedBy, OddRow, OrderName
from trading.venues.valr.codec import fields

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
W = TypeVar("W")

Whose = Callable[[Mapping[str, object]], frozenset[str] | None]
"""The names of what a row is about, by what is in it; ``None`` where they cannot be told."""

_pieces = msgspec.json.Decoder(list[msgspec.Raw])
_anything = msgspec.json.Decoder()


def reader(shape: type[W], read: Callable[[W], T]) -> Callable[[bytes], T]:
    decoder = msgspec.json.Decoder(shape)

    def decode(body: bytes) -> T:
        try:
            return read(decoder.decode(body))
        except (*fields.UNREADABLE, ValueError) as error:
            raise MalformedFrame(str(error), body) from error

    return decode


def rows(
    shape: type[W], read: Callable[[W], T], whose: Whose, *, of: str
) -> Callable[[bytes], Listed[T]]:
    """
    Read a list row by row.

    Args:
        shape: Of one row.
        of: What it is a list of.
    """
    decoder = msgspec.json.Decoder(shape)

    def decode(body: bytes) -> Listed[T]:
        try:
            pieces = _pieces.decode(body)
        except fields.UNREADABLE as error:
            raise MalformedFrame(str(error), body) from error
        return each(pieces, lambda piece: read(decoder.decode(piece)), whose, of=of)

    return decode


def each(
    pieces: Iterable[bytes], read: Callable[[bytes], T], whose: Whose, *, of: str
) -> Listed[T]:
    """Read each row of a list; an unreadable row does not cost the others."""
    good: list[T] = []
    odd: list[OddRow] = []
    for number, piece in enumerate(pieces, start=1):
        try:
            good.append(read(piece))
        except (*fields.UNREADABLE, ValueError) as error:
            odd.append(odd_row(f"row {number} of the {of}", piece, error, whose))
    return Listed(tuple(good), tuple(odd))


def rows_by(
    shape: type[W], read: Callable[[W], tuple[K, V] | None], whose: Whose, *, of: str
) -> Callable[[bytes], ListedBy[K, V]]:
    """
    Read a list that has one row for each of something.

    Args:
        read: A row's key and value; ``None`` for a row that is to be left out.
        of: What it is a list of.
    """
    listed = rows(shape, read, whose, of=of)

    def decode(body: bytes) -> ListedBy[K, V]:
        found = listed(body)
        return ListedBy(dict(row for row in found.rows if row is not None), found.odd)

    return decode


def odd_row(where: str, row: bytes, error: Exception, whose: Whose) -> OddRow:
    """What can be told of a row that cannot be read."""
    try:
        value: Any = _anything.decode(row)
    except fields.UNREADABLE:
        value = None
    problem = str(error)[: MalformedFrame.EXCERPT_LENGTH_MAX]
    if not isinstance(value, dict):
        return OddRow(where=where, problem=problem, names=None)
    names = whose(value)
    return OddRow(
        where=where, problem=problem, names=names, order=None if names is None else _order(value)
    )


def by(*path: str) -> Whose:
    """Rows that are named by one field, which may lie within others."""

    def whose(row: Mapping[str, object]) -> frozenset[str] | None:
        *outer, last = path
        for field in outer:
            inner = row.get(field)
            if not isinstance(inner, dict):
                return None
            row = inner
        name = _text(row, last)
        return None if name is None else frozenset({name})

    return whose


def by_order(row: Mapping[str, object]) -> frozenset[str] | None:
    """
    Whose an order's or a fill's row is.

    All of our orders have a customer order id, so one that can be read settles it. A row without
    one is told by the order's id. One that is there and is no text may be ours.
    """
    named = row.get("customerOrderId") or None
    names = [_text(row, "customerOrderId"), _text(row, "orderId"), _text(row, "id")]
    if (named is not None and names[0] is None) or (named is None and names[1] is None):
        return None
    return frozenset(name for name in names if name is not None)


def _order(row: Mapping[str, object]) -> OrderName | None:
    pair, order_id = _text(row, "currencyPair"), _text(row, "orderId")
    if pair is None or order_id is None:
        return None
    return OrderName(
        pair=Pair(pair),
        venue_order_id=VenueOrderId(order_id),
        client_order_id=fields.client_order_id(_text(row, "customerOrderId")),
    )


def _text(row: Mapping[str, object], field: str) -> str | None:
    """A name in a row; nothing where it is missing, empty or no name at all."""
    value = row.get(field)
    return value if isinstance(value, str) and fields.is_name(value) else None
