"""Folders that only their owner and root may look into."""

import os
from collections.abc import Mapping
from pathlib import Path

_ROOT = 0


def make_private(folder: Path) -> None:
    """
    Make a folder and its parents, if need be, and let only its owner into it.

    Root may act on a user's folder, for instance to halt that user's engine; it stays the user's,
    and so does what is made in it.

    Raises:
        OSError: It cannot be made, or belongs to another user.
    """
    _make(folder)
    owner = folder.stat().st_uid
    if folder.is_symlink() or (owner != os.getuid() and os.getuid() != _ROOT):
        raise PermissionError(0, f"{folder} belongs to somebody else", str(folder))
    folder.chmod(0o700)


def give_to_its_owner(path: Path) -> None:
    """
    Give a file that root has made to the owner of its folder.

    Otherwise that user's engine could not use it any more.
    """
    if os.getuid() != _ROOT:
        return
    owner = path.parent.stat()
    if path.lstat().st_uid != owner.st_uid:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def sizes(folder: Path) -> Mapping[str, int]:
    """
    Bytes of each file, and in each folder, right below a folder; nothing where there is none.

    Raises:
        OSError: It cannot be seen.
    """
    if not folder.is_dir():
        return {}
    found = {}
    for path in folder.iterdir():
        below = path.rglob("*") if path.is_dir() else [path]
        found[path.name] = sum(each.lstat().st_size for each in below if each.is_file())
    return found


def in_the_way(path: Path) -> str:
    """What stands in the place of a file, or of a folder above it, in words; empty for nothing."""
    for folder in reversed(path.parents):
        if os.path.lexists(folder) and not folder.is_dir():
            return f"{folder} is no folder, but would have to be one"
    if os.path.lexists(path) and not path.is_file():
        kind = "a folder" if path.is_dir() else "no regular file"
        return f"{path} is {kind}, but would have to be a file"
    return ""


def _make(folder: Path) -> None:
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    give_to_its_owner(folder)
