"""The files of a session's recording: new ones in time, old sessions deleted, a full disk."""

import os
import threading
from io import RawIOBase
from pathlib import Path

import attrs
import pytest
import trio
from trio.testing import wait_all_tasks_blocked
from typing_extensions import Buffer, override

from engine.environment.world import RealDisk
from engine.storage.recording_files import read_lines
from engine.storage.session_files import RecordingDisk, RecordingLimits, SessionFiles
from engine.storage.session_folder import open_session
from tests.support.recorded_session import a_head
from trading.core.identifiers import StrategyName
from trading.decisions.decision import Decision, Gate
from trading.recorded.noted import AccountFrame, Ended, Entry, Gap, Looked, MarketFrame, Part
from trading.recorded.replay import DamagedSession
from trading.recorded.session_lines import LookLine, read_decisions_line
from trading.strategies.looking import Mark
from trading.testing import a_view

DOGE = StrategyName("doge")
ROOMY = RecordingLimits(bytes_max=10**9, file_bytes=10**6, file_s=60.0)


def session_files(
    folder: Path, limits: RecordingLimits = ROOMY, disk: RecordingDisk | None = None
) -> SessionFiles:
    files = SessionFiles(disk=disk or RealDisk(), folder=str(folder), head=a_head, limits=limits)
    files.begin()
    return files


def a_frame(at_ns: int = 1, text: str = '{"a":1}') -> MarketFrame:
    return MarketFrame(at_ns, text)


def a_look(look: int, *, gate: Gate | None = None) -> Looked:
    decision = Decision(gates=() if gate is None else (gate,))
    return Looked(DOGE, look, a_view(float(look)), {}, decision, look, Mark(None, None, ()))


def written(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return list(read_lines(file, path, lambda _: None))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_kind_has_its_file_and_only_the_owner_may_look(tmp_path: Path) -> None:
    folder = tmp_path / "recordings" / "7"
    files = session_files(folder)
    frames: list[Entry | Gap] = [
        a_frame(),
        AccountFrame(2, "in\nside", sent=False),
        AccountFrame(3, "out", sent=True),
        Gap(Part.ACCOUNT, 4, lost=5),
        Ended(9.0),
    ]
    files.close(frames, 1.0)
    assert names(folder) == [
        *("account-0001.zst", "decisions-0001.zst", "head.json", "market-0001.zst")
    ]
    assert written(folder / "market-0001.zst") == [b'1 {"a":1}']
    assert written(folder / "account-0001.zst") == [b"2 < in side", b"3 > out", b"4 gap 5"]
    assert written(folder / "decisions-0001.zst") == [b'{"line":"end","mono":9.0}']
    assert folder.stat().st_mode & 0o077 == 0


def test_a_file_that_is_old_or_large_is_followed_by_one_that_is_read_without_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "7"
    files = session_files(folder, attrs.evolve(ROOMY, file_bytes=50_000))
    files.write([a_look(1), a_look(2)], 0.0, flush=False)
    files.write([a_look(3)], 60.0, flush=False)
    noise = os.urandom(100_000).hex()
    files.write([a_frame(text=noise)], 61.0, flush=True)
    files.write([a_frame()], 62.0, flush=False)
    files.close([], 63.0)
    assert [name for name in names(folder) if name != "head.json"] == [
        *("decisions-0001.zst", "decisions-0002.zst", "market-0001.zst", "market-0002.zst")
    ]
    looks = [
        read_decisions_line(line)
        for number in (1, 2)
        for line in written(folder / f"decisions-000{number}.zst")
    ]
    assert [look.whole for look in looks if isinstance(look, LookLine)] == [True, False, True]


def test_what_was_flushed_is_there_whatever_becomes_of_the_process(tmp_path: Path) -> None:
    files = session_files(tmp_path / "7")
    files.write([a_frame(1), a_frame(2)], 0.0, flush=True)
    session = open_session(tmp_path / "7")
    assert [line.text for line in session.lines(Part.MARKET, lambda _: None)] == [
        *(b'1 {"a":1}', b'2 {"a":1}')
    ]
    assert [path.name for path in session.cut] == ["market-0001.zst"]
    files.abandon()


def test_the_oldest_sessions_are_deleted_beyond_the_limit(tmp_path: Path) -> None:
    for number in (90, 100, 110):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "market-0001.zst").write_bytes(bytes(1_000))
    (tmp_path / "notes").mkdir()
    files = session_files(tmp_path / "120", attrs.evolve(ROOMY, bytes_max=2_900))
    assert names(tmp_path) == ["100", "110", "120", "notes"]
    files.write([a_frame(text=os.urandom(1_000).hex())], 0.0, flush=True)
    assert names(tmp_path) == ["110", "120", "notes"]
    with pytest.raises(OSError, match=r"this session alone has 2.9e-06 GB"):
        files.write([a_frame(text=os.urandom(5_000).hex())], 0.0, flush=True)
    assert names(tmp_path) == ["120", "notes"]
    files.abandon()


