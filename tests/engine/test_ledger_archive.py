"""Old sessions in archives: nothing is lost or counts twice, and everybody still sees them."""

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings

from config.sections.engine import EngineSettings
from engine.cli.app import main
from engine.environment.locks import sole_state
from engine.process.exit_codes import ExitCode
from engine.storage.ledger_archive import archive
from engine.storage.ledger_database import open_to_read, open_to_write
from engine.storage.whole_ledger import read_whole
from tests.support.archived_ledgers import (
    Chapter,
    all_that_is_read,
    archive_all,
    chapters,
    write_chapter,
    write_chapters,
)
from tests.support.builders import a_balance, a_fill, an_order
from tests.support.journals import NOW, VENUE, some_batches, written
from tests.support.ledger_files import CONFIG, DAY_NS, begin, end, ledger_of, where
from trading.core.errors import Fatal, FatalReason
from trading.core.identifiers import ClientOrderId, TradeId
from trading.journal import reading
from trading.journal.archiving import MOVED, judged
from trading.journal.entries import (
    BalanceRecorded,
    FillBooked,
    Halted,
    LedgerEntry,
    OrderRecorded,
    OrdersIntended,
)
from trading.journal.remembered import ENDED_MAX, FILLS_MAX, Remembered
from trading.journal.tables import Statement
from trading.journal.whole import events_of
from trading.journal.writer import JournalWriter
from trading.orders.order import OrderEvent

ROOT = Path(__file__).parents[2]


def three_days() -> list[Chapter]:
    """Three sessions, of which the first two can be archived."""
    found = []
    for number in (1, 2, 3):
        order = an_order(number, client_order_id=ClientOrderId(f"qw-test-maker-{number}-1"))
        ended = order.after(OrderEvent.RESTING, 1.0).after(OrderEvent.CANCELLED, 3.0)
        fill = a_fill(
            trade_id=TradeId(f"t-{number}"),
            client_order_id=order.client_order_id,
            traded_at_ms=number,
        )
        balance = some_batches()[1][-1]
        entries: list[LedgerEntry] = [
            OrdersIntended((order,), 0.0, Decimal("0.05")),
            FillBooked(fill, 2.0),
            balance,
            OrderRecorded(ended, 3.0),
        ]
        found.append(Chapter(number, VENUE, entries, archive_after=False))
    return found


