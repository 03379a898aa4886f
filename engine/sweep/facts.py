"""What has to be the same on every machine of a sweep."""

import importlib.metadata
import sys
from collections.abc import Mapping

from engine.environment.code_digest import code_digest

_LIBRARIES = ("attrs", "cattrs", "msgspec", "trio")
"""Those that decide what a cell comes to, or how it is told."""

_DIGITS = 12
"""Of our code's digest: enough to tell two apart, and no text that looks like a key."""


def facts(*libraries: str) -> Mapping[str, str]:
    """
    Python's minor version, the digest of our code, and versions of libraries.

    Args:
        libraries: More than the usual ones.
    """
    return {
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "our code": code_digest()[:_DIGITS],
        **{name: importlib.metadata.version(name) for name in (*_LIBRARIES, *libraries)},
    }


def differences(here: Mapping[str, str], there: Mapping[str, Mapping[str, str]]) -> list[str]:
    """
    What is not the same, a sentence each.

    Args:
        there: By worker.
    """
    return [
        f"{worker} has {name} {told.get(name, 'not at all')}, and here it is {wanted}"
        for worker, told in sorted(there.items())
        for name, wanted in here.items()
        if told.get(name) != wanted
    ]
