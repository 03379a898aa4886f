"""The log's file: bounded, and no line is lost, whatever becomes of a rotation."""

import os
from io import FileIO
from pathlib import Path

import attrs
import pytest
import trio
from trio.testing import MockClock
from typing_extensions import Buffer, override

from engine.environment.world import RealDisk
from engine.logs.files import RotatingFile, Rotation, present_files
from engine.logs.reading import LogReader

SMALL = Rotation(size_max=30, keep=3)


@attrs.define
class ClumsyDisk:
    """A real disk on which single doings fail when a test says so."""

    fails: set[str] = attrs.field(factory=set)

    def append(self, path: str) -> FileIO:
        if "open" in self.fails:
            raise OSError(28, "No space left on device")
        return RealDisk().append(path)

    def still_at(self, path: str, file: FileIO) -> bool:
        return RealDisk().still_at(path, file)

    def shift(self, path: str, keep: int) -> None:
        if "rename" in self.fails:
            raise OSError(13, "Permission denied")
        RealDisk().shift(path, keep)


def read_all(path: Path) -> list[str]:
    reader = LogReader(path)
    try:
        return [line.decode() for line in reader.read()]
    finally:
        reader.close()


def written(file: RotatingFile, numbers: range) -> list[str]:
    for number in numbers:
        file.write(f"line {number}\n")
        file.flush()
    return [f"line {number}" for number in numbers]


