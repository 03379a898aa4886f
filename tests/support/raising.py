"""Expecting what flies out of nurseries."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engine.supervision.policy import leaves


@contextmanager
def raising(kind: type[Exception], words: str = "") -> Iterator[None]:
    """What is raised within is of one kind, however deep in groups, and says the words."""
    try:
        yield
    except (ExceptionGroup, kind) as error:
        found = tuple(leaves(error))
    else:
        pytest.fail(f"no {kind.__name__} was raised")
    assert all(isinstance(leaf, kind) for leaf in found), found
    assert any(words in str(leaf) for leaf in found), found
