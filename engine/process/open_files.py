"""Checks that a database's files on the disk are still those that are open."""

from pathlib import Path


class OpenFiles:
    """
    A database and its write-ahead log, by what they are and not by their names.

    SQLite goes on writing to a file that was deleted or renamed, and what it writes is lost.

    Args:
        path: Of the database, which is open.
    """

    def __init__(self, path: Path) -> None:
        self._paths = (path, path.with_name(path.name + "-wal"))
        self._known: dict[Path, tuple[int, int]] = {}
        self.first_gone()

    def first_gone(self) -> Path | None:
        """The first file that is another one by now, or none; ``None`` while all is well."""
        for path in self._paths:
            there = _identity(path)
            known = self._known.get(path)
            if known is None and there is not None:
                self._known[path] = there  # the log comes with the first commit
            elif there != known:
                return path
        return None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