def test_the_files_are_bounded_in_size_and_number(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "engine.jsonl"
    file = RotatingFile(RealDisk(), str(path), SMALL)
    lines = written(file, range(100))
    file.close()
    files = present_files(path)
    assert [one.name for one in files] == [
        *(f"engine.jsonl.{number}" for number in (3, 2, 1)),
        "engine.jsonl",
    ]
    assert all(one.stat().st_size <= 30 for one in files)
    assert read_all(path) == lines[-len(read_all(path)) :]


def test_a_file_that_was_there_counts(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("a line of twenty-nine bytes.\n")
    file = RotatingFile(RealDisk(), str(path), SMALL)
    written(file, range(1))
    file.close()
    assert path.read_text() == "line 0\n"
    assert read_all(path) == ["a line of twenty-nine bytes.", "line 0"]


@pytest.mark.parametrize("trouble", ["open", "rename"])
def test_a_rotation_that_fails_loses_no_line(tmp_path: Path, trouble: str) -> None:
    disk, path = ClumsyDisk(), tmp_path / "log"
    file = RotatingFile(disk, str(path), Rotation(size_max=30, keep=10))
    lines = written(file, range(4))
    disk.fails = {trouble}
    lines += written(file, range(4, 12))
    disk.fails = set()
    lines += written(file, range(12, 16))
    file.close()
    assert read_all(path) == lines
    assert len(present_files(path)) == 3


def test_a_line_longer_than_a_file_is_written_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = RotatingFile(RealDisk(), str(path), SMALL)
    for letter in "ab":
        file.write(letter * 100 + "\n")
    file.close()
    assert read_all(path) == ["a" * 100, "b" * 100]


def test_fewer_files_than_before_leave_fewer(tmp_path: Path) -> None:
    path = tmp_path / "log"
    for keep in (5, 1):
        file = RotatingFile(RealDisk(), str(path), Rotation(size_max=10, keep=keep))
        written(file, range(10))
        file.close()
    assert [one.name for one in present_files(path)] == ["log.1", "log"]


async def test_whoever_follows_sees_every_line_through_rotations(
    tmp_path: Path, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    path, seen = tmp_path / "log", list[str]()
    file = RotatingFile(RealDisk(), str(path), Rotation(size_max=30, keep=50))
    lines = written(file, range(3))

    reader = LogReader(path)

    async def follow() -> None:
        async for line in reader.follow():
            seen.append(line.decode())

    nursery.start_soon(follow)
    await trio.sleep(1)
    assert seen == lines
    for begin in range(3, 60, 19):  # several rotations between two looks
        lines += written(file, range(begin, begin + 19))
        await trio.sleep(1)
        assert seen == lines
    file.write("half a ")
    file.flush()
    await trio.sleep(1)
    assert seen == lines
    file.write("line\n")
    file.flush()
    await trio.sleep(1)
    assert seen == [*lines, "half a line"]
    file.close()
    reader.close()
    nursery.cancel_scope.cancel()


def test_a_file_that_was_emptied_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("one\ntwo\n")
    reader = LogReader(path)
    assert list(reader.read()) == [b"one", b"two"]
    path.write_text("new\n")
    assert list(reader.read()) == [b"new"]
    reader.close()


@pytest.mark.parametrize("by_others", ["moved away", "deleted", "folder deleted"])
def test_a_file_that_somebody_takes_away_is_begun_anew_with_the_next_line(
    tmp_path: Path, by_others: str
) -> None:
    path = tmp_path / "logs" / "log"
    file = RotatingFile(RealDisk(), str(path), Rotation(size_max=30, keep=3))
    written(file, range(2))
    if by_others == "moved away":
        path.rename(tmp_path / "logs" / "log.by-others")
    else:
        path.unlink()
    if by_others == "folder deleted":
        path.parent.rmdir()
    lines = written(file, range(2, 9))
    file.close()
    assert read_all(path) == lines
    assert len(present_files(path)) == 2  # its own rotation goes on


def test_a_file_that_was_taken_away_is_begun_anew_though_nothing_is_written(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log"
    file = RotatingFile(RealDisk(), str(path), SMALL)
    path.unlink()
    file.tend()
    assert path.exists()
    file.close()


def test_a_file_that_somebody_empties_is_written_on_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = RotatingFile(RealDisk(), str(path), Rotation(size_max=30, keep=3))
    written(file, range(4))
    os.truncate(path, 0)
    lines = written(file, range(4, 8))
    file.close()
    assert path.read_text().splitlines() == lines
    assert present_files(path) == [path]


class TightDisk(ClumsyDisk):
    """Takes only so many bytes."""

    room: int = 0

    @override
    def append(self, path: str) -> FileIO:
        disk = self

        class Tight(FileIO):
            @override
            def write(self, data: Buffer, /) -> int:
                taken = memoryview(data)[: disk.room]
                if not taken:
                    raise OSError(28, "No space left on device")
                disk.room -= len(taken)
                return super().write(taken)

        return Tight(path, "a")


def test_half_a_line_that_a_full_disk_leaves_does_not_swallow_the_next(tmp_path: Path) -> None:
    disk, path = TightDisk(), tmp_path / "log"
    file = RotatingFile(disk, str(path), Rotation(size_max=1_000, keep=3))
    disk.room = 10
    file.write("line 1\n")
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            file.write("line 2\n")
    disk.room = 1_000
    file.write("line 3\n")
    file.write("line 4\n")
    file.close()
    assert read_all(path) == ["line 1", "lin", "line 3", "line 4"]


def test_lines_written_together_begin_a_new_file_where_each_of_them_would(tmp_path: Path) -> None:
    together, alone = tmp_path / "together", tmp_path / "alone"
    files = [
        RotatingFile(RealDisk(), str(path), Rotation(size_max=30, keep=50))
        for path in (together, alone)
    ]
    rest = lines = [f"line {number}\n" for number in range(20)]
    while rest:
        rest = rest[files[0].write_lines(rest) :]
    for line in lines:
        files[1].write(line)
    for file in files:
        file.close()
    contents = [[one.read_text() for one in present_files(path)] for path in (together, alone)]
    assert contents[0] == contents[1]
    assert "".join(contents[0]) == "".join(lines)


@pytest.mark.parametrize(("room", "taken", "left"), [(14, 2, ""), (17, 2, "lin"), (7, 1, "")])
def test_a_full_disk_takes_the_first_of_several_lines(
    tmp_path: Path, room: int, taken: int, left: str
) -> None:
    disk, path = TightDisk(), tmp_path / "log"
    file = RotatingFile(disk, str(path), Rotation(size_max=1_000, keep=3))
    disk.room = room
    lines = [f"line {number}\n" for number in range(4)]
    assert file.write_lines(lines) == taken
    with pytest.raises(OSError, match="No space"):
        file.write_lines(lines[taken:])
    disk.room = 1_000
    assert file.write_lines(lines[taken:]) == 4 - taken
    file.close()
    whole = [line.strip() for line in lines]
    assert read_all(path) == [*whole[:taken], *([left] if left else []), *whole[taken:]]
