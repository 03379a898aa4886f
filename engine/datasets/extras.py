"""Libraries that only some formats need: loaded when one is read, named where they are absent."""

import importlib
from typing import Any

EXTRA = "quotewright[research]"


class MissingExtra(Exception):
    """A format needs a library that is not installed; the message names the extra."""


def extra_module(name: str, why: str) -> Any:
    """
    A library of the extra.

    Args:
        why: What it is needed for, as in "to read Parquet".

    Raises:
        MissingExtra: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0].replace("_", "-")
        raise MissingExtra(
            f"{package} is needed {why} and is not installed: pip install '{EXTRA}'"
        ) from error
