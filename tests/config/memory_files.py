"""A disk in memory, for configurations."""

import errno
import os
from collections.abc import Mapping

import attrs
from typing_extensions import override

from config.source.files import FileContent, Files


@attrs.frozen
class MemoryFiles(Files):
    """
    Files by path.

    Args:
        contents: A file's bytes, or its bytes with its permission bits.
    """

    contents: Mapping[str, bytes | FileContent]

    @override
    def read(self, path: str) -> FileContent:
        path = self._known(path)
        if path not in self.contents:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        content = self.contents[path]
        return content if isinstance(content, FileContent) else FileContent(content, 0o644)

    @override
    def is_file(self, path: str) -> bool:
        return self._known(path) in self.contents

    def _known(self, path: str) -> str:
        """The name that a test gave a file, which the configuration may know by its whole path."""
        if path in self.contents or not path.startswith("/"):
            return path
        return os.path.relpath(path)
