"""A ledger and its archives, opened to be read as one at one moment."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from typing_extensions import override

from engine.storage.ledger_checks import require_this_version
from engine.storage.ledger_database import Rows, connect_read_only, open_to_read
from trading.core.errors import Fatal, FatalReason
from trading.journal import reading
from trading.journal.tables import DamagedRow, Query, Row, Value
from trading.journal.whole import Whole

T = TypeVar("T")

_CURE = (
    "the ledger names it, and what is in it is nowhere else: put back the file from where it was"
    " moved, or from a copy. Trading needs no archive; an engine runs without it"
)


def read_whole(path: Path, reader: Callable[[Whole], T]) -> T:
    """
    Run a function that reads a ledger and its archives; an engine may be writing meanwhile.

    An archive that the ledger names is never changed again.

    Raises:
        Fatal: One of the files cannot be read or is damaged.
        FileNotFoundError: There is no ledger, and nothing is in its place.
    """
    with contextlib.ExitStack() as files:
        database = open_to_read(path)
        files.callback(database.close)

        def read(query: Query) -> T:
            names = reading.archive_files(query)
            whole = Whole(query, [_archive(path.with_name(name), files) for name in names])
            try:
                return reader(whole)
            except DamagedRow as damaged:
                if not names:
                    raise
                raise Fatal(
                    f"the ledger {path}, or one of its archives {', '.join(names)}, cannot be read:"
                    f" {damaged}; `engine ledger check` says which file is damaged",
                    FatalReason.LEDGER,
                ) from damaged

        return database.read(read)


def _archive(path: Path, files: contextlib.ExitStack) -> Query:
    with _named(path):
        if not path.is_file():
            raise FileNotFoundError("it is not there")
        connection = files.enter_context(contextlib.closing(connect_read_only(path)))
        require_this_version(connection)
        connection.execute("BEGIN")
        return _ArchivedRows(connection, path)


class _ArchivedRows(Rows):
    """Rows of an archive, whose name is told with what goes wrong."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        super().__init__(connection)
        self._path = path

    @override
    def __call__(self, text: str, values: Sequence[Value], /) -> Sequence[Row]:
        with _named(self._path):
            return super().__call__(text, values)

    @override
    def each(self, text: str, values: Sequence[Value], /) -> Iterator[Row]:
        with _named(self._path):
            yield from super().each(text, values)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise Fatal(
            f"the ledger's archive {path} cannot be read: {error}; {_CURE}", FatalReason.LEDGER
        ) from error
