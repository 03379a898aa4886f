"""
Checks of a ledger's file: whether it can be trusted, and is one of ours.

A small file is checked whole whenever it is opened. Of a large one that would take longer at every
start, and a start is when orders may stand at the venue that nobody looks after; so there what a
run reads is checked: the small tables whole, the indices by which orders and fills are found, and
every row's checksum when it is read. What lies beyond is history; ``check_structure`` and
``check_rows`` check it.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from engine.storage.wal_check import damaged_frame
from trading.journal.remembered import ENDED_MAX, FILLS_MAX
from trading.journal.schema import APPLICATION_ID, MIGRATIONS
from trading.journal.tables import EVERY_TABLE, META

WHOLE_CHECK_BYTES_MAX = 128 * 1024 * 1024
"""A larger file is not checked whole when it is opened: this much takes a second."""

_HEADER_BYTES = 100
_SMALL_TABLES = (
    "meta",
    "sessions",
    "session_ends",
    "pairs",
    "halts",
    "archives",
    "archived_sessions",
)
"""A row a session at most: they say what venue orders are of, and whether a halt stands."""

# What a run finds by an index, as the table says itself and as its index says.
_STATES_SINCE = """
SELECT ended, count(*), sum(event) FROM order_states NOT INDEXED
WHERE ended = 0 OR event > (SELECT max(number) FROM order_events) - ?
GROUP BY ended ORDER BY ended
"""
_STATES_BY_INDEX = """
SELECT ended, count(*), sum(event) FROM order_states INDEXED BY order_states_by_end
WHERE ended = 0 GROUP BY ended
UNION ALL
SELECT ended, count(*), sum(event) FROM order_states INDEXED BY order_states_by_end
WHERE ended = 1 AND event > (SELECT max(number) FROM order_events) - ?
GROUP BY ended ORDER BY ended
"""
_FILLS_SINCE = """
SELECT venue, count(*), sum(number) FROM fills NOT INDEXED
WHERE number > (SELECT max(number) FROM fills) - ?
GROUP BY venue ORDER BY venue
"""
_FILLS_BY_INDEX = """
SELECT venue, count(*), sum(number)
FROM (SELECT DISTINCT venue FROM sessions) JOIN fills INDEXED BY fills_by_venue USING (venue)
WHERE number > (SELECT max(number) FROM fills) - ?
GROUP BY venue ORDER BY venue
"""
_BY_INDEX = (
    ("order_states", _STATES_SINCE, _STATES_BY_INDEX, 10 * ENDED_MAX),
    ("fills", _FILLS_SINCE, _FILLS_BY_INDEX, FILLS_MAX),
)


def check_length(path: Path) -> None:
    """
    Refuse a file too short for SQLite's header: SQLite would take it for an empty one.

    Raises:
        sqlite3.DatabaseError: It is.
    """
    size = path.stat().st_size
    if 0 < size < _HEADER_BYTES and not path.with_name(path.name + "-journal").exists():
        raise sqlite3.DatabaseError(f"it has {size} bytes, too few for a database")


def check_wal(path: Path) -> None:
    """
    Refuse a write-ahead log that lost commits which later ones follow.

    Raises:
        sqlite3.DatabaseError: It did.
    """
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and (frame := damaged_frame(wal.read_bytes())) is not None:
        raise sqlite3.DatabaseError(
            f"its write-ahead log {wal} is damaged in the middle: frame {frame.number} at byte"
            f" {frame.offset}, with later commits behind it"
        )


def check_content(connection: sqlite3.Connection, *, whole: bool) -> None:
    """
    Check what can be checked when a ledger is opened.

    Args:
        whole: All of it, or what a run reads.

    Raises:
        sqlite3.DatabaseError: It is damaged.
    """
    if whole:
        check_structure(connection)
        return
    tables = _names(connection)
    for table in _SMALL_TABLES:
        if table in tables:
            _require_ok(connection, f"PRAGMA integrity_check({table})")
            _require_parents(connection, f"PRAGMA foreign_key_check({table})")
    for what, since, by_index, newest in _BY_INDEX if "fills" in tables else ():
        said = [connection.execute(text, (newest,)).fetchall() for text in (since, by_index)]
        if said[0] != said[1]:
            raise sqlite3.DatabaseError(f"it is damaged: the index of {what} is not as its table")


def check_structure(connection: sqlite3.Connection) -> None:
    """
    Check every page, every index and every reference of a database.

    Raises:
        sqlite3.DatabaseError: It is damaged.
    """
    _require_ok(connection, "PRAGMA integrity_check(1)")
    _require_parents(connection, "PRAGMA foreign_key_check")


def check_rows(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """
    Check each row of each table by its checksum.

    Yields:
        A table and how many rows it has, once these are checked.

    Raises:
        DamagedRow: One is not what was written.
    """
    for table in EVERY_TABLE:
        count = 0
        for row in connection.execute(f"SELECT {table.selected} FROM {table.name}"):  # noqa: S608
            table.checked(row)
            count += 1
        yield table.name, count


def check_version(connection: sqlite3.Connection, known: int) -> int:
    """
    The version of a ledger's schema; 0 of an empty file.

    Raises:
        sqlite3.DatabaseError: A newer engine wrote it, or it is no ledger.
    """
    version = _version(connection)
    if version > known:
        raise sqlite3.DatabaseError(
            f"its schema has version {version}, this engine knows {known}:"
            " a newer engine wrote it, so use that one"
        )
    return version


def require_this_version(connection: sqlite3.Connection) -> None:
    """
    Refuse a schema other than this engine's.

    Raises:
        sqlite3.DatabaseError: It is.
    """
    version = _version(connection)
    if version != len(MIGRATIONS):
        raise sqlite3.DatabaseError(
            f"its schema has version {version}, this engine reads {len(MIGRATIONS)};"
            " an engine that runs with it brings an older one up to date"
        )


def _require_ok(connection: sqlite3.Connection, check: str) -> None:
    found = connection.execute(check).fetchone()
    if found != ("ok",):
        raise sqlite3.DatabaseError(f"it is damaged: {found[0]}")


def _require_parents(connection: sqlite3.Connection, check: str) -> None:
    astray = connection.execute(check).fetchone()
    if astray is not None:
        raise sqlite3.DatabaseError(f"it is damaged: row {astray[1]} of {astray[0]} is of no one")


def _names(connection: sqlite3.Connection) -> frozenset[str]:
    return frozenset(row[0] for row in connection.execute("SELECT name FROM sqlite_master"))


def _version(connection: sqlite3.Connection) -> int:
    """The schema's version; 0 of an empty file."""
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    names = _names(connection)
    if not names and application_id == 0:
        return 0
    if application_id != APPLICATION_ID or META.name not in names:
        raise sqlite3.DatabaseError("it is not a ledger of this engine")
    row = connection.execute(f"SELECT {META.selected} FROM meta").fetchone()  # noqa: S608  # ours
    if row is None:
        raise sqlite3.DatabaseError("it does not say which version its schema has")
    version = META.checked(row)[0]
    assert isinstance(version, int)
    return version