def rows_everywhere(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the ledger and of the archives that it names, by table."""
    with closing(sqlite3.connect(path)) as ledger:
        files = [
            path,
            *(path.with_name(name) for (name,) in ledger.execute("SELECT file FROM archives")),
        ]
    found: dict[str, list[tuple[object, ...]]] = {table.name: [] for table in MOVED}
    for file in files:
        with closing(sqlite3.connect(file)) as connection:
            for name, rows in found.items():
                rows.extend(connection.execute(f"SELECT * FROM {name}"))  # noqa: S608
    return {name: sorted(rows, key=str) for name, rows in found.items()}


@given(chapters())
@settings(max_examples=40, deadline=None)
def test_with_archives_everybody_sees_what_the_whole_ledger_would_have_shown(
    story: list[Chapter],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole, parted = Path(folder) / "whole" / "l.sqlite", Path(folder) / "parted" / "l.sqlite"
        write_chapters(whole, story)
        for chapter in story:
            write_chapters(parted, [chapter])
            if chapter.archive_after:
                archive_all(parted)
        assert all_that_is_read(parted) == all_that_is_read(whole)


def test_an_order_and_a_trade_that_are_told_of_again_later_count_once(tmp_path: Path) -> None:
    whole, parted = tmp_path / "whole" / "l.sqlite", tmp_path / "parted" / "l.sqlite"
    days = three_days()
    later = OrderRecorded(an_order(1, filled_quantity=Decimal(7), changed_at=5.0), 5.0)
    again = Chapter(4, VENUE, [later, days[0].entries[1]], archive_after=False)
    write_chapters(whole, [*days, again])
    write_chapters(parted, days)
    assert archive_all(parted) == [1, 2]
    write_chapters(parted, [again])
    with closing(sqlite3.connect(parted)) as ledger:
        assert sorted(ledger.execute("SELECT trade_id FROM fills")) == [("t-1",), ("t-3",)]
    assert all_that_is_read(parted) == all_that_is_read(whole)
    events = read_whole(parted, lambda files: events_of(files, "qw-test-maker-1-1"))
    assert [event.mid_price for event in events] == [Decimal("0.05")] * 3


def test_archives_can_be_made_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    first, second, third = three_days()
    write_chapters(path, [first, second])
    assert archive_all(path) == [1]
    write_chapters(path, [third])
    before = rows_everywhere(path)
    assert archive_all(path) == [2]
    assert archive_all(path) == []
    assert rows_everywhere(path) == before
    assert sorted(file.name for file in tmp_path.glob("archive*")) == [
        "archive-1.sqlite",
        "archive-2.sqlite",
    ]


# What stays.


def stays(path: Path, before_ns: int = 2**62) -> dict[int, str]:
    database = open_to_write(path)
    found = database.read(lambda query: judged(query, before_ns, ended_max=1, fills_max=1))
    database.close()
    return {each.session.session: each.stays for each in found}


def test_the_newest_session_stays_and_one_that_is_not_old_enough(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    write_chapters(path, three_days())
    assert stays(path) == {1: "", 2: "", 3: "it is the newest"}
    until = NOW.wall_ns + 2 * DAY_NS
    assert stays(path, until) == {1: "", 2: "it is not old enough", 3: "it is the newest"}


def test_a_session_with_an_order_that_has_not_ended_stays_and_so_does_one_whose_halt_stands(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.sqlite"
    first, second, third = three_days()
    database = open_to_write(path)
    write_chapter(database, Chapter(1, VENUE, first.entries[:-1], archive_after=False))
    halted = [*second.entries, Halted("kill", 4.0)]
    write_chapter(database, Chapter(2, VENUE, halted, archive_after=False))
    write_chapter(database, third)
    database.close()
    assert stays(path) == {
        1: "an order of it has not ended",
        2: "its halt stands",
        3: "it is the newest",
    }


def test_a_session_that_was_killed_is_over_when_the_next_one_begins(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    write_chapters(path, three_days())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM session_ends WHERE session = 1")
    assert stays(path, NOW.wall_ns + 2 * DAY_NS)[1] == "it is not old enough"
    assert stays(path, NOW.wall_ns + 2 * DAY_NS + 1)[1] == ""


def remembered(path: Path) -> tuple[Remembered, int, int]:
    database = open_to_read(path)
    try:
        return database.read(
            lambda query: (
                reading.remembered(query, VENUE, NOW),
                reading.events_written(query),
                reading.last_session(query),
            )
        )
    finally:
        database.close()


def test_what_a_run_begins_with_stays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    database = open_to_write(path)
    database.connection.execute("PRAGMA synchronous = OFF")
    for number in range(1, 7):
        begin(database, number)
        scribe = JournalWriter(number, VENUE, database.read(reading.events_written))
        database.commit(list(a_busy_day(scribe, number)))
        end(database, number)
    database.close()
    before, judged_now = remembered(path), judge(path)
    assert (len(before[0].ended), len(before[0].fills)) == (ENDED_MAX, FILLS_MAX)
    assert [bool(each) for each in judged_now] == [False, False, False, True, True, True]
    archive(path, [1, 2, 3], NOW.wall_ns, lambda _: None)
    assert remembered(path) == before
    assert path.stat().st_size < path.with_name("archive-1.sqlite").stat().st_size * 1.5


def judge(path: Path) -> list[str]:
    database = open_to_read(path)
    found = database.read(lambda query: judged(query, 2**62))
    database.close()
    return [each.stays for each in found]


def a_busy_day(scribe: JournalWriter, number: int) -> Iterator[Statement]:
    """Two hundred orders, and two thousand fills of them."""
    for n in range(200):
        order = an_order(n, client_order_id=ClientOrderId(f"qw-test-maker-{number}-{n}"))
        ended = order.after(OrderEvent.CANCELLED, 2.0)
        yield from written(scribe, [OrdersIntended((order,), 0.0), OrderRecorded(ended, 2.0)])
        for trade in range(10):
            fill = a_fill(
                trade_id=TradeId(f"{number}-{n}-{trade}"), client_order_id=order.client_order_id
            )
            yield from written(scribe, [FillBooked(fill, 1.0)])


# Every moment at which it could end.


KILLED = """
import os, sys
from pathlib import Path
from engine.storage.whole_ledger import read_whole
from tests.support.archived_ledgers import archive_all

steps = int(sys.argv[2])
def step(what):
    global steps
    steps -= 1
    if steps == 0:
        print(what, flush=True)
        os._exit(9)

archive_all(Path(sys.argv[1]), step)
"""


def steps_of(path: Path, folder: Path) -> list[str]:
    copy = Path(shutil.copytree(path.parent, folder / "counted")) / path.name
    steps: list[str] = []
    archive_all(copy, steps.append)
    return steps


def test_a_kill_at_any_moment_leaves_each_row_in_one_place_that_counts(tmp_path: Path) -> None:
    path = tmp_path / "begun" / "ledger.sqlite"
    write_chapters(path, three_days())
    shown, rows, steps = all_that_is_read(path), rows_everywhere(path), steps_of(path, tmp_path)
    assert len(steps) > 15
    for number, step in enumerate(steps, 1):
        copy = Path(shutil.copytree(path.parent, tmp_path / f"killed-{number}")) / path.name
        killed = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", KILLED, str(copy), str(number)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert (killed.returncode, killed.stdout.strip()) == (9, step)
        assert all_that_is_read(copy) == shown, step
        assert rows_everywhere(copy) == rows, step
        archive_all(copy)
        assert all_that_is_read(copy) == shown, step
        assert rows_everywhere(copy) == rows, step
        assert [file.name for file in copy.parent.glob("archive*")] == ["archive-1.sqlite"], step


def test_an_error_at_any_moment_moves_nothing_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "begun" / "ledger.sqlite"
    write_chapters(path, three_days())
    shown, rows, steps = all_that_is_read(path), rows_everywhere(path), steps_of(path, tmp_path)
    for number, step in enumerate(steps[:-1], 1):
        done: list[str] = []

        def fail(what: str, done: list[str] = done, number: int = number) -> None:
            done.append(what)
            if len(done) == number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with pytest.raises(Fatal, match="nothing was moved") as caught:
            archive_all(path, fail)
        assert caught.value.reason is FatalReason.LEDGER
        assert "No space left" in str(caught.value)
        assert all_that_is_read(path) == shown, step
        assert rows_everywhere(path) == rows, step
        assert not list(path.parent.glob("*.part*"))
    assert archive_all(path) == [1, 2]
    assert all_that_is_read(path) == shown


def test_a_row_that_is_damaged_is_named_and_nothing_is_moved(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    write_chapters(path, three_days())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE fills SET price = '7' WHERE number = 2")
    rows = rows_everywhere(path)
    with pytest.raises(Fatal, match=r"nothing was moved.*table fills, trade_id 't-2'"):
        archive_all(path)
    assert rows_everywhere(path) == rows
    assert not list(tmp_path.glob("archive*"))


def test_an_archive_of_another_ledger_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    write_chapters(path, three_days())
    archive_all(path)
    content = path.with_name("archive-1.sqlite").read_bytes()
    path.unlink()
    first, second, _ = three_days()
    another = attrs.evolve(
        first, entries=[*first.entries, BalanceRecorded(a_balance("X", "1"), 4.0)]
    )
    write_chapters(path, [another, second])
    done = archive(path, [1], NOW.wall_ns, lambda _: None)
    assert done.file.name == "archive-2.sqlite"
    assert [file.name for file in done.left] == ["archive-1.sqlite"]
    assert path.with_name("archive-1.sqlite").read_bytes() == content


# The command.


def run(state: Path, *options: str) -> int:
    return main(["ledger", "archive", CONFIG, *options, *where(state)])


def three_simulated_days(path: Path) -> None:
    database = open_to_write(path)
    for chapter in three_days():
        begin(database, chapter.number, venue=f"simulated {chapter.number}", simulated=1)
        scribe = JournalWriter(
            chapter.number,
            f"simulated {chapter.number}",
            database.read(reading.events_written),
        )
        database.commit(written(scribe, chapter.entries))
        end(database, chapter.number)
    database.close()


def test_it_says_what_it_would_do_then_does_it_and_commands_see_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ledger_of(tmp_path)
    three_simulated_days(path)

    def shown() -> list[str]:
        commands = (
            ("orders", CONFIG, "--all", "--all-venues", "--json"),
            ("fills", CONFIG, "--all-venues", "--csv"),
            ("history", CONFIG, "--all-venues"),
            ("explain", CONFIG, "qw-test-maker-1-1"),
        )
        for command in commands:
            assert main([*command, *where(tmp_path)]) == ExitCode.OK
        return capsys.readouterr().out.splitlines()

    before = shown()
    assert run(tmp_path, "--dry-run", "--json") == ExitCode.OK
    planned = json.loads(capsys.readouterr().out)
    assert planned["archive"] is None
    assert [each["session"] for each in planned["sessions"]] == [1, 2]
    assert planned["rows"] == {"orders": 2, "order_events": 4, "fills": 2, "balances": 2}
    assert [(each["session"], each["why"]) for each in planned["stay"]] == [(3, "it is the newest")]
    assert not list(path.parent.glob("archive*"))
    assert run(tmp_path) == ExitCode.OK
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("2 sessions from ")
    assert told[1] == f"moved to {path.with_name('archive-1.sqlite')}"
    assert told[2] == "1 sessions stay: it is the newest"
    assert shown() == before
    assert run(tmp_path) == ExitCode.OK
    assert capsys.readouterr().out.splitlines()[0] == "nothing was moved"
    assert main(["ledger", "check", CONFIG, *where(tmp_path)]) == ExitCode.OK
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_an_archive_is_for_nobody_else_to_read_and_for_nobody_to_write(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    write_chapters(path, three_days())
    archive_all(path)
    assert path.with_name("archive-1.sqlite").stat().st_mode & 0o777 == 0o400


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--before", "soon"), ExitCode.USAGE, "--before 'soon' is no time"),
        ((), ExitCode.NO_INPUT, "there is no ledger at"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    code: ExitCode,
    told: str,
) -> None:
    assert run(tmp_path, *options) == code
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_while_an_engine_runs_on_the_state_directory_nothing_is_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ledger_of(tmp_path)
    three_simulated_days(path)
    engine = EngineSettings(name="paper", state_directory=str(tmp_path))
    with sole_state(engine):
        assert run(tmp_path) == ExitCode.CANNOT_CREATE
    assert "is held by another engine" in capsys.readouterr().err
    assert not list(path.parent.glob("archive*"))


def test_something_in_the_way_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = ledger_of(tmp_path)
    three_simulated_days(path)
    path.with_name("archive-1.sqlite.part").mkdir()
    assert run(tmp_path) == ExitCode.IO_ERROR
    said = capsys.readouterr().err
    assert "nothing was moved" in said
    assert "archive-1.sqlite.part" in said


def test_while_another_program_holds_the_ledgers_lock_it_may_be_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ledger_of(tmp_path)
    three_simulated_days(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as browser:
        browser.execute("BEGIN IMMEDIATE")
        assert run(tmp_path) == ExitCode.TRY_AGAIN
    assert "another program has it open" in capsys.readouterr().err
    assert not list(path.parent.glob("archive*.part"))
    assert run(tmp_path) == ExitCode.OK
    assert [file.name for file in path.parent.glob("archive*")] == ["archive-1.sqlite"]


@pytest.mark.parametrize("damage", ["gone", "torn", "changed"])
def test_an_archive_that_cannot_be_read_is_named_by_everybody_who_looks_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    path = ledger_of(tmp_path)
    three_simulated_days(path)
    assert run(tmp_path) == ExitCode.OK
    file = path.with_name("archive-1.sqlite")
    file.chmod(0o600)
    if damage == "gone":
        file.unlink()
    elif damage == "torn":
        file.write_bytes(file.read_bytes()[:5000])
    else:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("UPDATE fills SET quantity = '7'")
    capsys.readouterr()
    commands = (("fills", CONFIG, "--json", "--all-venues"), ("ledger", "check", CONFIG))
    for command in commands:
        assert main([*command, *where(tmp_path)]) == ExitCode.IO_ERROR
        said = capsys.readouterr()
        assert "archive-1.sqlite" in said.err, command
        assert '"fills"' not in said.out
    open_to_write(path).close()  # trading needs no archive
