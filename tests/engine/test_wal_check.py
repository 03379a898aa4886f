"""A torn tail is trusted up to the tear; damage in the middle is not."""

import sqlite3
from pathlib import Path

import pytest

from engine.storage.wal_check import damaged_frame


@pytest.fixture(scope="module")
def wal(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A log of several commits, the last of more than one page."""
    path = tmp_path_factory.mktemp("wal") / "some.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE a (text TEXT)")
    for size in (10, 100, 20_000):
        connection.execute("INSERT INTO a VALUES (?)", ("x" * size,))
    log = Path(f"{path}-wal").read_bytes()
    connection.close()
    return log


FRAME = 24 + 4096


def flipped(wal: bytes, offset: int) -> bytes:
    return wal[:offset] + bytes([wal[offset] ^ 4]) + wal[offset + 1 :]


def test_a_whole_log_is_trusted(wal: bytes) -> None:
    assert damaged_frame(wal) is None
    assert damaged_frame(b"") is None


def test_a_log_that_ends_anywhere_is_trusted(wal: bytes) -> None:
    assert all(damaged_frame(wal[:end]) is None for end in range(0, len(wal), 97))


def test_frames_of_a_former_use_of_the_file_behind_the_end_are_nothing_strange(wal: bytes) -> None:
    old = bytearray(wal[32:])
    for start in range(0, len(old), FRAME):
        old[start + 8] ^= 0xFF  # of another salt
    assert damaged_frame(wal + bytes(old)) is None


@pytest.mark.parametrize("within", [4, 10, 17, 24, 3000])
def test_a_bit_flipped_in_an_early_frame_is_named_with_its_offset(wal: bytes, within: int) -> None:
    frame = damaged_frame(flipped(wal, 32 + within))
    assert frame is not None
    assert (frame.number, frame.offset) == (1, 32)


@pytest.mark.parametrize("offset", [0, 9, 17, 25])
def test_a_bit_flipped_in_the_header_is_noticed(wal: bytes, offset: int) -> None:
    frame = damaged_frame(flipped(wal, offset))
    assert frame is not None
    assert frame.offset == 0


def test_the_last_commit_may_be_torn_in_its_middle(wal: bytes) -> None:
    # The disk wrote its last page but not the one before: nobody had a receipt for it.
    assert damaged_frame(flipped(wal, len(wal) - 2 * FRAME + 100)) is None
