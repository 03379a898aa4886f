"""A disk in memory, for configurations."""

import errno
import os
from collections.abc import Mapping

import attrs
from typing_extensions import override

from config.files import FileContent, Files


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
        if path not in self.contents:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        content = self.contents[path]
        return content if isinstance(content, FileContent) else FileContent(content, 0o644)

    @override
    def is_file(self, path: str) -> bool:
        return path in self.contents
