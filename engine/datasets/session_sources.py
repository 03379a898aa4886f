"""What a session recorded of market and account, to be imported: each part as one stream."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import attrs
from typing_extensions import override

from engine.datasets.sources import Advance, NoSource, Source, source_of, told_file
from engine.storage.session_end import session_end
from engine.storage.session_files import HEAD, part_number
from engine.storage.session_folder import SessionFolder, open_session
from trading.datasets.meta import SourceFile
from trading.recorded.noted import Part
from trading.recorded.replay import DamagedSession

PARTS = (Part.MARKET, Part.ACCOUNT)
_FIRST_LINES = 20


@attrs.define(kw_only=True)
class SessionSource(Source):
    """
    All files of one part of a session, whichever life of the recorder wrote them.

    Attributes:
        path: The file that is being read.
    """

    session: SessionFolder
    part: Part

    @property
    @override
    def head(self) -> tuple[bytes, ...]:
        lines = self._read(lambda _: None)
        return tuple(islice(lines, _FIRST_LINES))

    @property
    @override
    def size(self) -> int:
        return self.session.size(self.part)

    @property
    @override
    def missing(self) -> Sequence[str]:
        files = self.session.files[self.part]
        return [path.name for path in self.session.cut if path in files]

    @override
    def told(self) -> Sequence[SourceFile]:
        return [told_file(path) for path in self.session.files[self.part]]

    @override
    def lines(self, advance: Advance) -> Iterator[bytes]:
        yield from self._read(advance)
        if self.missing:
            with _named(self.session.path):
                session_end(self.session)

    def _read(self, advance: Advance) -> Iterator[bytes]:
        with _named(self.session.path):
            for line in self.session.lines(self.part, advance):
                self.path, self.row = line.file, line.number
                yield line.text


def sources_of(paths: Sequence[Path]) -> Sequence[Source]:
    """
    Files, and folders of sessions; a part of a session whose files are all named is that part.

    Raises:
        NoSource: One is not there or empty, or a folder is none of a session.
    """
    sessions: dict[Path, SessionFolder] = {}
    found: list[Source] = []
    for path in paths:
        if path.is_dir() or path.name == HEAD:
            found += _parts_of(_opened(path, sessions))
            continue
        source = _part_of(path, paths, sessions)
        if source is None:
            found.append(source_of(path))
        elif path == source.session.files[source.part][0]:
            with _named(source.session.path):
                source.session.require(source.part)
            found.append(source)
    return found


def bytes_of(paths: Sequence[Path]) -> int:
    """How much there is to be read, as far as it can be seen."""
    size = 0
    for path in paths:
        with suppress(OSError):
            size += sum(file.stat().st_size for file in _files_at(path))
    return size


def _files_at(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    return [file for file in path.iterdir() if any(part_number(file.name, p) for p in PARTS)]


def _parts_of(session: SessionFolder) -> Sequence[SessionSource]:
    if session.files[Part.MARKET]:
        with _named(session.path):
            session.require(Part.MARKET)
    # A file of the account that the power took is none: what is ours in the market is not known.
    parts = [_source(session, part) for part in PARTS if session.holds(part)]
    if not parts:
        names = " or ".join(f"{part.value}-*.zst" for part in PARTS)
        raise NoSource(f"{session.path} is the folder of a session without {names}")
    return parts


def _part_of(
    path: Path, paths: Sequence[Path], sessions: dict[Path, SessionFolder]
) -> SessionSource | None:
    """The part of a session that a named file is of, where all of its files are named."""
    part = next((each for each in PARTS if part_number(path.name, each)), None)
    if part is None or not (path.parent / HEAD).is_file():
        return None
    session = _opened(path.parent, sessions)
    return _source(session, part) if set(session.files[part]) <= set(paths) else None


def _source(session: SessionFolder, part: Part) -> SessionSource:
    path = session.files[part][0]
    return SessionSource(path=path, first=b"", start=b"", session=session, part=part)


def _opened(path: Path, sessions: dict[Path, SessionFolder]) -> SessionFolder:
    if path not in sessions:
        with _named(path):
            sessions[path] = open_session(path)
    return sessions[path]


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Add to what is wrong with a session which one it is."""
    try:
        yield
    except DamagedSession as damaged:
        raise NoSource(f"{path}: {damaged}") from damaged
    except OSError as error:
        raise NoSource(f"{error.filename or path}: {error.strerror}") from error
