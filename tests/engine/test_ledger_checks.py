"""What is checked of a ledger at a start, and what `engine ledger check` checks besides."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from engine.cli.app import main
from engine.process.exit_codes import ExitCode
from engine.storage import last_check
from engine.storage.last_check import LastCheck, remember_check, tell_what_is_unchecked
from engine.storage.ledger_checks import WHOLE_CHECK_BYTES_MAX
from engine.storage.ledger_database import open_to_write
from tests.support.journals import NOW, VENUE
from tests.support.ledger_files import (
    CONFIG,
    DAY_NS,
    PlansOf,
    a_small_ledger,
    begin,
    ledger_of,
    where,
)
from trading.core.errors import Fatal, FatalReason
from trading.journal import reading
from trading.journal.tables import Query

LARGE = ("orders", "order_events", "order_states", "fills", "balances")


def changed(path: Path, *statements: str) -> None:
    """Change a ledger in a way that its engine never would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def without_an_index_entry(path: Path, index: str, table: str, where_: str) -> None:
    """Take rows out of an index, and leave them in its table."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (text,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = ?", (index,)
        ).fetchone()
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = ? WHERE name = ?",
            (f"{text} WHERE NOT ({where_})", index),
        )
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"REINDEX {index}")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (text, index))


def test_of_a_large_ledger_a_start_uses_an_index_wherever_there_are_many_rows(
    tmp_path: Path,
) -> None:
    database = open_to_write(a_small_ledger(tmp_path / "ledger.sqlite"))

    def read(query: Query) -> list[str]:
        plans = PlansOf(query)
        reading.last_session(plans)
        reading.currencies(plans)
        reading.remembered(plans, VENUE, NOW)
        reading.events_written(plans)
        reading.session_entries(plans, 2, NOW)
        return plans.steps

    steps = database.read(read)
    database.close()
    assert any("SEARCH order_states" in step for step in steps)
    assert not [step for step in steps if any(f"SCAN {table}" in step for table in LARGE)]


@pytest.mark.parametrize(
    ("index", "table", "where_"),
    [
        ("order_states_by_end", "order_states", "ended = 0"),
        ("order_states_by_end", "order_states", "ended = 1"),
        ("fills_by_venue", "fills", "number > 0"),
    ],
)
def test_rows_that_an_index_lacks_are_found_at_a_start_however_large_the_ledger(
    tmp_path: Path, index: str, table: str, where_: str
) -> None:
    path = a_small_ledger(tmp_path / "ledger.sqlite")
    changed(path, "UPDATE order_states SET ended = 0 WHERE rowid = 1")
    open_to_write(path, whole_up_to=0).close()
    without_an_index_entry(path, index, table, where_)
    with pytest.raises(Fatal, match=f"index of {table}") as caught:
        open_to_write(path, whole_up_to=0)
    assert caught.value.reason is FatalReason.LEDGER


def test_an_order_that_is_not_found_where_its_state_is_stops_a_start(tmp_path: Path) -> None:
    path = a_small_ledger(tmp_path / "ledger.sqlite")
    changed(path, "DELETE FROM orders WHERE number = 1")
    database = open_to_write(path, whole_up_to=0)
    with pytest.raises(Fatal, match="table orders"):
        database.read(lambda query: reading.remembered(query, VENUE, NOW))
    database.close()


@pytest.mark.parametrize(
    "damage", ["DELETE FROM sessions", "UPDATE session_ends SET session = 7", "DELETE FROM meta"]
)
def test_what_is_said_of_sessions_is_checked_whole_at_every_start(
    tmp_path: Path, damage: str
) -> None:
    path = a_small_ledger(tmp_path / "ledger.sqlite")
    changed(path, damage)
    with pytest.raises(Fatal):
        open_to_write(path, whole_up_to=0)


def test_a_large_ledger_that_lost_its_end_is_refused(tmp_path: Path) -> None:
    path = a_small_ledger(tmp_path / "ledger.sqlite")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Fatal, match=r"malformed|damaged"):
        open_to_write(path, whole_up_to=0)


# The command.


def test_a_sound_ledger_is_told_with_its_rows_also_while_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = a_small_ledger(ledger_of(tmp_path))
    writer = open_to_write(path)
    begin(writer, 2)
    assert main(["ledger", "check", CONFIG, "--json", *where(tmp_path)]) == ExitCode.OK
    writer.close()
    told = json.loads(capsys.readouterr().out)
    assert told["sound"]
    (file,) = told["files"]
    assert (file["file"], file["trouble"]) == (str(path), None)
    assert (file["rows"]["sessions"], file["rows"]["order_events"]) == (2, 5)
    assert main(["ledger", "check", CONFIG, *where(tmp_path)]) == ExitCode.OK
    assert capsys.readouterr().out.startswith(f"{path} is sound: ")
    remembered = last_check.last_check(path)
    assert remembered is not None
    assert remembered.size > 0


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE fills SET price = '0.06'", "table fills, trade_id 'trade-1'"),
        ("UPDATE balances SET available = '98.3'", "table balances, currency 'USDT'"),
        ("DELETE FROM sessions", "is of no one"),
    ],
)
def test_whatever_is_damaged_is_named_and_the_check_is_not_remembered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str, told: str
) -> None:
    path = a_small_ledger(ledger_of(tmp_path))
    changed(path, damage)
    assert main(["ledger", "check", CONFIG, *where(tmp_path)]) == ExitCode.IO_ERROR
    assert told in capsys.readouterr().err
    assert last_check.last_check(path) is None


def test_where_there_is_no_ledger_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "check", CONFIG, *where(tmp_path)]) == ExitCode.NO_INPUT
    assert str(ledger_of(tmp_path)) in capsys.readouterr().err


# What a start tells.


def told_at(path: Path, now_ns: int) -> list[tuple[str, object]]:
    with capture_logs() as logs:
        tell_what_is_unchecked(path, now_ns)
    return [(str(entry["log_level"]), entry["last_whole_check"]) for entry in logs]


def test_a_start_tells_that_a_large_ledger_is_checked_in_part_and_warns_when_a_check_is_due(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.sqlite"
    assert told_at(path, 0) == []
    path.touch()
    assert told_at(path, 0) == []
    with path.open("r+b") as file:
        file.truncate(WHOLE_CHECK_BYTES_MAX + 1)
    assert told_at(path, 0) == [("warning", None)]
    day = "1970-01-02T00:00:00+00:00"
    remember_check(path, LastCheck(DAY_NS, WHOLE_CHECK_BYTES_MAX))
    assert told_at(path, 2 * DAY_NS) == [("info", day)]
    assert told_at(path, 200 * DAY_NS) == [("warning", day)]
    with path.open("r+b") as file:
        file.truncate(2 * WHOLE_CHECK_BYTES_MAX + 1)
    assert told_at(path, 2 * DAY_NS) == [("warning", day)]
    (tmp_path / "ledger.checked").write_text("[]")
    assert told_at(path, 2 * DAY_NS) == [("warning", None)]
