"""The seam between a sweep and whatever runs its cells."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Protocol

DEATHS_MAX = 3
"""So many workers may be lost with one cell, before the cell is to blame."""


class WrongCluster(Exception):
    """A cluster that cannot run our cells; the message says why, and nothing was sent there."""


class NoCluster(Exception):
    """A cluster that is not there, or does not answer."""


class Runner(Protocol):
    """
    Runs cells: bytes in, bytes out.

    Attributes:
        slots: How many it runs at once.
        lost: What a future fails with where a worker was lost, and how many of them that were.
    """

    slots: int
    lost: Mapping[type[BaseException], int]

    def check(self) -> None:
        """
        Make sure that every worker is like this machine, before anything is sent.

        Raises:
            WrongCluster: One is not.
            NoCluster: There is none.
        """
        ...

    def workers(self) -> Sequence[str]:
        """
        Those that ``submit`` can be told, now; none where cells are run on this machine.

        Raises:
            NoCluster: It is gone.
        """
        ...

    def submit(self, request: bytes, worker: str | None = None) -> Future[bytes]:
        """
        Run a cell, or hand on what is sent of a dataset.

        Args:
            worker: Which one does it; ``None`` for any.
        """
        ...

    def stop(self) -> None:
        """Tell all cells that run to stop; their futures end soon."""
        ...

    def close(self) -> None:
        """Leave nothing running."""
        ...
