"""The ledger on a disk: what it opens, what it refuses, and what survives."""

import contextlib
import gc
import hashlib
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from msgspec.structs import replace

from engine.storage.ledger_checks import WHOLE_CHECK_BYTES_MAX
from engine.storage.ledger_database import (
    LedgerDatabase,
    copy_in_memory,
    open_in_memory,
    open_to_read,
    open_to_write,
)
from tests.support.builders import an_order
from tests.support.journals import (
    NOW,
    VENUE,
    journals,
    session_begun,
    some_batches,
    written,
)
from trading.core.errors import Fatal, FatalReason
from trading.journal import reading
from trading.journal.entries import LedgerEntry, OrderRecorded, OrdersIntended
from trading.journal.remembered import Remembered, RememberedFold
from trading.journal.schema import MIGRATIONS
from trading.journal.tables import SESSION_ENDS, Query, Value
from trading.journal.writer import JournalWriter
from trading.orders.order import OrderStatus

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "test" / "ledger.sqlite"


def remembered(database: LedgerDatabase) -> Remembered:
    return database.read(lambda query: reading.remembered(query, VENUE, NOW))


def write_down(database: LedgerDatabase, batches: list[list[LedgerEntry]]) -> list[Remembered]:
    """Commit batches; what is remembered before the first and after each."""
    database.commit([session_begun()])
    scribe, fold = JournalWriter(1, VENUE, 0), RememberedFold()
    states = [fold.value]
    for batch in batches:
        database.commit(written(scribe, batch))
        states.append(fold.add(batch))
    return states


