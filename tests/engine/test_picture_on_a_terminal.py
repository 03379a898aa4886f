"""A real run on a real terminal: drawn in place, gone at the end, never in the way."""

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import attrs

from tests.support.whole_engine import PAPER

_PATIENCE_S = 90.0
_SHOWN, _GONE = "\x1b[?1049h", "\x1b[?1049l"


@attrs.define
class Terminal:
    """An engine on a terminal of 80 by 24."""

    process: subprocess.Popen[bytes]
    master: int
    text: str = ""
    _changed: threading.Condition = attrs.field(factory=threading.Condition)

    def read(self) -> None:
        """Take what is written, until nobody is left to write."""
        with contextlib.suppress(OSError):
            while data := os.read(self.master, 65_536):
                with self._changed:
                    self.text += data.decode("utf-8", "replace")
                    self._changed.notify_all()

    def until(self, words: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: words in self.text, _PATIENCE_S), self.text

    def ended(self) -> int:
        return self.process.wait(_PATIENCE_S)


@contextlib.contextmanager
def on_a_terminal(folder: Path, *arguments: str, read: bool = True) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm", "XDG_RUNTIME_DIR": str(folder)}
    process = subprocess.Popen(  # noqa: S603  # our own program
        [
            *(sys.executable, "-m", "engine", "run", str(PAPER), *arguments),
            *("--log-file", str(folder / "log.jsonl")),
            *("--set", f"engine.state_directory={folder / 'state'}"),
        ],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    os.close(slave)
    terminal = Terminal(process, master)
    reader = threading.Thread(target=terminal.read, daemon=True)
    if read:
        reader.start()
    try:
        yield terminal
        if read:
            reader.join(_PATIENCE_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(master)


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


def test_a_run_is_drawn_in_place_and_its_summary_stands_below_what_was_there_before(
    tmp_path: Path,
) -> None:
    with on_a_terminal(tmp_path) as terminal:
        terminal.until("QUOTING both sides")
        # As Ctrl-C does: to every process of the terminal.
        os.killpg(terminal.process.pid, signal.SIGINT)
        assert terminal.ended() == 0
    before, _, rest = terminal.text.partition(_SHOWN)
    drawn, _, after = rest.rpartition(_GONE)
    assert "level" not in before
    assert "DOGEUSDT" in plain(drawn)
    assert "no order of ours is left: proven by the venue's list" in plain(after)
    assert "quoting    buy" in plain(after)
    assert "Traceback" not in terminal.text
    assert "stood still" not in terminal.text


def test_lines_are_shown_where_they_are_asked_for(tmp_path: Path) -> None:
    with on_a_terminal(tmp_path, "--log", "--duration", "1") as terminal:
        assert terminal.ended() == 0
    assert _SHOWN not in terminal.text
    assert "engine_start" in terminal.text


def test_a_terminal_that_nobody_reads_holds_up_neither_the_run_nor_its_end(tmp_path: Path) -> None:
    began = time.monotonic()
    with on_a_terminal(tmp_path, "--duration", "5", read=False) as terminal:
        fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", 300, 300, 0, 0))
        assert terminal.ended() == 0
    log = (tmp_path / "log.jsonl").read_text()
    assert '"engine_end", "exit_code": 0, "flat": true' in log
    assert "loop_blocked" not in log
    assert time.monotonic() - began < _PATIENCE_S


def test_when_whoever_draws_is_killed_the_log_goes_on_in_lines(tmp_path: Path) -> None:
    with on_a_terminal(tmp_path) as terminal:
        terminal.until("QUOTING both sides")
        children = Path(f"/proc/{terminal.process.pid}/task/{terminal.process.pid}/children")
        [child] = children.read_text().split()
        os.kill(int(child), signal.SIGKILL)
        terminal.until(_GONE)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ended() == 0
    after = terminal.text.rpartition(_GONE)[2]
    assert "engine_stop" in after
    assert "proven by the venue's list" in after


def suspends(terminal: Terminal) -> bytes:
    character = termios.tcgetattr(terminal.master)[6][termios.VSUSP]
    assert isinstance(character, bytes)
    return character


def child_of(terminal: Terminal) -> int:
    pid = terminal.process.pid
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text())


def test_a_picture_cannot_be_suspended_and_the_terminal_has_its_ctrl_z_again_at_the_end(
    tmp_path: Path,
) -> None:
    with on_a_terminal(tmp_path) as terminal:
        before = b"\x1a"
        terminal.until("QUOTING both sides")
        assert suspends(terminal) == b"\0"
        for number in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
            os.killpg(terminal.process.pid, number)
        state = Path(f"/proc/{child_of(terminal)}/stat").read_text().rpartition(")")[2].split()[0]
        assert state != "T"
        terminal.text = ""
        terminal.until("QUOTING both sides")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ended() == 0
        assert suspends(terminal) == before


def test_an_engine_that_is_killed_leaves_the_terminal_its_ctrl_z(tmp_path: Path) -> None:
    with on_a_terminal(tmp_path) as terminal:
        terminal.until("QUOTING both sides")
        terminal.process.kill()
        terminal.until("ended at once")
        assert suspends(terminal) == b"\x1a"
