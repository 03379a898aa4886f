"""Recordings on disk: what is written is read, whatever packs it; damage is found and named."""

import gzip
from pathlib import Path

import pytest
import zstandard

from engine.environment.world import RealDisk
from engine.storage.recording_files import DamagedFile, new_recording, read_lines
from trading.core.errors import Fatal, FatalReason

SUFFIXES = [".txt", ".gz", ".zst"]
LINES = [f"{1_794_000_000_000_000_000 + n} {{'number': {n * n}}}" for n in range(30_000)]


def write(path: Path, *, force: bool = False) -> None:
    with new_recording(path, force=force) as recording:
        for line in LINES:
            recording.write(line + "\n")


def read(path: Path) -> list[str]:
    """The lines, after a look whether all of the file was accounted for."""
    advanced: list[int] = []
    with path.open("rb") as file:
        lines = [line.decode() for line in read_lines(file, path, advanced.append)]
    assert sum(advanced) == path.stat().st_size
    return lines


def read_damaged(path: Path) -> tuple[list[str], str]:
    lines: list[str] = []
    with path.open("rb") as file, pytest.raises(DamagedFile) as damaged:
        lines.extend(line.decode() for line in read_lines(file, path, lambda _: None))
    return lines, str(damaged.value)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_written_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"market{suffix}"
    write(path)
    assert read(path) == LINES
    assert (path.stat().st_size < 400_000) == (suffix != ".txt")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_recordings_that_were_joined_are_read_as_one(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"market{suffix}"
    write(path)
    path.write_bytes(path.read_bytes() * 2)
    assert read(path) == LINES * 2


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_was_flushed_survives_a_crash(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"market{suffix}"
    with new_recording(path, force=False) as recording:
        for line in LINES[:100]:
            recording.write(line + "\n")
        recording.flush()
        crashed = tmp_path / f"crashed{suffix}"
        crashed.write_bytes(path.read_bytes())
    seen: list[str] = []
    with crashed.open("rb") as file:
        try:
            seen.extend(map(bytes.decode, read_lines(file, crashed, lambda _: None)))
        except DamagedFile:
            assert suffix != ".txt"
    assert seen == LINES[:100]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_letter_that_has_become_another_is_seen(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"market{suffix}"
    with new_recording(path, force=False) as recording:
        recording.write("1 abcdefgh\n")
    data = path.read_bytes()
    # A line as short as this is packed as it is by zstd; by gzip it is the checksum that is hit.
    other = data.replace(b"defg", b"degf") if suffix == ".zst" else data[:-8] + b"?" + data[-7:]
    assert other != data
    path.write_bytes(other)
    assert "is damaged" in read_damaged(path)[1]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("kept", [0.0001, 0.3, 0.9999])
def test_a_file_that_was_cut_off_is_damaged(tmp_path: Path, suffix: str, kept: float) -> None:
    path = tmp_path / f"market{suffix}"
    write(path)
    data = path.read_bytes()
    path.write_bytes(data[: max(1, int(len(data) * kept))])
    _, damage = read_damaged(path)
    assert "cut off" in damage


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_file_that_is_not_packed_as_its_name_says_is_damaged(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"market{suffix}"
    path.write_text("\n".join(LINES))
    assert read_damaged(path) == ([], read_damaged(path)[1])
    assert "not packed" in read_damaged(path)[1]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_has_no_lines(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"market{suffix}"
    path.touch()
    assert read(path) == []


def test_files_of_the_usual_tools_are_read(tmp_path: Path) -> None:
    text = "\n".join(LINES).encode()
    for path, packed in (
        (tmp_path / "a.gz", gzip.compress(text)),
        (tmp_path / "a.zst", zstandard.ZstdCompressor().compress(text)),
    ):
        path.write_bytes(packed)
        assert read(path) == LINES


def test_a_line_without_end_is_not_gathered_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "market.gz"
    path.write_bytes(gzip.compress(b"one\n" + b"x" * (17 << 20)))
    lines, damage = read_damaged(path)
    assert lines == ["one"]
    assert "longer than" in damage


def test_an_existing_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    path = tmp_path / "market.txt"
    path.write_text("1794000000000000000 precious\n")
    with pytest.raises(FileExistsError):
        write(path)
    assert read(path) == ["1794000000000000000 precious"]
    write(path, force=True)
    assert read(path) == LINES


def test_a_recording_is_replaced_by_the_first_line_of_the_new_one_and_not_before(
    tmp_path: Path,
) -> None:
    path = tmp_path / "market.txt"
    write(path)
    with new_recording(path, force=True):
        assert read(path) == LINES
    assert read(path) == LINES
    with new_recording(path, force=True) as recording:
        recording.write("one\n")
        recording.flush()
        assert read(path) == ["one"]
    assert [found.name for found in tmp_path.iterdir()] == ["market.txt"]


def test_a_recording_without_a_line_is_not_kept(tmp_path: Path) -> None:
    with new_recording(tmp_path / "market.gz", force=False):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_fatal_and_says_so() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no device that is always full")

    def fill() -> None:
        with new_recording(full, force=True) as recording:
            recording.write("x\n")
            recording.flush()

    with pytest.raises(Fatal, match="/dev/full cannot be written: No space left") as refused:
        fill()
    assert refused.value.reason is FatalReason.DISK


@pytest.mark.parametrize("packed", [".gz", ".zst"])
@pytest.mark.parametrize("named", [".txt", ".gz", ".zst", ".old"])
def test_a_file_is_unpacked_by_what_it_is_whatever_it_is_called(
    tmp_path: Path, packed: str, named: str
) -> None:
    path = tmp_path / f"market{packed}"
    write(path)
    other = path.rename(tmp_path / f"market{named}")
    assert read(other) == LINES


@pytest.mark.parametrize(
    ("first", "name"),
    [
        (b"\xfd7zXZ\x00\x00\x04", "xz"),
        (b"BZh91AY", "bzip2"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"\x04\x22\x4d\x18", "lz4"),
    ],
)
@pytest.mark.parametrize("suffix", [".gz", ".zst", ".txt", ".xz"])
def test_what_is_packed_otherwise_is_named_for_what_it_is(
    tmp_path: Path, suffix: str, first: bytes, name: str
) -> None:
    path = tmp_path / f"market{suffix}"
    path.write_bytes(first + b"\x01" * 100)
    lines, damage = read_damaged(path)
    assert lines == []
    assert f"it is packed as {name}, which is not unpacked here" in damage


def test_a_recording_to_replay_is_unpacked_by_what_it_is_too(tmp_path: Path) -> None:
    path = tmp_path / "market.zst"
    write(path)
    assert [line.decode() for line in RealDisk().lines([str(path)])] == LINES
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(OSError, match="a zip archive"):
        list(RealDisk().lines([str(path)]))
