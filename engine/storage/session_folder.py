"""The folder of a session's recording, opened to be read: its head, its files, and their lines."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import attrs

from engine.storage.recording_files import CutFile, DamagedFile, read_lines
from engine.storage.session_files import HEAD, SUFFIX, part_number
from trading.recorded.head import SessionHead, read_head
from trading.recorded.line import lost_in, read_line
from trading.recorded.noted import Gap, Part
from trading.recorded.replay import DamagedSession
from trading.recorded.session_lines import read_decisions_line

Advance = Callable[[int], None]
"""Told how many more bytes were read."""


@attrs.frozen
class RecordedLine:
    """
    A line, and where it stands.

    Args:
        number: In its file, from 1.
    """

    text: bytes
    file: Path
    number: int

    @property
    def place(self) -> str:
        return f"{self.file.name}, line {self.number}"


@attrs.define(kw_only=True)
class SessionFolder:
    """
    One session's recording.

    Attributes:
        cut: The last files that end too early, as they do where the engine was killed or goes on,
            also before their first byte; known once they were read. Not those that another life of
            the recorder has followed on.
    """

    path: Path
    head: SessionHead
    files: Mapping[Part, Sequence[Path]]
    cut: list[Path] = attrs.field(factory=list)

    def size(self, *parts: Part) -> int:
        """Bytes of the files of some parts."""
        return sum(file.stat().st_size for part in parts for file in self.files[part])

    def require(self, part: Part) -> None:
        """
        See that there is something of a part.

        Raises:
            DamagedSession: It has no file, or all that it has are empty.
            OSError: One cannot be looked at.
        """
        files = self.files[part]
        if not files:
            raise DamagedSession(
                f"{part.value}-0001{SUFFIX} is missing: it was deleted or not copied"
            )
        if not self.holds(part):
            raise DamagedSession(
                f"{files[0].name} is empty: the power failed, the disk was full, or nothing has"
                " come yet"
            )

    def holds(self, part: Part) -> bool:
        """Whether there is a file of a part that is not empty."""
        return any(map(_holds, self.files[part]))

    def lines(self, part: Part, advance: Advance) -> Iterator[RecordedLine]:
        """
        The lines of a part, oldest first.

        Raises:
            DamagedSession: A file is missing, cut in the middle of the session, or damaged.
            OSError: One cannot be read.
        """
        broke_off: Path | None = None
        for place, path in enumerate(self.files[part], 1):
            if part_number(path.name, part) != place:
                missing = f"{part.value}-{place:04}{SUFFIX}"
                raise DamagedSession(
                    f"{missing} is missing, and {path.name} is there: a file of the session was"
                    " deleted or not copied"
                )
            for line in self._lines_of(path, advance):
                if broke_off is not None:
                    if not _is_gap(line.text, part):
                        raise DamagedSession(_cut(broke_off))
                    self.cut.remove(broke_off)
                    broke_off = None
                yield line
            if path in self.cut:
                broke_off = path

    def last_lines(self, part: Part) -> Iterator[RecordedLine]:
        """
        The lines of a part's last file.

        Raises:
            DamagedSession: It is damaged.
            OSError: It cannot be read.
        """
        for path in self.files[part][-1:]:
            yield from self._lines_of(path, lambda _: None)

    def _lines_of(self, path: Path, advance: Advance) -> Iterator[RecordedLine]:
        if not _holds(path):  # not even packed: it was cut off before its first byte
            if path not in self.cut:
                self.cut.append(path)
            return
        with path.open("rb") as file:
            try:
                for number, text in enumerate(read_lines(file, path, advance), 1):
                    yield RecordedLine(text, path, number)
            except CutFile:
                if path not in self.cut:
                    self.cut.append(path)
            except DamagedFile as damaged:
                raise DamagedSession(f"{path.name}: {damaged}") from damaged


def open_session(path: Path) -> SessionFolder:
    """
    A session's recording by its folder.

    Raises:
        DamagedSession: There is no recording, or its head cannot be read.
        OSError: The folder cannot be looked into.
    """
    if path.name == HEAD:
        path = path.parent
    if not path.is_dir():
        what = "is a file" if path.exists() else "is not there"
        raise DamagedSession(
            f"{what}; name the folder of a session: STATE_DIRECTORY/NAME/recordings/SESSION"
        )
    try:
        head = read_head((path / HEAD).read_bytes())
    except FileNotFoundError:
        sessions = sorted(each.name for each in path.iterdir() if (each / HEAD).is_file())
        cure = f"; did you mean {path / sessions[-1]}?" if sessions else ""
        raise DamagedSession(f"holds no recording of a session: it has no {HEAD}{cure}") from None
    except ValueError as error:
        raise DamagedSession(f"{HEAD} cannot be read: {error}") from error
    files = {
        part: sorted(
            (each for each in path.iterdir() if part_number(each.name, part)),
            key=partial(_number, part),
        )
        for part in Part
    }
    return SessionFolder(path=path, head=head, files=files)


def _holds(path: Path) -> bool:
    return path.stat().st_size > 0


def _number(part: Part, path: Path) -> int:
    return part_number(path.name, part)


def _cut(path: Path) -> str:
    return (
        f"{path.name} was cut off, and the session goes on after it: copy the file again from where"
        " it was recorded"
    )


def _is_gap(line: bytes, part: Part) -> bool:
    try:
        if part is Part.DECISIONS:
            return isinstance(read_decisions_line(line), Gap)
        return lost_in(read_line(line).text) is not None
    except ValueError:
        return False
