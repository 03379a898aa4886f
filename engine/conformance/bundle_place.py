"""The place of a bundle: looked at before a run begins, and never anything but a bundle there."""

import contextlib
import errno
import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.load.seen_venue import ANSWERS
from engine.storage.private_folder import in_the_way

REPORT = "report.json"


def why_no_place(path: Path) -> str:
    """Why no bundle can be written there, in words; empty where one can."""
    try:
        if why := _taken(path) or in_the_way(path):
            return why
        with _aside(path):
            return ""
    except FileNotFoundError:
        return f"the folder of {path} is not there"
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}"


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """
    A file to write a bundle to, which takes its place once it is whole; else it goes.

    Raises:
        OSError: It cannot be; what was there before is still there.
    """
    with _aside(path) as aside:
        yield aside
        if why := _taken(path):
            raise FileExistsError(errno.EEXIST, why)
        aside.replace(path)


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    aside.open("xb").close()
    try:
        yield aside
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def _taken(path: Path) -> str:
    """What is there that is no bundle, in words; empty for nothing, and for a bundle."""
    try:
        kind = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    if stat.S_ISDIR(kind):
        return f"{path} is a folder, but would have to be a file"
    if not stat.S_ISREG(kind):
        return f"{path} is no regular file, and is not replaced"
    try:
        with zipfile.ZipFile(path) as bundle:
            names = bundle.namelist()
    except (zipfile.BadZipFile, ValueError):
        names = []
    if {ANSWERS, REPORT} <= set(names):
        return ""
    return f"{path} is there already, and is no bundle of engine conformance"
