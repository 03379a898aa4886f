"""The interface of Python's collector of cyclic garbage, as an actor has it."""

from typing import Protocol


class GarbageCollector(Protocol):
    """Decides when the interpreter looks for cycles that nobody refers to any more."""

    def begin(self) -> None:
        """Take over: from now on nothing that lives long is looked through by itself."""
        ...

    def settle(self) -> float:
        """
        Collect among what is new, and leave alone from now on what has survived.

        Returns:
            Seconds that this took; nothing else went on meanwhile.
        """
        ...

    def collect_all(self) -> float:
        """Collect among everything; the seconds that this took, some hundredths."""
        ...

    def end(self) -> None:
        """Leave it as it was before."""
        ...
