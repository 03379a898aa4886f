"""What takes long and is the same for all, made by one worker of the tests for all of them."""

import fcntl
import os
from collections.abc import Callable

import pytest


def once_for_all_workers(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[], str]
) -> str:
    """
    A text that the first worker makes, and the others read; without workers it is just made.

    Args:
        name: Of a file; one that fails leaves none, and the next worker tries for itself.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return make()
    shared = tmp_path_factory.getbasetemp().parent / name
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            shared.write_text(make(), "utf-8")
        return shared.read_text("utf-8")
