"""
Moves old sessions out of a ledger's file into an archive beside it, a new file each time.

An archive is written, synchronised and read back before the ledger lets go of its rows, which it
does in the same transaction that names the archive: until then the rows are the ledger's, from then
on the archive's, and a file that the ledger does not name counts for nothing. So each row counts
once whenever this ends. An archive is never written again: it needs to be copied away once, and
nothing that befalls a later one can touch it.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from engine.storage.ledger_checks import check_rows, check_structure
from engine.storage.ledger_database import (
    LedgerDatabase,
    connect_read_only,
    cure_of,
    migrate,
    open_to_write,
    synchronise,
    transaction,
)
from engine.storage.private_folder import give_to_its_owner
from trading.core.errors import Fatal, FatalReason
from trading.journal.archiving import COPIED, COUNTED, MOVED, rows_of
from trading.journal.reading import archive_files
from trading.journal.schema import MIGRATIONS
from trading.journal.tables import ARCHIVED_SESSIONS, ARCHIVES, ORDER_STATES, DamagedRow, Statement

Progress = Callable[[str], None]
"""Told in words what is done next."""

_DRAFT = ".part"
_KEYS = {ORDER_STATES: "client_order_id"}
"""What tells rows apart that have no number."""


@attrs.frozen(kw_only=True)
class Archived:
    """
    What was moved.

    Args:
        rows: By table.
        left: Files in the way that were left as they are, for they hold what the ledger lacks.
        not_shrunk: Why the ledger's file was not made smaller; empty where it was.
    """

    file: Path
    rows: Mapping[str, int]
    left: Sequence[Path]
    not_shrunk: str


def archive(path: Path, sessions: Sequence[int], now_ns: int, progress: Progress) -> Archived:
    """
    Move sessions of a ledger that nobody else writes into a new archive.

    Args:
        sessions: That ``archiving.judged`` lets go.

    Raises:
        Fatal: It cannot be done: nothing was moved, and the ledger is as it was.
    """
    database = open_to_write(path)
    with contextlib.closing(database):
        connection = database.connection
        with _whole_or_not_at_all(path):
            # References are checked at the end of each step: one by one, an order that is deleted
            # would be looked for among all events, of which there is no index by order.
            connection.execute("PRAGMA foreign_keys = OFF")
            progress("looking for what an interrupted run has left")
            file, left = _place(database, path)
            draft = file.with_name(file.name + _DRAFT)
            try:
                copied = _copy(connection, draft, sessions, progress)
                progress("reading the archive back")
                rows = _read_back(draft, copied)
                progress("giving the archive its name")
                draft.chmod(0o400)
                draft.rename(file)
                synchronise(file.parent)
            finally:
                draft.unlink(missing_ok=True)
            _let_go(connection, file.name, sessions, rows, now_ns, progress)
        progress("making the ledger's file smaller")
        return Archived(file=file, rows=rows, left=left, not_shrunk=_shrink(connection))


def _place(database: LedgerDatabase, path: Path) -> tuple[Path, list[Path]]:
    """A name for a new archive, and files in the way; what an interrupted run left is deleted."""
    for draft in path.parent.glob(f"archive-*.sqlite{_DRAFT}*"):
        draft.unlink()  # the ledger let go of nothing before its archive had its name
    named, left, number = frozenset(database.read(archive_files)), list[Path](), 0
    while True:
        number += 1
        file = path.with_name(f"archive-{number}.sqlite")
        if file.name in named:
            continue
        if file.exists() and not _is_in_the_ledger(database.connection, file):
            left.append(file)
            continue
        file.unlink(missing_ok=True)
        return file, left


def _is_in_the_ledger(connection: sqlite3.Connection, file: Path) -> bool:
    """Whether the ledger has each row of an archive that it does not name."""
    try:
        with _attached(connection, file):
            return not any(
                connection.execute(
                    f"SELECT 1 FROM other.{table.name} AS kept WHERE NOT EXISTS"  # noqa: S608
                    f" (SELECT 1 FROM main.{table.name} AS ours"
                    f" WHERE ours.{key} = kept.{key} AND ours.checksum = kept.checksum) LIMIT 1"
                ).fetchone()
                for table in MOVED
                for key in (_KEYS.get(table, "number"),)
            )
    except sqlite3.Error:
        return False


def _copy(
    connection: sqlite3.Connection, draft: Path, sessions: Sequence[int], progress: Progress
) -> dict[str, int]:
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    give_to_its_owner(draft)
    with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as new:
        new.execute("PRAGMA synchronous = OFF")
        with transaction(new):
            migrate(new, MIGRATIONS, 0)
    copied = {}
    with _attached(connection, draft):
        # Nothing is told to have it until it is synchronised below.
        connection.execute("PRAGMA other.synchronous = OFF")
        connection.execute("PRAGMA other.journal_mode = OFF")
        for table in (*COPIED, *reversed(MOVED)):
            progress(f"copying {table.name}")
            rows = table.name if table in COPIED else rows_of(table, sessions)
            done = connection.execute(f"INSERT INTO other.{table.name} SELECT * FROM main.{rows}")  # noqa: S608
            copied[table.name] = done.rowcount
    return copied


def _read_back(draft: Path, copied: Mapping[str, int]) -> dict[str, int]:
    """Synchronise an archive, and check that all was written; how many rows it has."""
    file = os.open(draft, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
    with contextlib.closing(connect_read_only(draft)) as connection:
        check_structure(connection)
        rows = dict(check_rows(connection))
    for name, count in copied.items():
        if rows[name] != count:
            raise sqlite3.DatabaseError(f"of {count} rows of {name} {rows[name]} were written")
    return {table.name: rows[table.name] for table in MOVED}


def _let_go(
    connection: sqlite3.Connection,
    name: str,
    sessions: Sequence[int],
    rows: Mapping[str, int],
    now_ns: int,
    progress: Progress,
) -> None:
    """Name the archive and delete what is in it, in one transaction."""
    with transaction(connection):
        _run(connection, ARCHIVES.insert(name, *(rows[each.name] for each in COUNTED), now_ns))
        for session in sessions:
            _run(connection, ARCHIVED_SESSIONS.insert(session, name))
        for table in MOVED:
            progress(f"taking {table.name} out of the ledger")
            gone = connection.execute(f"DELETE FROM {rows_of(table, sessions)}").rowcount  # noqa: S608
            if gone != rows[table.name]:
                raise sqlite3.DatabaseError(
                    f"{rows[table.name]} rows of {table.name} were copied, {gone} would be deleted"
                )
        progress("checking what stays in the ledger")
        if astray := connection.execute("PRAGMA foreign_key_check").fetchone():
            raise sqlite3.DatabaseError(f"row {astray[1]} of {astray[0]} would be of no one")


def _run(connection: sqlite3.Connection, statement: Statement) -> None:
    connection.execute(statement.text, statement.values)


def _shrink(connection: sqlite3.Connection) -> str:
    try:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        return str(error)
    return ""


@contextlib.contextmanager
def _attached(connection: sqlite3.Connection, file: Path) -> Iterator[None]:
    connection.execute("ATTACH ? AS other", (str(file),))
    try:
        yield
    finally:
        with contextlib.suppress(sqlite3.Error):  # the first error is raised already
            connection.execute("DETACH other")


@contextlib.contextmanager
def _whole_or_not_at_all(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, DamagedRow) as error:
        cure, reason = cure_of(error)
        if isinstance(error, DamagedRow):
            cure = "`engine ledger check` names what is damaged"
        elif reason is not FatalReason.PASSING:
            cure = (
                "make room, or give this user the right to write there, and begin again;"
                " `engine ledger check` says whether the ledger is sound"
            )
        raise Fatal(
            f"nothing was moved, the ledger {path} is as it was: {error}; {cure}", reason
        ) from error
