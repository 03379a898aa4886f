"""Folders that nobody but their owner may look into."""

import os
from pathlib import Path


def make_private(folder: Path) -> None:
    """
    Make a folder and its parent, if need be, and let only this user into it.

    Raises:
        OSError: It cannot be made, or belongs to somebody else.
    """
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise PermissionError(0, f"{folder} belongs to somebody else", str(folder))
    folder.chmod(0o700)
