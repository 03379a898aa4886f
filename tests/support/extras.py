"""Libraries that the engine's own lock has none of: a test that needs one is skipped without it."""

from typing import Any

import pytest


def extra(library: str, name: str = "") -> Any:
    """
    The module of a library; the test is skipped where it is absent, which ``make extras`` forbids.

    Args:
        name: Of the extra that installs it; empty for what only tests use.
    """
    where = f"pip install 'quotewright[{name}]'" if name else "a library of tests alone"
    return pytest.importorskip(library, reason=f"{library} is an extra: {where}; or make extras")
