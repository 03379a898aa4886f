"""The interface of a session recording's files; ``engine/storage`` implements it."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import msgspec

from trading.recorded.noted import Entry, Gap

T = TypeVar("T")


class RecordingFiles(Protocol):
    """Files with one writer, one call at a time; each call may wait for the disk."""

    def begin(self) -> None:
        """
        Make them, or go on after a former life of the recorder.

        Raises:
            OSError: The disk does not take it.
        """
        ...

    def write(self, entries: Sequence[Entry | Gap], now: float, *, flush: bool) -> int:
        """
        Write entries down; at ``now`` monotonic seconds.

        Args:
            flush: Whether they are to survive a crash of this process from now on.

        Returns:
            Bytes that the session has on the disk.

        Raises:
            OSError: The disk does not take them, or there is no room left for recordings.
        """
        ...

    def close(self, entries: Sequence[Entry | Gap], now: float) -> int:
        """
        Write the last entries down, and end all files.

        Raises:
            OSError: The disk does not take them.
        """
        ...

    def abandon(self) -> None:
        """Let go of the files as they are."""
        ...


class Beside(Protocol):
    """Has work done beside the event loop, one after the other."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """
        What the work returns, or raises.

        Cancelled, this does not wait: the work goes on alone, and the next one after it.
        """
        ...


class RecordingState(msgspec.Struct, frozen=True, kw_only=True):
    """
    How a session's recording is getting on.

    Args:
        folder: Where it lies.
        size: Bytes on the disk.
        dropped: Entries that could not be written.
        ended: Why it ended before the engine; empty while it goes on.
    """

    folder: str
    size: int = 0
    dropped: int = 0
    ended: str = ""
