"""Cells in processes of their own, which end with whoever started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.sweep.backtesting import backtested
from engine.sweep.cell import CellDied, end_idle_children, run, run_until
from engine.sweep.facts import differences, facts
from tests.engine.in_process import ROOT, in_process
from tests.engine.sweep.sweep_rig import a_plan, planned

_GONE_WITHIN_S = 30.0
"""A process that is still loading looks at its standard input once that is done."""


def a_request(folder: Path) -> bytes:
    _, chosen = planned(folder)
    return chosen[0][1].train[0].request(60.0)


def test_a_cell_in_a_process_comes_to_the_same_as_here(tmp_path: Path) -> None:
    request = a_request(tmp_path)
    try:
        assert run(request) == backtested(request)
    finally:
        end_idle_children()


def test_a_cell_whose_process_is_killed_is_told_as_such(tmp_path: Path) -> None:
    def kill() -> bool:
        for child in children_of(os.getpid()):
            os.kill(child, signal.SIGKILL)
        return False

    with pytest.raises(CellDied, match="ended with -9"):
        run_until(a_request(tmp_path), kill, asked_every_s=0.01)


def test_a_worker_that_is_killed_leaves_no_cell_running(tmp_path: Path) -> None:
    code = (
        "from engine.sweep.cell import _Child; import time; child = _Child();"
        " print(child._process.pid, flush=True); time.sleep(60)"
    )
    worker = subprocess.Popen(  # noqa: S603  # ourselves
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    child = int(worker.stdout.readline())
    worker.kill()
    worker.wait()
    worker.stdout.close()
    deadline = time.monotonic() + _GONE_WITHIN_S
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)  # a process is waited for
    assert not alive(child)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--on", "moon"), 2, "is none of local"),
        (("--on", "dask:"), 2, "is none of local"),
    ],
)
def test_an_unknown_cluster_is_refused(
    arguments: tuple[str, ...], code: int, words: str, tmp_path: Path
) -> None:
    done = in_process("sweep", str(a_plan(tmp_path)), *arguments)
    assert (done.returncode, words in done.stderr) == (code, True), done.stderr


def test_workers_with_another_python_or_code_are_named() -> None:
    here = dict(facts())
    assert not differences(here, {"w1": here})
    other = {**here, "Python": "3.8", "our code": "0" * 12}
    assert differences(here, {"w1": here, "w2": other}) == [
        f"w2 has Python 3.8, and here it is {here['Python']}",
        f"w2 has our code {'0' * 12}, and here it is {here['our code']}",
    ]


def children_of(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    children = [int(pid) for task in tasks for pid in task.read_text().split()]
    return [pid for pid in children if b"sweep-cell" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
