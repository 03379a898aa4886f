"""
The ledger's tables as data: the statements that write rows, and checks of rows read back.

Every row carries a checksum of its own values, so that a flipped bit in a price is noticed where
the database's own checks see nothing wrong.
"""

import functools
import zlib
from collections.abc import Iterator, Sequence
from typing import Protocol

import attrs
import msgspec

Value = str | int | None
Row = Sequence[Value]


class Query(Protocol):
    """Runs SELECTs; all of a reader's see the database at one moment."""

    def __call__(self, text: str, values: Sequence[Value], /) -> Sequence[Row]:
        """All rows at once, where they are few."""
        ...

    def each(self, text: str, values: Sequence[Value], /) -> Iterator[Row]:
        """The rows one by one, as long as the reader runs: their number costs no memory."""
        ...


CHECKSUM = "checksum"


class DamagedRow(Exception):
    """A row is not what was written; its message names the table and the row."""


class Statement(msgspec.Struct, frozen=True):
    """One SQL statement with its values."""

    text: str
    values: tuple[Value, ...]


@attrs.frozen
class Table:
    """
    A table and its columns, the checksum left out; the first column tells rows apart.

    Args:
        key: Rows that agree in these columns are one row.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()

    def insert(self, *values: Value) -> Statement:
        """A new row; if there is one with its key, that one stays as it is."""
        return self._with_checksum(self._insertion, values)

    def replace(self, *values: Value) -> Statement:
        """A new row in place of the one with its key."""
        return self._with_checksum(self._replacement, values)

    def _with_checksum(self, text: str, values: tuple[Value, ...]) -> Statement:
        assert len(values) == len(self.columns), f"{self.name} has {len(self.columns)} columns"
        return Statement(text, (*values, checksum(values)))

    @functools.cached_property
    def _insertion(self) -> str:
        return self._text(f" ON CONFLICT ({', '.join(self.key)}) DO NOTHING" if self.key else "")

    @functools.cached_property
    def _replacement(self) -> str:
        changed = ", ".join(
            f"{column} = excluded.{column}"
            for column in (*self.columns, CHECKSUM)
            if column not in self.key
        )
        return self._text(f" ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {changed}")

    def _text(self, conflict: str) -> str:
        places = ", ".join("?" * (len(self.columns) + 1))
        return (
            f"INSERT INTO {self.name} ({', '.join(self.columns)}, {CHECKSUM})"  # noqa: S608  # ours
            f" VALUES ({places}){conflict}"
        )

    @property
    def width(self) -> int:
        """How many columns ``selected`` names."""
        return len(self.columns) + 1

    @property
    def selected(self) -> str:
        """All columns by table and name, for a SELECT whose rows are to be checked."""
        return ", ".join(f"{self.name}.{column}" for column in (*self.columns, CHECKSUM))

    def checked(self, row: Row) -> Row:
        """
        The values of a row that was read with ``selected``.

        Raises:
            DamagedRow: They are not those that were written.
        """
        values = row[: len(self.columns)]
        if row[len(self.columns)] != checksum(values):
            raise DamagedRow(f"table {self.name}, {self.columns[0]} {values[0]!r}")
        return values


def checksum(values: Row) -> int:
    """CRC-32 of a row's values; None, 1 and "1" differ."""
    # One comprehension: a call for each of a hundred values an order would cost more than all else.
    tagged = [
        f"t{value}" if isinstance(value, str) else "-" if value is None else f"i{value}"
        for value in values
    ]
    return zlib.crc32("\x1f".join(tagged).encode())


SESSIONS = Table("sessions", ("session", "engine", "venue", "simulated", "started_at_ns"))
SESSION_ENDS = Table("session_ends", ("session", "ended_at_ns", "exit_code", "ended_by"))
PAIRS = Table("pairs", ("pair", "base", "quote"), ("pair",))
ORDERS = Table(
    "orders",
    (
        "client_order_id",
        "session",
        "strategy",
        "pair",
        "side",
        "price",
        "quantity",
        "post_only",
        "time_in_force",
        "mid_price",
        "decided_at_ns",
    ),
    ("client_order_id",),
)
ORDER_EVENTS = Table(
    "order_events",
    (
        "number",
        "client_order_id",
        "session",
        "status",
        "quantity",
        "filled_quantity",
        "venue_order_id",
        "reason",
        "changed_at_ns",
        "at_ns",
    ),
)
ORDER_STATES = Table("order_states", ("client_order_id", "event", "ended"), ("client_order_id",))
FILLS = Table(
    "fills",
    (
        "trade_id",
        "session",
        "venue",
        "client_order_id",
        "venue_order_id",
        "pair",
        "side",
        "price",
        "quantity",
        "fee",
        "fee_currency",
        "traded_at_ms",
        "booked_at_ns",
    ),
    ("venue", "trade_id"),
)
BALANCES = Table(
    "balances", ("currency", "session", "available", "reserved", "updated_at_ms", "at_ns")
)
HALTS = Table("halts", ("at_ns", "session", "reason"))
META = Table("meta", ("version",))
ARCHIVES = Table(
    "archives",
    ("file", "orders", "order_events", "fills", "balances", "archived_at_ns"),
    ("file",),
)
ARCHIVED_SESSIONS = Table("archived_sessions", ("session", "file"), ("session",))
EVERY_TABLE = (
    META,
    SESSIONS,
    SESSION_ENDS,
    PAIRS,
    ORDERS,
    ORDER_EVENTS,
    ORDER_STATES,
    FILLS,
    BALANCES,
    HALTS,
    ARCHIVES,
    ARCHIVED_SESSIONS,
)