def copied(path: Path, folder: Path) -> Path:
    """The files as a crash leaves them: nothing tidied up."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for suffix in ("", "-wal"):
        source = path.with_name(path.name + suffix)
        if source.exists():
            shutil.copy(source, folder / source.name)
    return folder / path.name


def test_an_order_that_turns_up_after_its_end_is_remembered_once_and_in_its_place() -> None:
    one, other = an_order(1), an_order(2)
    rejected = replace(one, status=OrderStatus.REJECTED)
    unknown = replace(one, status=OrderStatus.UNKNOWN)
    database = open_in_memory()
    batches: list[list[LedgerEntry]] = [
        [OrdersIntended((one, other), 0.0)],
        [OrderRecorded(rejected, 0.0)],
        [OrderRecorded(unknown, 0.0)],
    ]
    states = write_down(database, batches)
    assert remembered(database) == states[-1]
    assert (states[-1].orders, states[-1].ended) == ((unknown, other), ())


@given(journals())
def test_what_is_read_back_is_what_was_kept_after_every_commit(
    batches: list[list[LedgerEntry]],
) -> None:
    database = open_in_memory()
    database.commit([session_begun()])
    scribe, fold = JournalWriter(1, VENUE, 0), RememberedFold()
    for batch in batches:
        database.commit(written(scribe, batch))
        kept = fold.add(batch)
        assert remembered(database) == kept
        # The journal alone says the same as the states that are kept beside it.
        entries = database.read(lambda query: reading.session_entries(query, 1, NOW))
        replayed = RememberedFold().add(entries)
        assert set(replayed.orders) == set(kept.orders)
        assert replayed.ended == kept.ended
        assert replayed.trade_ids == kept.trade_ids
    database.close()


def test_a_reopened_ledger_has_everything(path: Path) -> None:
    database = open_to_write(path)
    states = write_down(database, some_batches())
    database.close()
    again = open_to_write(path)
    assert remembered(again) == states[-1]
    assert again.read(reading.last_session) == 1
    assert again.read(reading.events_written) == 5
    again.close()


def test_a_ledger_is_for_nobody_else_to_read(path: Path) -> None:
    previous = os.umask(0)
    try:
        database = open_to_write(path)
        write_down(database, some_batches())
    finally:
        os.umask(previous)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert modes == dict.fromkeys(modes, 0o600)
    assert len(modes) == 3  # the log and its index beside it
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    database.close()


def test_the_pragmas_that_make_a_commit_durable_are_set(path: Path) -> None:
    database = open_to_write(path)

    def pragma(name: str) -> Value:
        return database.read(lambda query: query(f"PRAGMA {name}", ())[0][0])

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("foreign_keys") == 1
    database.close()


# Versions.


def test_a_released_script_is_never_edited() -> None:
    digests = [hashlib.sha256(script.encode()).hexdigest()[:16] for script in MIGRATIONS]
    assert digests == ["49236989e27d8744", "92162bcdbd2e1410"]


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_ledger_of_every_older_version_is_brought_up_to_date_with_all_it_holds(
    path: Path, version: int
) -> None:
    old = open_to_write(path, MIGRATIONS[:version])
    states = write_down(old, some_batches())
    old.close()
    future = (*MIGRATIONS, "CREATE TABLE later (a INTEGER);\nINSERT INTO later VALUES (1);")
    new = open_to_write(path, future)
    assert remembered(new) == states[-1]
    assert new.read(lambda query: query("SELECT a FROM later", ())) == [(1,)]
    new.close()
    again = open_to_write(path, future)  # once is enough
    assert again.read(lambda query: query("SELECT a FROM later", ())) == [(1,)]
    again.close()


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    old = open_to_write(path)
    states = write_down(old, some_batches())
    old.close()
    broken = (*MIGRATIONS, "CREATE TABLE later (a INTEGER);\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(Fatal, match="nowhere"):
        open_to_write(path, broken)
    again = open_to_write(path)
    assert remembered(again) == states[-1]
    again.close()


def test_a_ledger_of_a_newer_engine_is_refused(path: Path) -> None:
    open_to_write(path, (*MIGRATIONS, "CREATE TABLE later (a INTEGER);")).close()
    for open_it in (open_to_write, open_to_read):
        with pytest.raises(Fatal, match=r"version 3, this engine") as caught:
            open_it(path)
        assert caught.value.reason is FatalReason.LEDGER
        assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"not a database, but long enough to look" * 50, b"x"])
def test_another_file_is_refused(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(Fatal, match="kept aside by hand"):
        open_to_write(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused(path: Path) -> None:
    path.parent.mkdir(parents=True)
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE bookmarks (url TEXT)")
    foreign.commit()
    foreign.close()
    with pytest.raises(Fatal, match="not a ledger of this engine"):
        open_to_write(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(Fatal, match="state"):
        open_to_write(tmp_path / "state" / "test" / "ledger.sqlite")


# Damage.


def test_a_log_torn_at_any_byte_opens_with_the_commits_before_it(
    path: Path, tmp_path: Path
) -> None:
    database = open_to_write(path)
    states = write_down(database, some_batches())
    crashed = copied(path, tmp_path / "crashed" / "test")
    database.close()
    whole = crashed.with_name(crashed.name + "-wal").read_bytes()
    chance, seen = Random(5), set()
    offsets = {0, 1, 31, 32, 33, len(whole), *(chance.randrange(len(whole)) for _ in range(150))}
    for offset in sorted(offsets):
        torn = copied(crashed, tmp_path / f"torn-{offset}" / "test")
        torn.with_name(torn.name + "-wal").write_bytes(whole[:offset])
        survivor = open_to_write(torn)
        state = remembered(survivor)
        assert state in states, offset
        seen.add(states.index(state))
        survivor.close()
    assert seen == {0, 1, 2, 3}


def test_a_bit_flipped_in_the_log_is_refused_unless_only_the_last_commit_is_lost(
    path: Path, tmp_path: Path
) -> None:
    database = open_to_write(path)
    states = write_down(database, some_batches())
    crashed = copied(path, tmp_path / "crashed" / "test")
    database.close()
    whole = crashed.with_name(crashed.name + "-wal").read_bytes()
    chance, refused = Random(6), 0
    for number in range(150):
        offset = chance.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[offset] ^= 1 << chance.randrange(8)
        torn = copied(crashed, tmp_path / f"flipped-{number}" / "test")
        torn.with_name(torn.name + "-wal").write_bytes(flipped)
        try:
            survivor = open_to_write(torn)
        except Fatal:
            refused += 1
            continue
        assert remembered(survivor) in states[-2:], offset
        survivor.close()
    assert refused > 50


@pytest.mark.parametrize("whole_up_to", [0, WHOLE_CHECK_BYTES_MAX], ids=["in part", "whole"])
def test_a_bit_flipped_in_the_database_is_refused_or_changes_nothing(
    path: Path, tmp_path: Path, whole_up_to: int
) -> None:
    database = open_to_write(path)
    states = write_down(database, some_batches())
    database.close()
    whole, used = path.read_bytes(), set[int]()
    for needle in (b"0.05", b"qw-test-maker-1-1", b"filled", b"trade-1", b"98.2", b"kill"):
        used |= {at for at in range(len(whole)) if whole.startswith(needle, at)}
    chance, refused = Random(7), 0
    for number, offset in enumerate(
        [*sorted(used), *(chance.randrange(len(whole)) for _ in range(150))]
    ):
        flipped = bytearray(whole)
        flipped[offset] ^= 1 << chance.randrange(7)
        damaged = tmp_path / f"flipped-{number}" / "test" / path.name
        damaged.parent.mkdir(mode=0o700, parents=True)
        damaged.write_bytes(flipped)
        try:
            survivor = open_to_write(damaged, whole_up_to=whole_up_to)
        except Fatal:
            refused += 1
            continue
        try:
            state = remembered(survivor)
            history = survivor.read(lambda query: reading.fills(query, venue=None))
            held = survivor.read(lambda query: reading.balances(query, VENUE))
        except Fatal:
            refused += 1
        else:
            assert state == states[-1], offset
            assert [str(stored.fill.price) for stored in history] == ["0.05"], offset
            assert [str(balance.available) for balance in held.values()] == ["98.2"], offset
        finally:
            survivor.close()
    assert refused >= len(used) / 2


def test_a_full_disk_is_fatal_and_the_commits_before_it_stay(path: Path) -> None:
    database = open_to_write(path)
    database.commit([session_begun()])
    size = database.read(lambda query: query("PRAGMA page_count", ()))[0][0]
    database.read(lambda query: query(f"PRAGMA max_page_count = {size}", ()))
    scribe, committed = JournalWriter(1, VENUE, 0), 0

    def write_until_it_is_full() -> None:
        nonlocal committed
        for number in range(1000):
            database.commit(written(scribe, [OrdersIntended((an_order(number),), 0.0)]))
            committed += 1

    with pytest.raises(Fatal, match="disk is full") as caught:
        write_until_it_is_full()
    assert caught.value.reason is FatalReason.LEDGER
    database.close()
    again = open_to_write(path)
    assert len(remembered(again).orders) == committed > 0
    again.close()


WRITER = """
import sys
from pathlib import Path
from engine.storage.ledger_database import open_to_write
from tests.support.builders import an_order
from tests.support.journals import VENUE, session_begun, written
from trading.journal.entries import OrdersIntended
from trading.journal.writer import JournalWriter

