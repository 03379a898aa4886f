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
