"""The interface through which the configuration reads files; a simulated disk has it too."""

import errno
import os
import stat
from pathlib import Path
from typing import Protocol

import attrs


@attrs.frozen
class FileContent:
    """
    A file, as it was when it was opened.

    Args:
        data: Its bytes.
        mode: Its permission bits.
    """

    data: bytes
    mode: int


class Files(Protocol):
    """The interface of a disk, as the configuration needs it."""

    def read(self, path: str) -> FileContent:
        """
        A whole small file.

        Raises:
            OSError: It is not there, not readable, not a regular file, or too large.
        """
        ...

    def is_file(self, path: str) -> bool:
        """Whether something is there that could be read."""
        ...


@attrs.frozen(kw_only=True)
class DiskFiles:
    """
    This machine's disk.

    Args:
        size_max: The largest file that is read, in bytes; none written by hand is larger.
    """

    size_max: int = 1 << 20

    def read(self, path: str) -> FileContent:
        # Not blocking: opening a pipe without a writer would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            # Of the open file, as the file at a path may change between two looks.
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
            if not stat.S_ISREG(mode):
                raise OSError(errno.EINVAL, "it is not a regular file", path)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                data = file.read(self.size_max + 1)
        finally:
            os.close(descriptor)
        if len(data) > self.size_max:
            raise OSError(errno.EFBIG, f"it is larger than {self.size_max} bytes", path)
        return FileContent(data, stat.S_IMODE(mode))

    def is_file(self, path: str) -> bool:
        return Path(path).is_file()


@attrs.frozen
class WithoutFile:
    """This machine's disk, with every configuration empty: only defaults and overrides count."""

    def read(self, _: str) -> FileContent:
        return FileContent(b"", 0)

    def is_file(self, path: str) -> bool:
        return DISK.is_file(path)


DISK = DiskFiles()
