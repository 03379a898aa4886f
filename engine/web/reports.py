"""The reports that lie in a folder: which there are, and what each holds."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

Json = dict[str, Any]

SHOWN_MAX = 500


@attrs.frozen
class Reports:
    """
    HTML files in a folder and in the folders directly in it.

    Args:
        folder: ``None`` for no reports.
    """

    folder: Path | None

    def listed(self) -> list[Json]:
        """The newest first."""
        found = []
        for name, path in self._files().items():
            status = path.stat()
            changed = datetime.fromtimestamp(status.st_mtime, UTC)
            found.append(
                {"id": name, "changed": f"{changed:%Y-%m-%dT%H:%M:%SZ}", "bytes": status.st_size}
            )
        return sorted(found, key=lambda one: str(one["changed"]), reverse=True)[:SHOWN_MAX]

    def read(self, name: str) -> bytes | None:
        """What a report that is in the list holds; ``None`` for anything else."""
        path = self._files().get(name)
        return None if path is None else path.read_bytes()

    def _files(self) -> dict[str, Path]:
        """Only what is listed can be read: a name is looked up, and never made a path."""
        folder = self.folder
        if folder is None or not folder.is_dir():
            return {}
        inside = folder.resolve()
        paths = [*folder.glob("*.html"), *folder.glob("*/*.html")]
        return {
            path.relative_to(folder).as_posix(): path
            for path in paths
            if path.is_file() and path.resolve().is_relative_to(inside)
        }
