"""Where the paths in a configuration lead: never does it matter which folder one stands in."""

import os
from pathlib import Path

from config.rules.rules import shown
from config.source.problems import Refused


def folder_of(name: str) -> str:
    """The folder of a configuration, by its one name: relative paths in it begin there."""
    return os.path.realpath(os.path.dirname(name))  # noqa: PTH120  # "" is a name of nothing


def placed(path: str, folder: str) -> str:
    """
    A path as it is found from anywhere.

    Args:
        path: As it was written: whole, from a home (``~``), or from the configuration's folder.
        folder: As of ``folder_of``.

    Raises:
        Refused: It begins at a home that nobody has.
    """
    try:
        whole = Path(path).expanduser()
    except RuntimeError:
        raise Refused(
            f"{shown(path)} begins at a home that is not known here", "write the whole path"
        ) from None
    return os.path.normpath(os.path.join(folder, whole))  # noqa: PTH118  # ".." is taken away
