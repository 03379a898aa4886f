"""The basic ports: the actor's interface, slots for newest values, wake-ups and receipts."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import msgspec
import trio
from typing_extensions import override

from trading.journal.entries import BalanceRecorded, LedgerEntry, OrderRecorded

T = TypeVar("T")
K = TypeVar("K")

WallClock = Callable[[], int]
"""Nanoseconds since the epoch. Injected, so that a run can be replayed."""


class Actor(Protocol):
    """A frozen value of ports and parameters; each ``run`` is one life, which begins afresh."""

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None: ...


class Wakeup:
    """Wakes one reader of several slots; rung twice before it looks, it wakes once."""

    def __init__(self) -> None:
        self._rung = trio.Event()

    def ring(self) -> None:
        self._rung.set()

    @property
    def rung(self) -> bool:
        """Whether it was rung since the last wait."""
        return self._rung.is_set()

    async def wait(self) -> None:
        """Wait until rung since the last wait."""
        await self._rung.wait()
        self._rung = trio.Event()

    def hush(self) -> None:
        """Do without waiting for what it was rung for."""
        if self._rung.is_set():
            self._rung = trio.Event()


class OptionalBell:
    """
    Rings another bell, for a reader that does not always care.

    Attributes:
        wanted: Whether the reader cares now.
    """

    def __init__(self, bell: Wakeup) -> None:
        self._bell = bell
        self.wanted = True

    def ring(self) -> None:
        if self.wanted:
            self._bell.ring()


class ReceiptPort(Protocol):
    """What it was handed out for is done, once it is given."""

    def give(self) -> None: ...


class Receipt:
    """A flag that is set once: what it was handed out for is done, and stays done."""

    def __init__(self) -> None:
        self._given = trio.Event()

    def give(self) -> None:
        self._given.set()

    async def wait(self) -> None:
        """Wait until it is given; for ever if it never is, so bring a deadline."""
        await self._given.wait()


class JournalBatch(msgspec.Struct, frozen=True):
    """
    A message to the ledger: entries that become durable together.

    Without entries it is a barrier.

    Args:
        receipt: Given once everything in this posting and all before it is durable.
    """

    entries: tuple[LedgerEntry, ...]
    receipt: ReceiptPort | None = None

    @property
    def urgent(self) -> bool:
        """Whether it is to become durable at once: somebody waits, or it is money or a halt."""
        return self.receipt is not None or not all(
            isinstance(entry, OrderRecorded | BalanceRecorded) for entry in self.entries
        )


class Latest(Generic[T]):
    """
    A slot that holds only the newest value: for readers slower than the writer.

    Reading does not consume, so any number of readers may share a slot, each with a bell of its
    own. A value that was replaced before it was read is counted.

    Args:
        bells: Rung at every change.

    Attributes:
        last: The last value shown, withdrawn or not: for a report afterwards, never to act on.
        puts: How many values were shown.
        replaced_unread: How many of them were never read.
    """

    def __init__(self, *bells: Wakeup) -> None:
        self._bells = bells
        self._value: T | None = None
        self._read = True
        self.last: T | None = None
        self.puts = 0
        self.replaced_unread = 0
        self._changed: set[Any] | None = None
        self._keys: tuple[Any, ...] = ()

    def note_changes(self, changed: set[K], key: K) -> None:
        """
        Have each change noted by a key, for one reader that looks at many slots.

        A further reader takes its place; the same one may have several keys.
        """
        self._keys = (*self._keys, key) if changed is self._changed else (key,)
        self._changed = changed

    def put(self, value: T) -> None:
        self._show(value)
        self._ring()

    def renew(self, value: T) -> None:
        """
        Show a value without waking a reader, such as one that only lasts longer.

        Each reader that wakes for nothing is a step of a task (``benchmarks/simulation.py``).
        """
        self._show(value)

    def withdraw(self) -> None:
        """Show nothing: the old value is no longer true."""
        if self._value is not None:
            self._value = None
            self._read = True
            self._note()
            self._ring()

    def read(self) -> T | None:
        """The newest value, or ``None`` while there is none."""
        self._read = True
        return self._value

    def peek(self) -> T | None:
        """The newest value for those who only watch: it still counts as unread."""
        return self._value

    def _show(self, value: T) -> None:
        self.puts += 1
        if not self._read:
            self.replaced_unread += 1
        self._value = self.last = value
        self._read = False
        self._note()

    def _note(self) -> None:
        if self._changed is not None:
            self._changed.update(self._keys)

    def _ring(self) -> None:
        for bell in self._bells:
            bell.ring()


class RecentItems(Latest[T]):
    """
    A slot that also shows the last values before the newest, and counts them all.

    Args:
        length: How many are shown.
        bells: Rung at every change.
    """

    def __init__(self, length: int, *bells: Wakeup) -> None:
        super().__init__(*bells)
        self._length = length
        self._recent: tuple[T, ...] = ()

    @override
    def put(self, value: T) -> None:
        self._recent = (*self._recent[1 - self._length :], value)
        super().put(value)

    @property
    def recent(self) -> tuple[T, ...]:
        """Oldest first; whether or not anything was withdrawn since."""
        return self._recent
