"""The folders of results: refused before anything is run, and not left behind empty."""

import errno
from pathlib import Path

import pytest

from engine.backtest.files import OF_BACKTESTS, results_folder
from engine.process.exit_codes import ExitCode, code_of_unwritten
from engine.storage.places import write_whole
from tests.engine.in_process import ROOT, in_process
from tests.engine.sweep.sweep_rig import a_plan

PAPER = str(ROOT / "config" / "paper.toml")
SAMPLE = str(ROOT / "docs" / "samples" / "doge-usdt")
LATE = ("--latency", "measured:/nowhere")
"""What is only found once it runs."""


@pytest.mark.parametrize("command", ["backtest", "sweep"])
def test_a_file_in_the_place_of_a_folder_is_refused_before_anything_is_run(
    command: str, tmp_path: Path
) -> None:
    plan = str(a_plan(tmp_path))
    given = (plan,) if command == "sweep" else (PAPER, "--data", SAMPLE, *LATE)
    file = tmp_path / "file"
    file.write_text("mine")
    for out, words in ((file, "is a file, and a folder is needed"), (file / "in", "Not a dir")):
        done = in_process(command, *given, "--out", str(out))
        assert (done.returncode, words in done.stderr) == (73, True), done.stderr
    assert file.read_text() == "mine"


def test_a_backtest_that_comes_to_nothing_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    for out in (tmp_path / "new" / "below", tmp_path / "theirs"):
        done = in_process("backtest", PAPER, "--data", SAMPLE, *LATE, "--out", str(out))
        assert done.returncode == ExitCode.NO_INPUT
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]


def test_a_folder_that_was_made_goes_if_nothing_is_in_it_whatever_ends_it(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    with pytest.raises(KeyboardInterrupt), results_folder(out, OF_BACKTESTS):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
    with results_folder(out, OF_BACKTESTS):
        write_whole(out / "cells" / "one.json", b"1")
    assert (out / "cells" / "one.json").read_bytes() == b"1"


def test_a_file_that_cannot_be_written_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="File name too long"):
        write_whole(tmp_path / "cells" / ("n" * 300), b"1")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EACCES, ExitCode.CANNOT_CREATE),
        (errno.EISDIR, ExitCode.CANNOT_CREATE),
        (errno.EROFS, ExitCode.CANNOT_CREATE),
        (errno.ENOSPC, ExitCode.IO_ERROR),
        (errno.EIO, ExitCode.IO_ERROR),
    ],
)
def test_a_wrong_place_and_a_disk_that_takes_no_more_end_otherwise(
    number: int, code: ExitCode
) -> None:
    assert code_of_unwritten(OSError(number, "no")) is code
