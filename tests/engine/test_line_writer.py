"""Lines for somebody who may not take them: nobody waits, what is lost is counted and told."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import attrs
import pytest
import structlog

from config.credentials import Secret
from engine.logs.cleaning import Cleaner
from engine.logs.events import LateLine, LoggedEvent
from engine.logs.lines import Entry, json_line
from engine.logs.setup import configure_logs
from engine.logs.writer_thread import QUEUED_TEXT_MAX, write_in_a_thread

log = structlog.get_logger()


@attrs.define
class Terminal:
    """A stream that can be held, as by Ctrl-S, or fail."""

    lines: list[str] = attrs.field(factory=list)
    fails: bool = False
    tended: int = 0
    offered: int = 0
    flows: threading.Event = attrs.field(factory=threading.Event)

    def __attrs_post_init__(self) -> None:
        self.flows.set()

    def write(self, text: str, /) -> int:
        self.offered += 1
        self.flows.wait(20)
        if self.fails:
            raise OSError(28, "No space left on device")
        self.lines.append(text.removesuffix("\n"))
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""

    def tend(self) -> None:
        self.tended += 1


@attrs.define
class Heard:
    """Who is told what becomes of lines."""

    failures: list[str] = attrs.field(factory=list)

    def failed(self, error: Exception) -> None:
        self.failures.append(str(error))

    def flows_again(self, lost: int) -> str:
        return f"{lost} lines are missing here"


@contextmanager
def held(terminal: Terminal) -> Iterator[None]:
    terminal.flows.clear()
    try:
        yield
    finally:
        terminal.flows.set()


def until(holds: Callable[[], object]) -> None:
    ends_at = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < ends_at, "it never came to pass"
        time.sleep(0.005)


LINE = "x" * 1_000


def test_nobody_waits_for_a_terminal_that_is_held_and_the_newest_lines_are_kept() -> None:
    terminal, heard = Terminal(), Heard()
    writer = write_in_a_thread("console", terminal, heard)
    many = 2 * QUEUED_TEXT_MAX // len(LINE)
    with held(terminal):
        writer.put(f"0 {LINE}")
        until(lambda: terminal.offered)  # out of the queue
        for number in range(1, many):
            writer.put(f"{number} {LINE}")
        assert heard.failures == ["nobody takes its lines"]
        assert writer.lost == many
    writer.drain(10)
    numbers = [line.split()[0] for line in terminal.lines if line.endswith(LINE)]
    assert numbers[-1] == str(many - 1)
    lost = many - len(numbers)
    assert lost == writer.lost > 0
    # The gap is told where it is.
    place = terminal.lines.index(f"{lost} lines are missing here")
    assert (
        int(terminal.lines[place + 1].split()[0])
        == int(terminal.lines[place - 1].split()[0]) + lost + 1
    )
    writer.close()


def test_an_end_waits_only_for_somebody_who_reads() -> None:
    terminal = Terminal()
    writer = write_in_a_thread("console", terminal, Heard())
    with held(terminal):
        for number in range(3):
            writer.put(str(number))
        began = time.monotonic()
        writer.drain(10)
        assert time.monotonic() - began < 5
        assert writer.lost == 3
        writer.close()
        writer.put("too late")
    until(lambda: terminal.lines == ["0"])


def test_what_a_full_disk_does_not_take_is_counted_and_told_once() -> None:
    disk, heard = Terminal(fails=True), Heard()
    writer = write_in_a_thread("file", disk, heard)
    for _ in range(3):
        writer.put("lost")
    writer.drain(10)
    disk.fails = False
    writer.put("written")
    writer.put("too")
    writer.drain(10)
    assert heard.failures == ["[Errno 28] No space left on device"]
    assert disk.lines == ["written", "3 lines are missing here", "too"]
    assert writer.lost == 3
    writer.close()


def test_a_stream_may_look_after_itself_while_nothing_is_written() -> None:
    terminal = Terminal()
    writer = write_in_a_thread("file", terminal, Heard())
    until(lambda: terminal.tended)
    writer.close()


def test_a_held_console_is_told_in_the_file_and_both_say_what_is_missing() -> None:
    console, file = Terminal(), Terminal()
    logs = configure_logs(
        console=console, file=file, wall_clock=lambda: 0, start_writer=write_in_a_thread
    )
    try:
        with held(console):
            for _ in range(QUEUED_TEXT_MAX // 1_000):
                log.info("tick", text=LINE)
        until(lambda: logs.lines_lost["console"] and any("recovered" in one for one in file.lines))
        logs.drain()
    finally:
        logs.close()
    events = [json.loads(line) for line in file.lines]
    [failed] = [one for one in events if one["event"] == "log_destination_failed"]
    [recovered] = [one for one in events if one["event"] == "log_destination_recovered"]
    assert failed["destination"] == recovered["destination"] == "console"
    assert recovered["lost"] == logs.lines_lost["console"]
    assert logs.lines_lost["file"] == 0
    assert any(f"lost={recovered['lost']}" in line for line in console.lines)


@pytest.mark.parametrize("puts", [1, 4])
def test_lines_of_several_threads_all_arrive(puts: int) -> None:
    terminal = Terminal()
    writer = write_in_a_thread("file", terminal, Heard())

    def put() -> None:
        for number in range(500):
            writer.put(str(number))

    threads = [threading.Thread(target=put) for _ in range(puts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.drain(10)
    assert len(terminal.lines) == 500 * puts
    assert writer.lost == 0
    writer.close()


@attrs.define
class Pipe(Terminal):
    """A terminal that takes several lines with one write, or the first of them."""

    taken: list[int] = attrs.field(factory=list)
    room: int = 1_000_000

    def write_lines(self, lines: Sequence[str], /) -> int:
        number = min(len(lines), self.room)
        self.write("".join(lines[:number]))
        self.taken.append(number)
        self.lines[-1:] = self.lines[-1].split("\n")
        return number


@pytest.mark.parametrize("room", [1_000_000, 5])
def test_lines_that_wait_are_written_together_and_in_their_order(room: int) -> None:
    pipe = Pipe(room=room)
    writer = write_in_a_thread("file", pipe, Heard())
    with held(pipe):
        writer.put("0")
        until(lambda: pipe.offered)
        for number in range(1, 200):
            writer.put(str(number))
    until(lambda: len(pipe.lines) == 200)
    assert pipe.lines == [str(number) for number in range(200)]
    assert max(pipe.taken) == min(room, 32)
    assert writer.lost == 0
    writer.close()


def test_of_lines_that_were_to_be_written_together_those_that_fail_are_counted_one_by_one() -> None:
    pipe, heard = Pipe(), Heard()
    writer = write_in_a_thread("file", pipe, heard)
    with held(pipe):
        writer.put("0")
        until(lambda: pipe.offered)
        for number in range(1, 6):
            writer.put(str(number))
        pipe.fails = True
    until(lambda: writer.lost == 6 and pipe.offered >= 6)
    pipe.fails = False
    for number in range(6, 9):
        writer.put(str(number))
    writer.drain(10)
    assert pipe.lines == ["6", "6 lines are missing here", "7", "8"]
    assert heard.failures == ["[Errno 28] No space left on device"]
    writer.close()


def test_a_line_is_written_soon_though_nobody_drains() -> None:
    pipe = Pipe()
    writer = write_in_a_thread("file", pipe, Heard())
    writer.put("after a silence")
    until(lambda: pipe.lines == ["after a silence"])
    writer.put("soon after")
    until(lambda: pipe.lines == ["after a silence", "soon after"])
    writer.close()


def test_a_secret_that_is_registered_before_a_line_is_written_is_not_in_it() -> None:
    file = Terminal()
    logs = configure_logs(
        console=None, file=file, wall_clock=lambda: 0, start_writer=write_in_a_thread
    )
    try:
        with held(file):
            log.info("first")
            until(lambda: file.offered)
            log.info("said", text="a hidden word")
            logs.keep_secret(Secret("hidden"))
        logs.drain()
    finally:
        logs.close()
    assert json.loads(file.lines[-1])["text"] == "a [redacted] word"


def test_what_changes_after_a_call_is_written_as_it_was() -> None:
    file, orders = Terminal(), ["one"]
    logs = configure_logs(
        console=None, file=file, wall_clock=lambda: 0, start_writer=write_in_a_thread
    )
    try:
        with held(file):
            log.info("first")
            until(lambda: file.offered)
            log.info("placed", orders=orders, of={"many": orders})
            orders.append("two")
        logs.drain()
    finally:
        logs.close()
    placed = json.loads(file.lines[-1])
    assert placed["orders"] == placed["of"]["many"] == ["one"]


def test_a_reader_that_is_held_costs_no_memory_but_that_of_the_lines() -> None:
    terminal = Terminal()
    writer = write_in_a_thread("console", terminal, Heard())
    with held(terminal):
        writer.put("0")
        until(lambda: terminal.offered)
        for _ in range(3 * QUEUED_TEXT_MAX // 100_000):
            writer.put("x" * 100_000)
        assert writer.lost <= 3 * QUEUED_TEXT_MAX // 100_000 + 1
        assert writer._calls.qsize() <= 1  # type: ignore[attr-defined]  # noqa: SLF001
    writer.close()


def test_a_line_that_cannot_be_made_is_told_and_those_after_it_are_written() -> None:
    event = LoggedEvent({"event": "odd", "level": "info", "a": "b"}, 0, Cleaner())

    def broken(entry: Entry) -> str:
        if entry["event"] == "odd":
            raise RuntimeError("in its words is 5ec7e7")
        return json_line(entry)

    terminal, heard = Terminal(), Heard()
    writer = write_in_a_thread("terminal", terminal, heard)
    writer.put(LateLine(event, broken))
    writer.put("the next")
    writer.drain(20)
    told, following = terminal.lines
    assert json.loads(told)["event"] == "log_line_lost"
    assert json.loads(told)["reason"] == "RuntimeError"
    assert "5ec7e7" not in told
    assert following == "the next"
    writer.close()
