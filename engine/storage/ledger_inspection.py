"""The check of a whole ledger: every page, index, reference and row of its file and archives."""

import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from engine.storage.ledger_checks import (
    check_length,
    check_rows,
    check_structure,
    check_wal,
    require_this_version,
)
from engine.storage.ledger_database import (
    connect_read_only,
    require_its_place,
    transaction,
    translated,
)
from trading.core.errors import Fatal
from trading.journal.tables import ARCHIVES, Value

Progress = Callable[[str], None]
"""Told in words what is done next."""

_COUNTED = ARCHIVES.columns[1:5]


@attrs.frozen(kw_only=True)
class CheckedFile:
    """
    What the check of one file found.

    Args:
        rows: By table, as far as they were counted.
        trouble: Why it cannot be trusted; empty where it can.
    """

    path: Path
    size: int = 0
    rows: Mapping[str, int] = attrs.field(factory=dict)
    trouble: str = ""


def inspect_whole(path: Path, progress: Progress, *, in_use: bool) -> list[CheckedFile]:
    """
    Check a ledger's file, and each archive that it names; nothing is changed.

    Args:
        in_use: Whether an engine may be writing it: then its write-ahead log is not checked.

    Raises:
        FileNotFoundError: There is no ledger, and nothing is in its place.
        Fatal: Another program holds its lock.
    """
    with translated(str(path), "opened"):
        require_its_place(path)
    if not path.is_file():
        raise FileNotFoundError(path)
    named: dict[str, tuple[Value, ...]] = {}

    def look(connection: sqlite3.Connection) -> None:
        if not in_use:
            check_wal(path)
        rows = connection.execute(f"SELECT {ARCHIVES.selected} FROM archives")  # noqa: S608
        named.update({str(row[0]): tuple(row[1:5]) for row in map(ARCHIVES.checked, rows)})

    found = [_inspect(path, progress, look)]
    for name, counts in named.items():
        checked = _inspect(path.with_name(name), progress, lambda _: None)
        if not checked.trouble and (wrong := _wrong_count(checked.rows, counts)):
            checked = attrs.evolve(checked, trouble=f"the archive {checked.path} {wrong}")
        found.append(checked)
    return found


def _inspect(
    path: Path, progress: Progress, look: Callable[[sqlite3.Connection], None]
) -> CheckedFile:
    rows: dict[str, int] = {}
    try:
        with translated(str(path), "trusted"):
            size = path.stat().st_size
            check_length(path)
            with (
                contextlib.closing(connect_read_only(path)) as connection,
                transaction(connection, "BEGIN"),
            ):
                require_this_version(connection)
                progress(f"{path}: pages, indices and references ({size >> 20} MiB)")
                check_structure(connection)
                look(connection)
                for table, count in check_rows(connection):
                    progress(f"{path}: {count} rows of {table}")
                    rows[table] = count
    except Fatal as fatal:
        return CheckedFile(path=path, rows=rows, trouble=str(fatal))
    return CheckedFile(path=path, size=size, rows=rows)


def _wrong_count(rows: Mapping[str, int], counts: tuple[Value, ...]) -> str:
    return "; ".join(
        f"has {rows[table]} rows of {table}, the ledger says {count}"
        for table, count in zip(_COUNTED, counts, strict=True)
        if rows[table] != count
    )
