"""What a wrong design is, and how the running code is changed."""

from collections.abc import Callable
from typing import Any

import attrs


@attrs.frozen
class Design:
    """
    A mistake, as a change of the running code that lasts as long as the process.

    Args:
        noticed_by: Test files that are enough to see it; empty where a simulation is what sees it.
        settings: Of the engine, as for ``--set``, where only some have the mistake in use.
    """

    apply: Callable[[], None]
    noticed_by: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """What it does, in one sentence."""
        return " ".join((self.apply.__doc__ or "").split())


def put(owner: Any, name: str, value: Any) -> None:
    """Replace a part of the running code, whatever its type."""
    setattr(owner, name, value)
