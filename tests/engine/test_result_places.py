"""The places of results: only an earlier result of the same kind is ever replaced."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from engine.backtest.files import write_backtest
from engine.process.exit_codes import ExitCode
from engine.storage.places import PlaceTaken, replace_whole
from tests.engine.in_process import ROOT, in_process
from tests.engine.sweep.sweep_rig import a_plan
from trading.research.result import decode_result

PAPER = str(ROOT / "config" / "paper.toml")
SAMPLE = str(ROOT / "docs" / "samples" / "doge-usdt")
HALT = "CREATE TABLE halt (durable INTEGER); INSERT INTO halt VALUES (1)"


def a_backtest(out: Path | str, *more: str, cwd: Path = ROOT) -> tuple[int, str]:
    ends = ("--to", "+5", "--out", str(out))
    done = in_process("backtest", PAPER, "--data", SAMPLE, *ends, *more, cwd=cwd)
    return done.returncode, done.stderr


def a_ledger(path: Path) -> bytes:
    with sqlite3.connect(path) as ledger:
        ledger.executescript(HALT)
    ledger.close()
    return path.read_bytes()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("beside", [(), ("lock",), ("ledger.sqlite-wal", "ledger.sqlite-shm")])
def test_the_ledger_of_an_engine_is_never_replaced_by_that_of_a_backtest(
    beside: tuple[str, ...], tmp_path: Path
) -> None:
    a_ledger(tmp_path / "ledger.sqlite")
    for name in beside:
        (tmp_path / name).write_bytes(b"pid 1\n")
    before = contents(tmp_path)
    # The latency is only found to be missing once it runs.
    code, told = a_backtest(tmp_path, "--latency", "measured:/nowhere")
    assert code == ExitCode.CANNOT_CREATE, told
    for words in ("state folder of an engine", "ledger.sqlite", "name another folder"):
        assert words in told
    assert contents(tmp_path) == before


@pytest.mark.parametrize("extra", ["lock", "notes.txt", "ledger.sqlite"])
def test_an_earlier_result_does_not_give_away_what_else_lies_beside_it(
    extra: str, tmp_path: Path
) -> None:
    assert a_backtest(tmp_path, "--path", "direct")[0] == 0
    (tmp_path / extra).write_text("mine")
    before = contents(tmp_path)
    code, told = a_backtest(tmp_path)
    assert (code, extra in told) == (ExitCode.CANNOT_CREATE, True), told
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("result.json", "{}", "result.json"),
        ("meta.json", "{}", "a dataset"),
        ("head.json", "{}", "the recording of a session"),
        ("sweep.json", "{}", "results of a sweep"),
        ("mine.txt", "mine", "mine.txt"),
    ],
)
def test_a_folder_of_something_else_is_refused_with_what_it_is(
    name: str, text: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    code, words = a_backtest(tmp_path)
    assert (code, told in words) == (ExitCode.CANNOT_CREATE, True), words
    assert contents(tmp_path) == {name: text.encode()}


def test_an_earlier_backtest_is_replaced_whole(tmp_path: Path) -> None:
    assert a_backtest(tmp_path, "--seed", "1")[0] == 0
    for name in ("ledger.sqlite-wal", "ledger.sqlite-shm"):
        (tmp_path / name).write_bytes(b"stale")
    assert a_backtest(tmp_path, "--seed", "2")[0] == 0
    assert sorted(contents(tmp_path)) == ["ledger.sqlite", "report.html", "result.json"]
    assert decode_result((tmp_path / "result.json").read_bytes()).head.seed == 2
    assert a_backtest(tmp_path, "--path", "direct")[0] == 0
    assert sorted(contents(tmp_path)) == ["report.html", "result.json"]


@pytest.mark.parametrize(
    "words",
    [
        ("backtest", PAPER, "--data", SAMPLE),
        ("sweep", "plan.toml"),
        ("report", PAPER),
        ("recording", "capture", "--venue", "simulated", "--pairs", "DOGEUSDT"),
        ("recording", "import", "x", "--pair", "DOGEUSDT", "--tick", "1", "--lot", "1"),
        ("import-hummingbot", "conf.yml"),
    ],
)
def test_a_place_without_a_name_is_a_usage_error(words: tuple[str, ...], tmp_path: Path) -> None:
    for given in (("--out", ""), ("--out=",)):
        done = in_process(*words, *given, cwd=tmp_path)
        assert done.returncode == ExitCode.USAGE, done.stderr
        assert "no place" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_sweep_goes_on_in_its_own_folder_and_in_no_other(tmp_path: Path) -> None:
    plan, out = str(a_plan(tmp_path)), tmp_path / "out"

    def a_sweep() -> tuple[int, str]:
        done = in_process("sweep", plan, "--jobs", "1", "--out", str(out))
        return done.returncode, done.stderr

    out.mkdir()
    a_ledger(out / "ledger.sqlite")
    code, told = a_sweep()
    assert (code, "state folder of an engine" in told) == (ExitCode.CANNOT_CREATE, True), told
    assert sorted(contents(out)) == ["ledger.sqlite"]
    (out / "ledger.sqlite").unlink()
    assert a_sweep()[0] == 0
    assert a_sweep()[0] == 0
    (out / "cells" / "mine.json").write_text("{}")
    code, told = a_sweep()
    assert (code, "mine.json" in told) == (ExitCode.CANNOT_CREATE, True), told


def test_a_page_replaces_a_page_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert a_backtest(out, "--path", "direct")[0] == 0
    page = tmp_path / "page.html"
    assert in_process("report", str(out), "--out", str(page)).returncode == 0
    assert in_process("report", str(out), "--out", str(page)).returncode == 0
    page.write_text("<!doctype html>\n<p>mine")
    done = in_process("report", str(out), "--out", str(page))
    assert (done.returncode, "no page of" in done.stderr) == (ExitCode.CANNOT_CREATE, True)
    assert page.read_text() == "<!doctype html>\n<p>mine"


def test_a_trace_replaces_a_trace_and_nothing_else(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    command = ("simulate", "--until", "60", "--faults", "none", "--trace", str(trace))
    assert in_process(*command).returncode == 0
    before = trace.read_bytes()
    assert in_process(*command).returncode == 0
    assert trace.read_bytes() == before
    ledger = a_ledger(tmp_path / "ledger.sqlite")
    done = in_process(*command[:-1], str(tmp_path / "ledger.sqlite"))
    assert (done.returncode, "no trace" in done.stderr) == (ExitCode.CANNOT_CREATE, True)
    assert (tmp_path / "ledger.sqlite").read_bytes() == ledger
    assert in_process(*command[:-1], "/dev/null").returncode == 0


def test_force_replaces_a_recording_and_nothing_else(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path / "ledger.sqlite")
    market = ("--venue", "simulated", "--pairs", "DOGEUSDT", "--duration", "0.5", "--force")
    for _ in range(2):
        done = in_process("recording", "capture", *market, "--out", str(tmp_path / "m.zst"))
        assert done.returncode == 0, done.stderr
    done = in_process("recording", "capture", *market, "--out", str(tmp_path / "ledger.sqlite"))
    assert (done.returncode, "no recording" in done.stderr) == (ExitCode.CANNOT_CREATE, True)
    assert contents(tmp_path)["ledger.sqlite"] == ledger


def test_force_replaces_a_configuration_and_nothing_else(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path / "ledger.sqlite")
    given = ("--out", str(tmp_path / "ledger.sqlite"), "--force")
    example = str(next((ROOT / "tests").rglob("conf_pure_mm*.yml")))
    for command in (("import-hummingbot", example), ("init", "--yes")):
        done = in_process(*command, *given)
        assert done.returncode == ExitCode.CANNOT_CREATE, done.stderr
        assert "no configuration" in done.stderr
    assert contents(tmp_path) == {"ledger.sqlite": ledger}


@pytest.mark.parametrize("name", ["mine.txt", "ledger.sqlite"])
def test_force_replaces_a_dataset_and_not_what_lies_in_its_folder(
    name: str, tmp_path: Path
) -> None:
    out = tmp_path / "d"
    shutil.copytree(SAMPLE, out)
    (out / name).write_text("mine")
    asked = ("--pair", "DOGEUSDT", "--tick", "0.00001", "--lot", "1", "--out", str(out), "--force")
    market = str(ROOT / "docs" / "samples" / "doge-usdt.zst")
    before = contents(out)
    done = in_process("recording", "import", market, *asked)
    assert (done.returncode, name in done.stderr) == (ExitCode.CANNOT_CREATE, True), done.stderr
    assert contents(out) == before
    (out / name).unlink()
    assert in_process("recording", "import", market, *asked).returncode == 0


def test_what_is_no_regular_file_is_written_into_and_stays(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    for data in (b"1", b"2"):
        replace_whole(link, data)
        assert (link.is_symlink(), target.read_bytes()) == (True, data)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "target"]
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        replace_whole(pipe, b"3")
        assert os.read(reader, 9) == b"3"
        assert pipe.is_fifo()
    finally:
        os.close(reader)
    with pytest.raises(IsADirectoryError):
        replace_whole(tmp_path, b"4")


def test_what_comes_into_the_folder_during_a_backtest_is_not_replaced(tmp_path: Path) -> None:
    assert a_backtest(tmp_path)[0] == 0
    before = contents(tmp_path)
    (tmp_path / "lock").write_text("pid 1\n")
    with pytest.raises(PlaceTaken, match="state folder of an engine: lock in it"):
        write_backtest(tmp_path, before)
    assert contents(tmp_path) == {**before, "lock": b"pid 1\n"}


def test_a_disk_that_takes_no_result_leaves_the_earlier_one_whole(tmp_path: Path) -> None:
    assert a_backtest(tmp_path)[0] == 0
    before = contents(tmp_path)
    with pytest.raises(OSError, match="File name too long"):
        write_backtest(tmp_path, {"result.json": b"{}", "n" * 300: b""})
    assert contents(tmp_path) == before
