"""`engine replay`: what it says of a session, and of one that cannot be read."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from engine.process.exit_codes import ExitCode
from engine.storage.recording_files import read_lines
from tests.engine.engine_process import PAPER
from tests.engine.in_process import in_process
from tests.support.recorded_session import recorded

DECISIONS = "decisions-0001.zst"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("recorded"))


@pytest.fixture
def session(whole: Path, tmp_path: Path) -> Path:
    """A copy of a session in a state directory, to be damaged."""
    target = tmp_path / "paper" / "recordings" / whole.name
    shutil.copytree(whole, target)
    return target


def lines_of(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return list(read_lines(file, path, lambda _: None))


def rewritten(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    lines = change(lines_of(path))
    path.write_bytes(zstandard.ZstdCompressor().compress(b"".join(line + b"\n" for line in lines)))


def cut(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


def without_its_end(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def test_a_session_that_was_killed_before_it_decided_anything_is_not_called_the_same(
    session: Path,
) -> None:
    (session / DECISIONS).write_bytes(b"")
    ended = in_process("replay", str(session))
    assert ended.returncode == ExitCode.OK, ended.stderr
    assert ended.stdout.splitlines()[-1] == "nothing is recorded that could be judged"


def test_a_session_that_decides_the_same_is_told_in_a_few_lines(session: Path) -> None:
    ended = in_process("replay", str(session), "--books")
    assert ended.returncode == ExitCode.OK, ended.stderr
    assert ended.stderr == ""
    head, doge, books, verdict = ended.stdout.splitlines()
    assert head.startswith(f"session {session.name} of engine paper: recorded from 2023-11-14T22:")
    assert "in 1 life" in doge
    assert " 0 were shown otherwise" in books
    assert verdict.startswith("the same: ")


def test_its_outcome_for_machines(session: Path) -> None:
    outcome = json.loads(in_process("replay", str(session), "--json").stdout)
    assert outcome["same"]
    assert outcome["code"]["same"]
    assert outcome["ended"]
    tally = outcome["strategies"]["doge"]
    assert tally["judged"] == tally["looks"] > 5
    assert tally["first_difference"] is None


def test_the_first_difference_is_shown_with_both_decisions(session: Path) -> None:
    setting = ("--set", "strategies.doge.order_amount=50")
    ended = in_process("replay", str(session / "head.json"), *setting)
    assert ended.returncode == ExitCode.FAILURE
    assert "doge: FIRST DIFFERENCE at look 1 at 2023-11-14T22:13:20" in ended.stdout
    assert '"quantity":"40"' in ended.stdout.partition("places, as recorded: ")[2]
    assert '"quantity":"50"' in ended.stdout.partition("places, as it is now: ")[2]
    assert ended.stdout.endswith("DIFFERENT\n")
    first = json.loads(in_process("replay", str(session), *setting, "--json").stdout)["strategies"][
        "doge"
    ]["first_difference"]
    assert first["look"] == 1
    assert first["recorded"]["places"][0]["quantity"] == "40"
    assert first["now"]["places"][0]["quantity"] == "50"


def test_other_code_is_allowed_and_named(session: Path) -> None:
    head = session / "head.json"
    head.write_text(head.read_text().replace('"code": "', '"code": "other'))
    ended = in_process("replay", str(session))
    assert ended.returncode == ExitCode.OK
    assert "this is other code than that which recorded it: a regression test" in ended.stdout


@pytest.mark.parametrize("running", [False, True])
def test_a_session_without_its_end_is_replayed_as_far_as_it_goes(
    session: Path, *, running: bool
) -> None:
    rewritten(session / DECISIONS, without_its_end)
    cut(session / DECISIONS, 0.9)
    if running:
        (session.parents[1] / "lock").write_text(f"pid {os.getpid()}, engine paper")
    ended = in_process("replay", str(session))
    assert ended.returncode == ExitCode.OK, ended.stderr
    who = f"process {os.getpid()}"
    assert (f"it is still being written, by {who}" in ended.stdout) is running
    assert ("the engine was killed" in ended.stdout) is not running


def reordered(session: Path) -> None:
    def swap(lines: list[bytes]) -> list[bytes]:
        return [*lines[:6], lines[7], lines[6], *lines[8:]]

    rewritten(session / DECISIONS, swap)


def with_a_line_that_is_none(session: Path) -> None:
    rewritten(session / DECISIONS, lambda lines: [*lines[:5], b'{"line":"gossip"}', *lines[5:]])


def without_a_look(session: Path) -> None:
    rewritten(session / DECISIONS, lambda lines: [*lines[:6], *lines[7:]])


def without_its_first_file(session: Path) -> None:
    (session / DECISIONS).rename(session / "decisions-0002.zst")


def with_a_flipped_bit(session: Path) -> None:
    path = session / DECISIONS
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def cut_in_the_middle(session: Path) -> None:
    shutil.copy(session / DECISIONS, session / "decisions-0002.zst")
    cut(session / DECISIONS, 0.5)


def without_its_head(session: Path) -> None:
    (session / "head.json").unlink()


def with_a_head_of_tomorrow(session: Path) -> None:
    head = session / "head.json"
    head.write_text(head.read_text().replace('"format": 1', '"format": 2'))


def with_half_a_head(session: Path) -> None:
    cut(session / "head.json", 0.5)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (reordered, "decisions-0001.zst, line 7: look "),
        (with_a_line_that_is_none, "line 6: it is no line of decisions"),
        (without_a_look, "lines are missing, twice there or in another order"),
        (without_its_first_file, "decisions-0001.zst is missing"),
        (with_a_flipped_bit, "decisions-0001.zst: what is packed in it is damaged"),
        (cut_in_the_middle, "decisions-0001.zst was cut off, and the session goes on after it"),
        (without_its_head, "holds no recording of a session"),
        (with_a_head_of_tomorrow, "it is of format 2, and only format 1 is read"),
        (with_half_a_head, "head.json cannot be read"),
        (shutil.rmtree, "is not there; name the folder of a session"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_wrong_with_a_session_is_said_with_its_place(
    session: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(session)
    ended = in_process("replay", str(session))
    assert ended.returncode == ExitCode.NO_INPUT, ended.stdout
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_a_strategy_that_the_session_does_not_have_is_refused(session: Path) -> None:
    ended = in_process("replay", str(session), "--strategy", "dog")
    assert ended.returncode == ExitCode.USAGE
    assert "the session has no strategy 'dog'; it has doge" in ended.stderr


def test_a_setting_that_cannot_be_is_refused(session: Path) -> None:
    ended = in_process("replay", str(session), "--set", "strategies.doge.bid_spread=7")
    assert ended.returncode == ExitCode.CONFIGURATION
    assert "nothing was replayed" in ended.stderr


def test_books_whose_changes_are_missing_among_the_frames_are_counted(session: Path) -> None:
    def without_a_change(lines: list[bytes]) -> list[bytes]:
        place = next(i for i, line in enumerate(lines) if i > 40 and b'"OB_L1_DIFF"' in line)
        return [*lines[:place], *lines[place + 1 :]]

    rewritten(session / "market-0001.zst", without_a_change)
    ended = in_process("replay", str(session), "--books")
    assert ended.returncode == ExitCode.OK
    assert "tops the change is not among the frames" in ended.stdout


def test_a_book_that_was_shown_otherwise_is_a_difference(session: Path) -> None:
    def with_another_quantity(lines: list[bytes]) -> list[bytes]:
        first = next(i for i, line in enumerate(lines) if b'"whole":true' in line)
        look = json.loads(lines[first])
        look["view"]["top"]["bids"][0]["quantity"] = "7"
        return [*lines[:first], json.dumps(look).encode(), *lines[first + 1 :]]

    rewritten(session / DECISIONS, with_another_quantity)
    ended = in_process("replay", str(session), "--books")
    assert ended.returncode == ExitCode.FAILURE
    assert "books: FIRST DIFFERENCE of DOGEUSDT at change " in ended.stdout
    assert "shown: 7 at " in ended.stdout
    told = json.loads(in_process("replay", str(session), "--books", "--json").stdout)["books"]
    assert told["others"] == 1
    assert told["first_difference"]["pair"] == "DOGEUSDT"


def test_a_run_of_the_command_is_recorded_by_a_thread_and_replayed(tmp_path: Path) -> None:
    ended = in_process(
        *("run", PAPER, "--duration", "3", "--set", "recording.enabled=true"),
        *("--set", f"engine.state_directory={tmp_path}", "--set", f"log.file={tmp_path}/log"),
        environment={"XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert ended.returncode == ExitCode.OK, ended.stderr
    [session] = (tmp_path / "paper" / "recordings").iterdir()
    assert session.stat().st_mode & 0o077 == 0
    outcome = json.loads(in_process("replay", str(session), "--books", "--json").stdout)
    assert outcome["same"]
    assert outcome["ended"]
    assert outcome["strategies"]["doge"]["judged"] > 1
    assert outcome["books"]["compared"] > 1
