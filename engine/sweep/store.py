"""The finished cells of a sweep: a file each, which is whole or not there."""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.storage.places import FolderKind, is_draft, is_regular, write_whole
from engine.sweep.cells import CellResult, decode_cell

SUMMARY = "sweep.json"
PAGE = "sweep.html"
_CELLS = "cells"
_CELL = re.compile(r"[0-9a-f]{64}\.json", re.ASCII)
_SAID = frozenset({"maximise", "candidates", "rank_correlation", "cells"})
"""Of what a summary says, enough to know it by."""


class Store:
    """
    A sweep's folder.

    Args:
        folder: Made when something is first written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, key: str) -> CellResult | None:
        """A finished cell; ``None`` where there is none, or its file is damaged."""
        try:
            result = decode_cell(self._path(key).read_bytes())
        except (OSError, ValueError):
            return None
        return result if isinstance(result, CellResult) and result.key == key else None

    def write(self, key: str, result: bytes) -> None:
        """
        Keep a finished cell.

        Raises:
            OSError: The disk does not take it; those that are there stay.
        """
        write_whole(self._path(key), result)

    def _path(self, key: str) -> Path:
        return self.folder / _CELLS / f"{key}.json"


def _foreign(folder: Path, names: Sequence[str]) -> Sequence[str]:
    own = {SUMMARY, PAGE} if _is_summary(folder / SUMMARY) else set()
    found = []
    for name in names:
        if name == _CELLS and (folder / name).is_dir() and not (folder / name).is_symlink():
            inside = sorted(each.name for each in (folder / name).iterdir())
            found += [f"{name}/{each}" for each in inside if not _is_cell(each)]
        elif not (name in own or is_draft(name, {SUMMARY, PAGE}.__contains__)) or not is_regular(
            folder / name
        ):
            found.append(name)
    return found


def _is_cell(name: str) -> bool:
    return bool(_CELL.fullmatch(name)) or is_draft(name, lambda of: bool(_CELL.fullmatch(of)))


def _is_summary(path: Path) -> bool:
    try:
        said = msgspec.json.decode(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and said.keys() >= _SAID


OF_SWEEPS = FolderKind(title="a sweep", foreign=_foreign)
