"""Where datasets lie on a machine whose own they are not: the folder that keeps what was sent."""

import os
from pathlib import Path

DATA_FOLDER = "QUOTEWRIGHT_DATA"
"""Names a folder of datasets, for machines on which they lie elsewhere."""

_CACHE = "XDG_CACHE_HOME"


def data_folder_source() -> str:
    """Where the folder comes from, for people."""
    name = f"${DATA_FOLDER}"
    return name if os.environ.get(DATA_FOLDER) else f"the default of {name}"


def data_folder() -> Path | None:
    """
    The folder that ``$QUOTEWRIGHT_DATA`` names, else one below the user's cache folder.

    Returns:
        ``None`` where neither is known: a user without a home.
    """
    named = os.environ.get(DATA_FOLDER)
    if named:
        return Path(named)
    cache = Path(os.environ.get(_CACHE, ""))
    if not cache.is_absolute():
        cache = Path(os.path.expanduser("~")) / ".cache"  # noqa: PTH111  # that of pathlib raises
    return cache / "quotewright" / "datasets" if cache.is_absolute() else None
