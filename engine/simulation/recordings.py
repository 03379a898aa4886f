"""Sessions' recordings on a disk in memory, which outlives the processes that write them."""

from collections import Counter
from collections.abc import Callable, Mapping
from io import RawIOBase
from pathlib import Path, PurePath

import attrs
from typing_extensions import Buffer, override


@attrs.define
class MemoryRecordings:
    """
    The files by path.

    Raises:
        OSError: As of a disk, from the check that is handed in.
    """

    files: dict[str, bytearray] = attrs.field(factory=dict)

    def new_file(self, path: str, check: Callable[[], None]) -> RawIOBase:
        """
        Begin a file.

        Args:
            check: Raises what the disk fails with for the time being; asked before each write.
        """
        check()
        if path in self.files:
            raise FileExistsError(path)
        self.files[path] = bytearray()
        return _MemoryFile(self.files[path], check)

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Bytes of each file, and in each folder, right below a folder."""
        found: Counter[str] = Counter()
        for path in self._below(folder):
            found[path.relative_to(folder).parts[0]] += len(self.files[str(path)])
        return found

    def remove(self, folder: str) -> None:
        for path in self._below(folder):
            del self.files[str(path)]

    def copied_to(self, folder: Path) -> Path:
        """Write all files below a real folder; the newest session's folder."""
        return self.all_copied_to(folder)[-1]

    def all_copied_to(self, folder: Path) -> list[Path]:
        """Write all files below a real folder; the sessions' folders, oldest first."""
        for path in map(PurePath, self.files):
            target = folder / path.parent.name
            target.mkdir(parents=True, exist_ok=True)
            (target / path.name).write_bytes(self.files[str(path)])
        return sorted(folder.iterdir(), key=lambda session: int(session.name))

    def _below(self, folder: str) -> list[PurePath]:
        return [path for path in map(PurePath, self.files) if path.is_relative_to(folder)]


class _MemoryFile(RawIOBase):
    """A file that is only written to."""

    def __init__(self, content: bytearray, check: Callable[[], None]) -> None:
        self._content = content
        self._check = check

    @override
    def write(self, data: Buffer, /) -> int:
        self._check()
        before = len(self._content)
        self._content += data
        return len(self._content) - before
