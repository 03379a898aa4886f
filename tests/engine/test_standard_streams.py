"""The last words of a process: truthful also where nobody reads them."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from engine.logs import standard_streams
from engine.logs.standard_streams import DescriptorStream, say

ROOT = Path(__file__).parents[2]
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ, which Python has a name for since 3.10 on Linux only


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    try:
        yield reading, writing
    finally:
        for descriptor in (reading, writing):
            with suppress(OSError):
                os.close(descriptor)


class Standard:
    """A standard stream with a descriptor of the test's."""

    encoding = "ascii"

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def flush(self) -> None:
        """Nothing is kept back."""


def test_a_closed_pipe_is_told_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pipe() as (reading, writing):
        os.close(reading)
        monkeypatch.setattr(sys, "stdout", Standard(writing))
        assert say("summary") == "Broken pipe"


def test_a_pipe_that_nobody_reads_holds_up_the_end_for_a_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pipe() as (reading, writing):
        fcntl.fcntl(writing, _SET_PIPE_SIZE, 4096)
        monkeypatch.setattr(sys, "stdout", Standard(writing))
        began = time.monotonic()
        assert say("x" * 10_000, within_s=0.2) == "nobody read it within 0.2 s"
        assert time.monotonic() - began < 5
        # Its thread has to come to an end: it would write to whatever gets that number next.
        [writer] = [thread for thread in threading.enumerate() if thread.name == "last word"]
        while writer.is_alive():
            os.read(reading, 100_000)
            writer.join(0.1)


def test_what_the_encoding_does_not_have_is_written_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pipe() as (reading, writing):
        monkeypatch.setattr(sys, "stderr", Standard(writing))
        assert say("é\n", error=True) == ""
        assert os.read(reading, 100) == b"\\xe9\n"


def test_a_stream_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert say("summary") == "there is no such stream"


def test_a_descriptor_that_does_not_block_takes_everything_in_the_end() -> None:
    with pipe() as (reading, writing):
        os.set_blocking(writing, False)
        text = "y" * 200_000
        program = f"import os; [os.read({reading}, 4096) for _ in range(10**6)]"
        with subprocess.Popen(  # noqa: S603  # a reader
            [sys.executable, "-c", program], pass_fds=(reading,)
        ) as reader:
            try:
                assert DescriptorStream(writing, "ascii").write(text) == len(text)
            finally:
                reader.kill()


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_no_file_is_opened_in_the_place_of_a_closed_standard_stream(
    tmp_path: Path, closed: str
) -> None:
    program = (
        "import os, sys\n"
        "from engine.logs.standard_streams import hold_descriptors\n"
        "hold_descriptors()\n"
        f"file = open({str(tmp_path / 'ledger')!r}, 'w')\n"
        "sys.exit(0 if file.fileno() > 2 else 1)\n"
    )
    ended = subprocess.run(  # noqa: S602  # the shell closes descriptors
        f'"{sys.executable}" -c "$PROGRAM" {closed}',
        shell=True,
        cwd=ROOT,
        env={**os.environ, "PROGRAM": program},
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0


def test_the_word_of_the_module_is_said_in_memory_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert standard_streams.say("a word\n") == ""
    assert capsys.readouterr().out == "a word\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("strategies",),
        ("plan", "config/paper.toml"),
        ("simulate", "--hours", "0.01", "--faults", "none"),
        ("recording", "verify", "--help"),
    ],
)
def test_a_reader_that_leaves_before_the_end_changes_nothing_about_the_exit_code(
    arguments: tuple[str, ...],
) -> None:
    reads, writes = os.pipe()
    os.close(reads)  # as of `engine ... | true`
    try:
        ended = subprocess.run(  # noqa: S603  # itself
            [sys.executable, "-m", "engine", *arguments],
            stdout=writes,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
            cwd=ROOT,
        )
    finally:
        os.close(writes)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_reader_that_leaves_has_taken_the_first_of_several_lines() -> None:
    reads, writes = os.pipe()
    size = fcntl.fcntl(writes, _SET_PIPE_SIZE, 4096)
    stream = DescriptorStream(writes, "ascii")
    lines = ["x" * (size // 2 - 1) + "\n"] * 4
    taken: list[int] = []
    writer = threading.Thread(target=lambda: taken.append(stream.write_lines(lines)))
    writer.start()
    try:
        time.sleep(0.2)  # it fills the pipe, and waits
        os.close(reads)
        writer.join(10)
        assert taken == [2]
        with pytest.raises(BrokenPipeError):
            stream.write_lines(lines)
    finally:
        os.close(writes)
