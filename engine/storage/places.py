"""
Places for results: what lies there is replaced only where it is an earlier result of the same kind.

Files are written aside and renamed, so that each is whole or not there. What is no regular file, as
a pipe or a device, is written into, and never replaced.
"""

import contextlib
import errno
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import attrs

_DRAFT = re.compile(r"\.(.+)\.[0-9]+", re.ASCII)
_NAMES_TOLD = 3
_SIGNS: Sequence[tuple[Collection[str], str]] = (
    ({"lock", "ledger.sqlite"}, "the state folder of an engine"),
    ({"meta.json"}, "a dataset"),
    ({"head.json"}, "the recording of a session"),
    ({"sweep.json", "cells"}, "results of a sweep"),
)


class PlaceTaken(OSError):
    """
    Something else lies where a result is to be.

    Args:
        why: What it is, and what to do; told after the place.
    """

    def __init__(self, place: Path, why: str) -> None:
        super().__init__(errno.EEXIST, why, str(place))


@attrs.frozen(kw_only=True)
class FolderKind:
    """
    A kind of results that fill a folder.

    Args:
        title: Whose they are, as "a backtest".
        foreign: Of the names in a folder those that are not of earlier results of this kind.
    """

    title: str
    foreign: Callable[[Path, Sequence[str]], Sequence[str]]


def check_folder(folder: Path, kind: FolderKind) -> None:
    """
    See that in a folder there is nothing but earlier results of a kind.

    Raises:
        PlaceTaken: There is something else.
        OSError: It cannot be looked into.
    """
    try:
        names = sorted(each.name for each in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return  # whoever makes it says what is wrong
    foreign = kind.foreign(folder, names)
    if not foreign:
        return
    told = ", ".join(foreign[:_NAMES_TOLD])
    more = len(foreign) - _NAMES_TOLD
    told += f" and {more} more" if more > 0 else ""
    what = next((title for signs, title in _SIGNS if {*signs} & {*foreign}), None)
    seems = "is not empty" if what is None else f"seems to be {what}"
    raise PlaceTaken(
        folder,
        f"it {seems}: {told} in it is not of {kind.title} before this one, and nothing else is"
        " replaced; name another folder, one that is not there yet or is empty",
    )


def check_file(path: Path, is_own: Callable[[Path], bool], title: str) -> None:
    """
    See that a file may be written: there is none, or an empty one, or an earlier one of its kind.

    Args:
        is_own: Whether a file is of the kind.
        title: What such a file is, as "trace of a simulation".

    Raises:
        PlaceTaken: There is something else.
        OSError: It cannot be looked at.
    """
    if path.is_file() and path.stat().st_size and not is_own(path):
        raise PlaceTaken(
            path,
            f"it is there already and is no {title}, and nothing else is replaced; name another"
            " file, or move this one away",
        )


def is_draft(name: str, of: Callable[[str], bool]) -> bool:
    """Whether a name is that of a file that was to get another name, and was left behind."""
    found = _DRAFT.fullmatch(name)
    return found is not None and of(found[1])


def is_regular(path: Path) -> bool:
    """Whether a file lies there itself: no link, folder, pipe or device."""
    return path.is_file() and not path.is_symlink()


def write_whole(path: Path, data: bytes) -> None:
    """
    Write a file as ``replace_whole`` does, its folder too where it is missing.

    Raises:
        OSError: It cannot be written; what was there before is still there.
    """
    missing = missing_folders(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, data)
    except OSError:
        remove_empty(missing)
        raise


def replace_whole(path: Path, data: bytes) -> None:
    """
    Write a file; flushed to the disk before it has its name. A link stays, and leads to it.

    Raises:
        OSError: It cannot be written; what was there before is still there.
    """
    path = where_it_leads(path)
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            file.write(data)
        return
    replace_together(path.parent, {path.name: data}, ())


def replace_together(folder: Path, files: Mapping[str, bytes], gone: Collection[str]) -> None:
    """
    Write files of a folder: none has its name before all are on the disk.

    Args:
        files: By name, in the order in which they get their names.
        gone: Names of files that are not to be there beside them.

    Raises:
        OSError: They cannot be written.
    """
    drafts: dict[str, Path] = {}
    try:
        for name, data in files.items():
            drafts[name] = draft_of(folder / name)
            with drafts[name].open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for name in gone:
            (folder / name).unlink(missing_ok=True)
        for name, draft in drafts.items():
            draft.replace(folder / name)
    except OSError:
        for draft in drafts.values():
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        raise


def draft_of(path: Path) -> Path:
    """Where this process writes a file aside."""
    return path.with_name(f".{path.name}.{os.getpid()}")


def where_it_leads(path: Path) -> Path:
    """What a path leads to, links followed: with a name, where that is "." or ".."."""
    return Path(os.path.realpath(path))


def missing_folders(folder: Path) -> Sequence[Path]:
    """A folder and those around it, as far as they are not there, the innermost first."""
    return [each for each in (folder, *folder.parents) if not os.path.lexists(each)]


def remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders, as far as they are there and empty."""
    for folder in folders:
        with contextlib.suppress(OSError):  # it is not empty, or was never made
            folder.rmdir()
