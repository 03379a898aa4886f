"""What every command that reads a session says of how its recording ends."""

import json
import os
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import zstandard

from engine.process.exit_codes import ExitCode
from engine.storage.recording_files import read_lines
from tests.engine.in_process import ROOT, in_process
from tests.support.cut_session import a_copy, cut_off

PAPER = str(ROOT / "config" / "paper.toml")
PARTS = ("account-0001.zst", "decisions-0001.zst", "market-0001.zst")
READERS = ("replay", "score", "fork")


def read(reader: str, session: Path, *arguments: str) -> CompletedProcess[str]:
    if reader == "fork":
        return in_process("backtest", PAPER, "--fork", f"{session}@+15", *arguments)
    return in_process(reader, str(session), *arguments)


def told_end(reader: str, session: Path) -> dict[str, object]:
    done = read(reader, session, "--json")
    assert done.returncode == ExitCode.OK, done.stderr
    told = json.loads(done.stdout)
    return dict(told if reader == "replay" else told["session"])


@pytest.mark.parametrize("reader", READERS)
def test_a_session_that_ends_in_good_order_is_no_news(reader: str, tmp_path: Path) -> None:
    session = a_copy(tmp_path)
    done = read(reader, session)
    assert (done.returncode, "has no end" in done.stdout) == (ExitCode.OK, False), done.stderr
    end = told_end(reader, session)
    assert (end["ended"], end["cut_files"], end["still_written_by"]) == (True, [], None)


@pytest.mark.parametrize("reader", READERS)
def test_a_session_that_was_cut_off_is_told(reader: str, tmp_path: Path) -> None:
    session = a_copy(tmp_path)
    cut_off(session, *PARTS)
    done = read(reader, session)
    assert done.returncode == ExitCode.OK, done.stderr
    assert "it has no end: the engine was killed" in done.stdout
    assert "decisions-0001.zst" in done.stdout
    end = told_end(reader, session)
    assert end["ended"] is False
    assert "decisions-0001.zst" in str(end["cut_files"])


@pytest.mark.parametrize("reader", READERS)
def test_a_session_that_goes_on_names_who_writes_it(reader: str, tmp_path: Path) -> None:
    session = a_copy(tmp_path)
    cut_off(session, *PARTS)
    (session.parents[1] / "lock").write_text(f"pid {os.getpid()}, engine paper")
    assert f"still being written, by process {os.getpid()}" in read(reader, session).stdout
    assert told_end(reader, session)["still_written_by"] == f"process {os.getpid()}"