database = open_to_write(Path(sys.argv[1]))
database.commit([session_begun()])
scribe = JournalWriter(1, VENUE, 0)
for number in range(1_000_000):
    database.commit(written(scribe, [OrdersIntended((an_order(number),), 0.0)]))
    print(number, flush=True)
"""


@pytest.mark.parametrize("receipts", [1, 7, 60])
def test_a_killed_writer_loses_nothing_that_it_had_a_receipt_for(path: Path, receipts: int) -> None:
    writer = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", WRITER, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    for _ in range(receipts):
        writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    # To the end, with what readline() has taken in already: communicate() would leave that out.
    out = writer.stdout.read()
    writer.stdout.close()
    writer.wait(timeout=20)
    last = int([str(receipts - 1), *out.split()][-1])
    survivor = open_to_write(path)
    kept = {order.client_order_id for order in remembered(survivor).orders}
    survivor.close()
    assert {f"qw-test-maker-1-{number}" for number in range(last + 1)} <= kept
    assert len(kept) <= last + 2


# Reading while it is written.


def test_a_reader_sees_one_moment_and_holds_up_no_writer(path: Path) -> None:
    writer = open_to_write(path)
    writer.commit([session_begun()])
    scribe = JournalWriter(1, VENUE, 0)
    writer.commit(written(scribe, some_batches()[0]))
    reader = open_to_read(path)

    def read_twice(query: Query) -> tuple[int, int]:
        before = reading.events_written(query)
        writer.commit(written(scribe, some_batches()[1]))
        return before, reading.events_written(query)

    assert reader.read(read_twice) == (2, 2)
    assert reader.read(reading.events_written) == 4
    with pytest.raises(Fatal, match="readonly"):
        reader.commit([session_begun(2)])
    reader.close()
    writer.close()


def test_a_ledger_that_was_closed_is_read_even_where_nothing_can_be_written(path: Path) -> None:
    database = open_to_write(path)
    write_down(database, some_batches())
    database.close()
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        reader = open_to_read(path)
        assert reader.read(reading.events_written) == 5
        reader.close()
    finally:
        path.parent.chmod(0o700)


def test_a_missing_ledger_is_not_made_by_reading_it(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_to_read(path)
    assert not path.parent.exists()


# Whoever opens a connection closes it: from Python 3.13 on one that is collected open is a warning.


def test_a_ledger_in_memory_closes_with_the_object() -> None:
    database = open_in_memory()
    copy = copy_in_memory(database)
    connections = [database._connection, copy._connection]  # noqa: SLF001  # what is looked at
    del database, copy
    gc.collect()
    for connection in connections:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_a_file_that_cannot_be_read_leaves_no_connection_open(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database, but long enough to look" * 50)
    with pytest.raises(Fatal, match="read"):
        open_to_read(path)
    gc.collect()  # a connection left open would be a ResourceWarning here, and an error


def test_while_another_program_has_it_locked_the_cure_is_to_close_that_one(path: Path) -> None:
    database = open_to_write(path)
    database.commit([session_begun()])
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as browser:
        browser.execute("BEGIN IMMEDIATE")
        with pytest.raises(Fatal, match="another program has it open") as caught:
            database.commit([SESSION_ENDS.insert(1, 0, 0, "a test")])
        with pytest.raises(Fatal, match="leave it where it is") as at_the_start:
            open_to_write(path, (*MIGRATIONS, "CREATE TABLE more (a);"))
    assert {caught.value.reason, at_the_start.value.reason} == {FatalReason.PASSING}
    assert "kept aside" not in str(caught.value)
    database.commit([SESSION_ENDS.insert(1, 0, 0, "a test")])
    database.close()


@pytest.mark.parametrize("name", ["ledger.sqlite", "ledger.sqlite-wal"])
@pytest.mark.parametrize("how", ["deleted", "replaced", "moved"])
def test_a_file_that_is_no_longer_there_is_noticed(path: Path, name: str, how: str) -> None:
    database = open_to_write(path)
    database.commit([session_begun()])
    database.require_its_files()
    file = path.with_name(name)
    if how == "moved":
        path.parent.rename(path.parent.with_name("kept"))
    else:
        file.unlink()
        if how == "replaced":
            file.write_bytes(b"another one")
    with pytest.raises(Fatal, match="deleted, moved or replaced") as caught:
        database.require_its_files()
    assert caught.value.reason is FatalReason.LEDGER
    with pytest.raises(Fatal, match="deleted, moved or replaced"):
        database.commit([SESSION_ENDS.insert(1, 0, 0, "a test")])
    database.close()
