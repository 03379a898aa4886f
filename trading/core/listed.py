"""A venue's lists, read row by row, so that one unreadable row does not cost the others."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar, overload

import attrs
import msgspec
from typing_extensions import override

from trading.core.identifiers import ClientOrderId, Pair, VenueOrderId

T = TypeVar("T")
K = TypeVar("K")
V_co = TypeVar("V_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)


class OrderName(msgspec.Struct, frozen=True, kw_only=True):
    """What a cancel needs to know of an order."""

    pair: Pair
    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None


def _in_order(names: frozenset[str] | None) -> str:
    return "None" if names is None else repr(sorted(names))


@attrs.frozen(kw_only=True)
class OddRow:
    """
    A row of a list that cannot be read.

    Args:
        where: The list, and which of its rows it is, counted from 1.
        problem: Which field it is, and what was expected there.
        names: Of what it is a row: each name of a pair, a currency, an order or a fill that can be
            read in it. ``None`` where none can be read: the row may be of anything.
        order: The order that it is about, where it could be cancelled by what can be read.
    """

    where: str
    problem: str
    names: frozenset[str] | None = attrs.field(repr=_in_order)
    order: OrderName | None = None

    def concerns(self, ours: Callable[[str], bool]) -> bool:
        """Whether it is, or may be, of something that is ours."""
        return self.names is None or any(ours(name) for name in self.names)

    @override
    def __str__(self) -> str:
        whose = "of what cannot be told" if self.names is None else ", ".join(sorted(self.names))
        return f"{self.where} ({whose}) cannot be read: {self.problem}"


def first_of(odd: Iterable[OddRow], name: str, *, listed: bool) -> OddRow | None:
    """
    The first unreadable row that is, or may be, of ``name``, in a list with one row for each.

    A row without a name may be of ``name`` only if no readable row is.

    Args:
        name: Of a pair or a currency.
        listed: Whether it is among the rows that can be read.
    """
    return next(
        (row for row in odd if (not listed if row.names is None else name in row.names)), None
    )


@attrs.frozen
class Listed(Sequence[T_co]):
    """
    What could be read of a list, in its order.

    Args:
        odd: The rows that could not.
    """

    rows: tuple[T_co, ...]
    odd: tuple[OddRow, ...] = ()

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T_co, ...]: ...
    @override
    def __getitem__(self, index: int | slice) -> T_co | tuple[T_co, ...]:
        return self.rows[index]

    @override
    def __len__(self) -> int:
        return len(self.rows)


@attrs.frozen(eq=False)  # as a mapping is equal to another
class ListedBy(Mapping[K, V_co]):
    """
    What could be read of a list with one row for each of something.

    Args:
        odd: The rows that could not.
    """

    entries: Mapping[K, V_co]
    odd: tuple[OddRow, ...] = ()

    @override
    def __getitem__(self, key: K) -> V_co:
        return self.entries[key]

    @override
    def __iter__(self) -> Iterator[K]:
        return iter(self.entries)

    @override
    def __len__(self) -> int:
        return len(self.entries)