@pytest.mark.parametrize("reader", READERS)
def test_a_session_whose_last_decisions_are_missing_has_no_end(reader: str, tmp_path: Path) -> None:
    session = a_copy(tmp_path)
    file = session / PARTS[1]
    with file.open("rb") as packed:
        lines = list(read_lines(packed, file, lambda _: None))
    kept = b"".join(line + b"\n" for line in lines[: len(lines) // 2])
    file.write_bytes(zstandard.ZstdCompressor().compress(kept))
    done = read(reader, session)
    assert (done.returncode, "it has no end" in done.stdout) == (ExitCode.OK, True), done.stderr
    assert (told_end(reader, session)["ended"], "cut off" in done.stdout) == (False, False)


@pytest.mark.parametrize("reader", ["score", "fork"])
def test_a_part_that_was_cut_after_it_had_been_whole_is_refused(
    reader: str, tmp_path: Path
) -> None:
    session = a_copy(tmp_path)
    cut_off(session, PARTS[2])
    done = read(reader, session)
    assert done.returncode == ExitCode.NO_INPUT
    assert "market-0001.zst was cut off after it had been recorded whole" in done.stderr


@pytest.mark.parametrize("reader", READERS)
def test_a_last_part_that_is_damaged_is_refused(reader: str, tmp_path: Path) -> None:
    session = a_copy(tmp_path)
    file = session / PARTS[1]
    data = bytearray(file.read_bytes())
    data[len(data) * 3 // 4] ^= 0xFF
    file.write_bytes(data)
    done = read(reader, session)
    assert (done.returncode, PARTS[1] in done.stderr) == (ExitCode.NO_INPUT, True), done.stdout


ACCOUNT, DECISIONS, MARKET = PARTS
UNENDED = (DECISIONS,)
"""What is cut off of a session whose account was lost with the power."""


def emptied(session: Path, *names: str) -> None:
    for name in names:
        (session / name).write_bytes(b"")


@pytest.mark.parametrize("reader", ["score", "fork"])
def test_an_empty_file_is_one_that_was_cut_off(reader: str, tmp_path: Path) -> None:
    session = a_copy(tmp_path)
    emptied(session, ACCOUNT)
    done = read(reader, session)
    assert done.returncode == ExitCode.NO_INPUT
    assert f"{ACCOUNT} is empty, and was recorded whole" in done.stderr
    cut_off(session, *UNENDED)
    done = read(reader, session)
    assert (done.returncode, ACCOUNT in done.stdout) == (ExitCode.OK, True), done.stderr
    assert ACCOUNT in str(told_end(reader, session)["cut_files"])


@pytest.mark.parametrize("reader", ["score", "fork"])
def test_an_account_that_is_missing_is_told(reader: str, tmp_path: Path) -> None:
    session = a_copy(tmp_path)
    assert told_end(reader, session)["missing_files"] == []
    (session / ACCOUNT).unlink()
    done = read(reader, session)
    assert done.returncode == ExitCode.OK, done.stderr
    assert f"{ACCOUNT} is missing: our own orders and trades count as everybody's" in done.stdout
    assert told_end(reader, session)["missing_files"] == [ACCOUNT]


@pytest.mark.parametrize("reader", ["score", "fork"])
@pytest.mark.parametrize("lost", ["is empty", "is missing"])
def test_decisions_that_are_not_there_are_named(reader: str, lost: str, tmp_path: Path) -> None:
    session = a_copy(tmp_path)
    if lost == "is empty":
        emptied(session, DECISIONS)
    else:
        (session / DECISIONS).unlink()
    for more in ((), ("--data", str(ROOT / "docs" / "samples" / "doge-usdt"))):
        if more and reader != "fork":
            continue
        done = read(reader, session, *more)
        assert done.returncode == ExitCode.NO_INPUT, done.stderr
        assert f"{DECISIONS} {lost}" in done.stderr


def test_decisions_that_were_cut_before_their_first_look_are_named(tmp_path: Path) -> None:
    session = a_copy(tmp_path)
    file = session / DECISIONS
    file.write_bytes(file.read_bytes()[:40])
    for reader in ("score", "fork"):
        done = read(reader, session)
        assert done.returncode == ExitCode.NO_INPUT, done.stderr
        assert f"no strategy has looked in it, and {DECISIONS} was cut off" in done.stderr


@pytest.mark.parametrize("reader", ["score", "fork"])
@pytest.mark.parametrize("lost", ["is empty", "is missing", "was cut off"])
def test_a_market_that_is_not_there_is_named(reader: str, lost: str, tmp_path: Path) -> None:
    session = a_copy(tmp_path)
    cut_off(session, *UNENDED)
    match lost:
        case "is empty":
            emptied(session, MARKET)
        case "is missing":
            (session / MARKET).unlink()
        case _:
            (session / MARKET).write_bytes((session / MARKET).read_bytes()[:40])
    done = read(reader, session)
    assert done.returncode == ExitCode.NO_INPUT, done.stdout
    assert (MARKET in done.stderr, "--pair" in done.stderr) == (True, False), done.stderr
    if lost != "was cut off":
        assert f"{MARKET} {lost}" in done.stderr


@pytest.mark.parametrize("lost", ["is empty", "is missing"])
def test_a_latency_cannot_be_measured_without_the_account(lost: str, tmp_path: Path) -> None:
    session = a_copy(tmp_path)
    emptied(session, ACCOUNT)
    if lost == "is missing":
        (session / ACCOUNT).unlink()
    sample = str(ROOT / "docs" / "samples" / "doge-usdt")
    done = in_process("backtest", PAPER, "--data", sample, "--latency", f"measured:{session}")
    assert (done.returncode, f"{ACCOUNT} {lost}" in done.stderr) == (ExitCode.NO_INPUT, True)


@pytest.mark.parametrize("ended", [True, False])
def test_an_import_without_the_account_guesses_whether_it_is_empty_or_deleted(
    tmp_path: Path, *, ended: bool
) -> None:
    session = a_copy(tmp_path)
    if not ended:
        cut_off(session, *UNENDED)
    asked = ("--pair", "DOGEUSDT", "--tick", "0.00001", "--lot", "1", "--json", "--force")
    guessed = []
    for deleted in (False, True):
        if deleted:
            (session / ACCOUNT).unlink()
        else:
            emptied(session, ACCOUNT)
        out = ("--out", str(tmp_path / "d"))
        done = in_process("recording", "import", str(session), *asked, *out)
        assert done.returncode == ExitCode.OK, done.stderr
        guessed.append(json.loads(done.stdout)["guessed"])
    assert guessed[0] == guessed[1]
    assert "there is no file of the account" in str(guessed[0])
    emptied(session, MARKET)
    done = in_process("recording", "import", str(session), *asked, "--out", str(tmp_path / "e"))
    assert done.returncode == ExitCode.NO_INPUT
    assert f"{MARKET} is empty" in done.stderr
