"""The finished cells of a sweep: a file each, which is whole or not there."""

from pathlib import Path

from engine.backtest.files import write_whole
from engine.sweep.cells import CellResult, decode_cell

_CELLS = "cells"


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
