"""
The ledger's database: SQLite, opened with care, written with one transaction per commit.

A commit returns once it is on the disk (WAL, synchronous=FULL). A file that cannot be trusted is
not opened: of another program, of a newer engine, or damaged.
"""

import contextlib
import os
import sqlite3
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from engine.process.open_files import OpenFiles
from engine.storage.ledger_checks import (
    WHOLE_CHECK_BYTES_MAX,
    check_content,
    check_length,
    check_version,
    check_wal,
    require_this_version,
)
from engine.storage.private_folder import give_to_its_owner, in_the_way, make_private
from trading.core.errors import Fatal, FatalReason
from trading.journal.schema import APPLICATION_ID, MIGRATIONS
from trading.journal.tables import META, DamagedRow, Query, Row, Statement, Value

T = TypeVar("T")

MEMORY = ":memory:"

_BUSY_MS = 2_000
"""How long SQLite waits for a lock: the ledger may try again, and a stop waits no longer."""
_ROWS_AT_ONCE = 256
"""Of what is read row by row: enough that a step costs little, and little memory."""
_DAMAGED = (
    "nothing may be traded without it. See to the disk; a damaged file is kept aside by hand, and"
    " the engine begins a new one (open orders are found again by the venue's lists)"
)
_NOT_USABLE = (
    "nothing may be traded without it. The ledger itself may well be sound: leave it where it is,"
    " for it holds halts and orders; see to the disk and to permissions, then start again"
)
_OPEN_ELSEWHERE = (
    "another program has it open and holds its lock, for instance a database browser or a backup:"
    " close that. The ledger is sound: leave it where it is"
)
_NO_LONGER_THERE = (
    "what happens now could not be found again. Put back what was moved away, all of its folder;"
    " where it is lost, look at the venue for what is open, and think of halts that stood: the"
    " engine begins a new ledger when it is started again"
)
_DISK_TROUBLES = frozenset(
    (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_NOMEM,
    )
)
_PRIMARY = 0xFF
"""The bits of SQLite's error codes that name the kind of error; higher bits say more of it."""


class LedgerDatabase:
    """
    One connection, used by one thread at a time.

    Args:
        path: For messages.
        files: Those that were written to so far, for ``require_its_files``.
    """

    def __init__(
        self, path: str, connection: sqlite3.Connection, files: OpenFiles | None = None
    ) -> None:
        self._path = path
        self._connection = connection
        self._files = files

    def require_its_files(self) -> None:
        """
        Check that the open files are still the ones at the ledger's path.

        Raises:
            Fatal: The ledger or its log was deleted, moved or replaced.
        """
        if self._files is not None and (gone := self._files.first_gone()) is not None:
            raise Fatal(
                f"the ledger's file {gone} was deleted, moved or replaced while the engine runs:"
                f" {_NO_LONGER_THERE}",
                FatalReason.LEDGER,
            )

    def commit(self, statements: Sequence[Statement]) -> None:
        """
        Carry out all statements or none.

        Raises:
            Fatal: They could not be made durable; ``PASSING`` while another program has it locked.
        """
        self.require_its_files()
        with translated(self._path, "written"), transaction(self._connection):
            for statement in statements:
                self._connection.execute(statement.text, statement.values)

    def read(self, reader: Callable[[Query], T]) -> T:
        """
        Run a function that reads, at one moment of the database.

        Raises:
            Fatal: It could not, or a row is damaged.
        """
        with translated(self._path, "read"), transaction(self._connection, "BEGIN"):
            return reader(Rows(self._connection))

    def synchronous(self) -> int:
        """How much a commit synchronises, in SQLite's numbers: 2 is FULL."""
        return int(str(self.read(lambda query: query("PRAGMA synchronous", ()))[0][0]))

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, for what is neither a commit nor a read."""
        return self._connection

    def copy_to(self, other: sqlite3.Connection) -> None:
        """Copy the whole database, as it is now, over another one."""
        self._connection.backup(other)

    def close(self) -> None:
        """Write the write-ahead log back and close; an error changes nothing that was committed."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()