def test_a_recorder_that_begins_again_says_that_lines_may_be_missing(tmp_path: Path) -> None:
    folder = tmp_path / "7"
    failed = session_files(folder)
    failed.write([a_look(1), a_frame(1)], 0.0, flush=True)
    failed.abandon()
    again = session_files(folder)
    again.close([a_look(3), a_frame(3), AccountFrame(3, "first", sent=False)], 1.0)
    assert written(folder / "market-0002.zst") == [b"0 gap 0", b'3 {"a":1}']
    first, look = map(read_decisions_line, written(folder / "decisions-0002.zst"))
    assert first == Gap(Part.DECISIONS, 0, 0)
    assert isinstance(look, LookLine)
    assert look.whole
    assert written(folder / "account-0001.zst") == [b"3 < first"]
    # The file that was not ended is no damage, for the next one says so.
    session = open_session(folder)
    assert len(list(session.lines(Part.DECISIONS, lambda _: None))) == 3
    assert session.cut == []


def test_a_look_that_cannot_be_written_is_a_gap_and_no_harm(tmp_path: Path) -> None:
    odd = Gate(code="x", side=None, sentence="y", inputs={"figure": object()})  # type: ignore[dict-item]
    files = session_files(tmp_path / "7")
    files.close([a_look(1), a_look(2, gate=odd), a_look(3)], 0.0)
    lines = [read_decisions_line(line) for line in written(tmp_path / "7" / "decisions-0001.zst")]
    assert lines[1] == Gap(Part.DECISIONS, 0, 1)
    assert [line.whole for line in lines if isinstance(line, LookLine)] == [True, True]


class _Crumbs(RawIOBase):
    """A file that takes a few bytes at a time."""

    def __init__(self, file: RawIOBase) -> None:
        self._file = file

    @override
    def write(self, data: Buffer, /) -> int:
        return self._file.write(bytes(data)[:3]) or 0

    @override
    def close(self) -> None:
        self._file.close()


class _SlowDisk(RealDisk):
    @override
    def new_file(self, path: str) -> RawIOBase:
        return _Crumbs(super().new_file(path))


def test_a_disk_may_take_less_at_a_time(tmp_path: Path) -> None:
    files = session_files(tmp_path / "7", disk=_SlowDisk())
    files.close([a_frame(5)], 0.0)
    assert written(tmp_path / "7" / "market-0001.zst") == [b'5 {"a":1}']
    assert open_session(tmp_path / "7").head.engine == "paper"


def test_a_folder_of_sessions_is_no_session_but_names_one(tmp_path: Path) -> None:
    session_files(tmp_path / "7")
    with pytest.raises(DamagedSession, match=r"did you mean .*/7"):
        open_session(tmp_path)
    (tmp_path / "x").touch()
    with pytest.raises(DamagedSession, match="is a file"):
        open_session(tmp_path / "x")


async def test_work_beside_the_loop_goes_on_alone_when_it_is_not_waited_for(
    nursery: trio.Nursery,
) -> None:
    disk, order = RealDisk(), list[str]()
    begun, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        may_end.wait(60)
        order.append("slow")

    with trio.CancelScope() as scope:

        async def cancel() -> None:
            await trio.to_thread.run_sync(begun.wait, 60)
            scope.cancel()

        nursery.start_soon(cancel)
        await disk.beside(slow)
    assert scope.cancelled_caught
    assert order == []
    nursery.start_soon(disk.beside, lambda: order.append("next"))
    await wait_all_tasks_blocked()
    assert order == []
    may_end.set()
    await disk.beside(lambda: order.append("last"))
    assert order == ["slow", "next", "last"]
