"""Reads single sections of the document, also where others are broken."""

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Self, TypeVar

import attrs

from config.load.structuring import structure
from config.sections.engine import EngineSettings
from config.sections.log import LogSettings
from config.sections.places import folder_of, placed
from config.sections.web import WebSettings
from config.source.files import DISK, Files
from config.source.locator import KeyPath
from config.source.problems import ConfigurationProblems, Refused
from config.source.source import Source, Table, read_source

T = TypeVar("T")
Complaint = tuple[KeyPath, Refused]


def load_engine(path: str, overrides: Sequence[str], *, files: Files = DISK) -> EngineSettings:
    """
    Read the table ``[engine]``; nothing else need be sound, and no key is fetched.

    Args:
        path: A TOML file.
        overrides: As of ``load``.

    Raises:
        ConfigurationProblems: Something in it is wrong; it holds everything that is.
    """
    return Reading(name=path, files=files).load(overrides, Reading.engine)


def load_log(path: str, overrides: Sequence[str], *, files: Files = DISK) -> LogSettings:
    """Read the table ``[log]``, as ``load_engine`` reads its own."""
    return Reading(name=path, files=files).load(overrides, Reading.log)


def load_web(path: str, overrides: Sequence[str], *, files: Files = DISK) -> WebSettings:
    """Read the table ``[web]``, as ``load_engine`` reads its own."""
    return Reading(name=path, files=files).load(overrides, Reading.web)


def left_behind(written: EngineSettings, engine: EngineSettings, files: Files) -> Refused | None:
    """
    The state of an engine from when relative paths began at the working directory.

    To begin anew beside it would forget its halts and its orders.

    Args:
        written: With the state directory as it is in the file.
        engine: With the whole path.
    """
    ledger = f"{engine.name}/ledger.sqlite"
    former, now = (f"{each.state_directory}/{ledger}" for each in (written, engine))
    if not files.is_file(former) or files.is_file(now):
        return None
    here = os.path.realpath(written.state_directory)
    return Refused(
        f"a relative path begins at the folder of this file, so the state is in"
        f" {engine.state_directory}; but what this engine kept so far is in {here}",
        f"end the engine if it still runs, then: mkdir -p {engine.state_directory} && mv"
        f" {here}/{engine.name} {engine.state_directory}/ (or name {here} here; if it is another"
        " engine's, start from another folder)",
    )


@attrs.frozen(kw_only=True)
class Reading:
    """
    One reading of a document, with the complaints gathered on the way.

    Args:
        name: Of the file; relative paths in it begin at its folder.
        broken: Keys for which something else stands in.
    """

    name: str
    files: Files
    complaints: list[Complaint] = attrs.field(factory=list)
    broken: set[KeyPath] = attrs.field(factory=set)

    def load(self, overrides: Sequence[str], part: Callable[[Self, Table], T | None]) -> T:
        """
        Read one part of the file; the rest of it need not be sound.

        Args:
            overrides: As of ``load``.
            part: Reads it from the whole document, and gathers what is wrong with it.

        Raises:
            ConfigurationProblems: Something in it is wrong; it holds everything that is.
        """
        document, source = read_source(self.name, overrides, self.files)
        return self.sound(part(self, document), source)

    def sound(self, part: T | None, source: Source) -> T:
        """
        The value that was read, if there are no complaints.

        Raises:
            ConfigurationProblems: Something was; it holds everything that is wrong.
        """
        if part is None or self.complaints:
            raise ConfigurationProblems(
                source.problem(key, refused) for key, refused in self.complaints
            )
        return part

    def complain(self, complaints: Iterable[Complaint]) -> None:
        """Add complaints, except those about stand-ins for broken keys."""
        self.complaints.extend(
            complaint
            for complaint in complaints
            if not any(complaint[0][: len(key)] == key for key in self.broken)
        )

    def engine(self, document: Table) -> EngineSettings | None:
        written = self.section(document, EngineSettings, "engine")
        if written is None:
            return None
        state = self.placed(written.state_directory, ("engine", "state_directory"))
        engine = attrs.evolve(written, state_directory=state)
        if refused := left_behind(written, engine, self.files):
            self.complaints.append((("engine", "state_directory"), refused))
        return engine

    def log(self, document: Table) -> LogSettings | None:
        log = self.section(document, LogSettings, "log")
        if log is None or log.file is None:
            return log
        return attrs.evolve(log, file=self.placed(log.file, ("log", "file")))

    def web(self, document: Table) -> WebSettings | None:
        return self.section(document, WebSettings, "web")

    def placed(self, path: str, key: KeyPath) -> str:
        try:
            return placed(path, folder_of(self.name))
        except Refused as refused:
            self.complaints.append((key, refused))
            return path

    def section(self, document: Table, kind: type[T], name: str) -> T | None:
        return self._structured(document.get(name, {}), kind, (name,))

    def _structured(self, value: object, kind: type[T], path: KeyPath) -> T | None:
        result = structure(value, kind, path)
        if isinstance(result, list):
            self.complaints.extend(result)
            return None
        return result