class Rows:
    """Runs SELECTs within one transaction, so that all see the database at one moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __call__(self, text: str, values: Sequence[Value], /) -> Sequence[Row]:
        return self._connection.execute(text, values).fetchall()

    def each(self, text: str, values: Sequence[Value], /) -> Iterator[Row]:
        cursor = self._connection.execute(text, values)
        cursor.arraysize = _ROWS_AT_ONCE
        while rows := cursor.fetchmany():
            yield from rows
            assert self._connection.in_transaction, "rows are for the reader while it runs"


def open_to_write(
    path: Path,
    migrations: Sequence[str] = MIGRATIONS,
    *,
    whole_up_to: int = WHOLE_CHECK_BYTES_MAX,
) -> LedgerDatabase:
    """
    Open the ledger; it is made, or its schema updated, if need be.

    Args:
        whole_up_to: Of a larger file only what a run reads is checked; bytes.

    Raises:
        Fatal: It cannot be opened, is damaged, is not a ledger, or is a newer engine's.
    """
    with translated(str(path), "opened"):
        require_its_place(path)
        _make_file(path)
        check_length(path)
        check_wal(path)
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000
        )
        with contextlib.ExitStack() as if_it_fails:
            if_it_fails.callback(connection.close)
            _prepare(connection, migrations, whole=path.stat().st_size <= whole_up_to)
            if_it_fails.pop_all()
    return LedgerDatabase(str(path), connection, OpenFiles(path))


def open_in_memory(migrations: Sequence[str] = MIGRATIONS) -> LedgerDatabase:
    """A ledger that lasts as long as this object."""
    database, connection = _in_memory()
    _prepare(connection, migrations, whole=True)
    return database


def copy_in_memory(original: LedgerDatabase) -> LedgerDatabase:
    """All of a ledger as it is now, as long as this object lasts; it synchronises as little."""
    copy, connection = _in_memory()
    original.copy_to(connection)
    connection.execute(f"PRAGMA synchronous = {original.synchronous()}")
    return copy


def open_to_read(path: Path) -> LedgerDatabase:
    """
    Open a ledger that another process may be writing; nothing is changed.

    Raises:
        Fatal: It cannot be read, is not a ledger, or is a newer engine's.
        FileNotFoundError: There is none, and nothing is in its place.
    """
    with translated(str(path), "read"):
        require_its_place(path)
    if not path.is_file():
        raise FileNotFoundError(path)
    with translated(str(path), "read"):
        connection = connect_read_only(path)
        with contextlib.ExitStack() as if_it_fails:
            if_it_fails.callback(connection.close)
            require_this_version(connection)
            if_it_fails.pop_all()
    return LedgerDatabase(str(path), connection)


def inspect(path: Path, *, in_use: bool) -> int:
    """
    Check a ledger without changing it; its number of bytes.

    Args:
        in_use: Whether an engine may be writing it: then its write-ahead log is not checked.

    Raises:
        Fatal: It is damaged, is not a ledger, or is a newer engine's.
        FileNotFoundError: There is none, and nothing is in its place.
    """
    with translated(str(path), "opened"):
        require_its_place(path)
    if not path.is_file():
        raise FileNotFoundError(path)
    with translated(str(path), "trusted"):
        check_length(path)
        if not in_use:
            check_wal(path)
        size = path.stat().st_size
        with contextlib.closing(connect_read_only(path)) as connection:
            check_content(connection, whole=size <= WHOLE_CHECK_BYTES_MAX)
            check_version(connection, len(MIGRATIONS))
    return size


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """A transaction: everything inside happens, or nothing of it."""
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):  # the first error is raised already
                connection.execute("ROLLBACK")


def require_its_place(path: Path) -> None:
    """Refuse a path blocked by something other than a file: a halt may stand elsewhere."""
    if what := in_the_way(path):
        raise OSError(f"{what}: move that away")


def _make_file(path: Path) -> None:
    """Make the file, readable by its owner alone, and its name durable before its first use."""
    make_private(path.parent)
    new = not path.exists()
    # SQLite gives its side files the permissions of this one.
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(file, 0o600)
        give_to_its_owner(path)
    finally:
        os.close(file)
    if new:
        for folder in (path.parent, path.parent.parent):
            synchronise(folder)


def synchronise(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def migrate(connection: sqlite3.Connection, migrations: Sequence[str], version: int) -> None:
    """Bring a database from a version of the schema to the last one."""
    for script in migrations[version:]:
        for text in _statements(script):
            connection.execute(text)
    connection.execute("DELETE FROM meta")
    stamp = META.insert(len(migrations))
    connection.execute(stamp.text, stamp.values)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _prepare(connection: sqlite3.Connection, migrations: Sequence[str], *, whole: bool) -> None:
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    check_content(connection, whole=whole)
    version = check_version(connection, len(migrations))
    if version < len(migrations):
        with transaction(connection):
            migrate(connection, migrations, version)


def _statements(script: str) -> Iterator[str]:
    """A script's statements one by one: ``executescript`` would commit in between."""
    text = ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            yield text
            text = ""
    assert not text.strip(), f"the script ends in the middle of a statement: {text!r}"


def _in_memory() -> tuple[LedgerDatabase, sqlite3.Connection]:
    connection = sqlite3.connect(MEMORY, isolation_level=None, check_same_thread=False)
    database = LedgerDatabase(MEMORY, connection)
    # The database lasts as long as its object and has no other close; from Python 3.13 on an open
    # connection that is collected is a ResourceWarning.
    weakref.finalize(database, connection.close)
    return database, connection


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing, also on a disk that cannot be written."""
    address = path.absolute().as_uri()
    connection = sqlite3.connect(
        f"{address}?mode=ro", uri=True, isolation_level=None, timeout=_BUSY_MS / 1000
    )
    with contextlib.ExitStack() as if_it_fails:
        if_it_fails.callback(connection.close)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            if path.with_name(path.name + "-wal").exists():
                raise
            # Closed in good order, on a disk that cannot be written: the file has everything.
            return sqlite3.connect(f"{address}?mode=ro&immutable=1", uri=True, isolation_level=None)
        if_it_fails.pop_all()
    return connection


@contextlib.contextmanager
def translated(path: str, doing: str) -> Iterator[None]:
    """
    Tell what goes wrong with a ledger in words, with the cure.

    Raises:
        Fatal: It did.
    """
    try:
        yield
    except (sqlite3.Error, OSError, DamagedRow) as error:
        cure, reason = cure_of(error)
        raise Fatal(f"the ledger {path} cannot be {doing}: {error}; {cure}", reason) from error


def cure_of(error: Exception) -> tuple[str, FatalReason]:
    """The cure in words, and the reason. A sound ledger is never to be moved away."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & _PRIMARY
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _OPEN_ELSEWHERE, FatalReason.PASSING
    if isinstance(error, OSError) or code in _DISK_TROUBLES:
        return _NOT_USABLE, FatalReason.LEDGER
    return _DAMAGED, FatalReason.LEDGER
