"""The seam to the disk: what the ledger needs of a database, and nothing of which one it is."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from trading.journal.tables import Query, Statement

T = TypeVar("T")


class LedgerStore(Protocol):
    """A database with one writer. What has been committed is there after a power cut."""

    async def commit(self, statements: Sequence[Statement]) -> None:
        """
        Carry out all of some statements, or none, durably.

        Once begun it is not interrupted: a cancellation comes before it or after it.

        Raises:
            Fatal: They cannot be written: disk full, read-only, damaged.
        """
        ...

    async def read(self, reader: Callable[[Query], T]) -> T:
        """
        Have a pure function read, at one moment.

        Raises:
            Fatal: The database cannot be read, or is damaged.
        """
        ...

    async def aclose(self) -> None:
        """End the writing; what was committed stays."""
        ...
