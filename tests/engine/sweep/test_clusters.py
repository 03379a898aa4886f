"""Sweeps on clusters of this machine; each library is an extra, and skipped where it is absent."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.engine.in_process import NOTHING, ROOT, in_process
from tests.engine.sweep.sweep_rig import PLAN, SAMPLE, a_plan
from tests.support.extras import extra

_THERE_WITHIN_S = 60.0


@contextmanager
def _process(
    *arguments: str, cwd: Path, environment: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(  # noqa: S603  # a library's own program
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def dask_of_two(
    folder: Path, *, cwd: Path = ROOT, environment: Mapping[str, str] = NOTHING
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """
    The address of a scheduler with two workers, and one of them.

    Args:
        cwd: Of the workers.
        environment: In addition to that of the tests.
    """
    started = partial(_process, cwd=cwd, environment=environment)
    file = folder / "scheduler.json"
    where = ("--scheduler-file", str(file))
    with ExitStack() as kept:
        scheduler = "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"
        kept.enter_context(started(*scheduler, *where))
        until = time.monotonic() + _THERE_WITHIN_S
        while not file.exists():
            assert time.monotonic() < until, "no scheduler"
            time.sleep(0.1)
        worker = "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard"
        first, _ = (kept.enter_context(started(*worker, *where)) for _ in range(2))
        import distributed  # noqa: PLC0415  # only where it is there

        with distributed.Client(scheduler_file=str(file), set_as_default=False) as client:
            client.wait_for_workers(2, timeout=_THERE_WITHIN_S)
            address = client.scheduler.address
        yield address, first


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_dask_has_the_same_files_as_this_machine_though_a_worker_is_killed(
    tmp_path: Path,
) -> None:
    extra("distributed", "dask")
    plan = str(a_plan(tmp_path))
    here, there = tmp_path / "here", tmp_path / "there"
    assert in_process("sweep", plan, "--jobs", "1", "--out", str(here)).returncode == 0
    with dask_of_two(tmp_path) as (address, worker):
        worker.kill()  # as soon as it is counted on
        done = in_process("sweep", plan, "--on", f"dask:{address}", "--out", str(there))
    assert done.returncode == 0, done.stderr
    assert _files(here) == _files(there)


def test_dask_is_sent_a_dataset_once_for_two_workers_and_lacks_it_without_ship(
    tmp_path: Path,
) -> None:
    extra("distributed", "dask")
    shutil.copytree(SAMPLE, tmp_path / "doge")
    # A path that means another place to each process, as on another machine.
    a_plan(tmp_path, PLAN.replace(str(SAMPLE), "/proc/self/cwd/doge"))
    elsewhere, kept = tmp_path / "elsewhere", tmp_path / "kept"
    elsewhere.mkdir()
    environment = {"PYTHONPATH": str(ROOT), "QUOTEWRIGHT_DATA": str(kept)}
    here = partial(in_process, "sweep", "plan.toml", cwd=tmp_path)
    assert here("--jobs", "1", "--out", "here").returncode == 0
    with dask_of_two(tmp_path, cwd=elsewhere, environment=environment) as (address, _):
        on = "--on", f"dask:{address}", "--out", "there"
        lacking = here(*on)
        assert (lacking.returncode, "--ship sends" in lacking.stdout) == (1, True), lacking.stderr
        done = here(*on, "--ship")
        again = here(*on, "--ship")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("sent /proc/self/cwd/doge") == 1
    assert done.stderr.count("lacks no dataset") == 1  # the other worker of the machine
    assert again.stderr.count("lacks no dataset") == 2
    assert _files(tmp_path / "here") == _files(tmp_path / "there")
    [name] = (each.name for each in kept.iterdir() if not each.name.startswith("."))
    assert _files(kept / name) == _files(SAMPLE)


def test_ray_has_the_same_files_as_this_machine(tmp_path: Path) -> None:
    extra("ray", "ray")
    plan = str(a_plan(tmp_path))
    here, there = tmp_path / "here", tmp_path / "there"
    assert in_process("sweep", plan, "--jobs", "1", "--out", str(here)).returncode == 0
    command = [sys.executable, "-m", "engine", "sweep", plan, "--on", "ray:local", "--jobs", "1"]
    done = subprocess.run(  # noqa: S603  # ourselves
        [*command, "--out", str(there)], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert _files(here) == _files(there)


@pytest.mark.parametrize(("library", "kind"), [("distributed", "dask"), ("ray", "ray")])
def test_without_the_library_it_is_said_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, kind: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    done = in_process("sweep", str(a_plan(tmp_path)), "--on", f"{kind}:127.0.0.1:1")
    assert (done.returncode, f"quotewright[{kind}]" in done.stderr) == (69, True)
