"""The wire to the ledger: lossless, and it tells when the ledger is to commit."""

import attrs
import trio
from typing_extensions import override

from actors.ports.alarm import NEVER, DeadlineAlarm
from actors.ports.lossless import CountedSend, Lossless
from actors.ports.ports import JournalBatch, Wakeup

GATHER_S = 0.25
"""What is not urgent waits so long for more; the venue's lists still tell it, should it be lost."""


class CommitBell:
    """
    Wakes the ledger to commit: at once for what is urgent, else once postings have gathered.

    What is not urgent only sets the moment: to wake the ledger for it would be one more step of a
    task for each order.
    """

    def __init__(self) -> None:
        self._bell = Wakeup()
        self._alarm = DeadlineAlarm(self._bell)
        self._due = self._latest = NEVER

    def ring(self) -> None:
        """Have all that waits committed at once."""
        self._bell.ring()

    def posted(self, batch: JournalBatch) -> None:
        """Note a posting."""
        if batch.urgent:
            self._bell.ring()
        elif self._due == NEVER:
            self._due = trio.current_time() + GATHER_S
            self._alarm.set(min(self._due, self._latest))

    async def wait(self, at_most_s: float) -> None:
        """Wait until something is to be committed, for so many seconds at most."""
        self._latest = trio.current_time() + at_most_s
        self._alarm.set(min(self._due, self._latest))
        await self._alarm.wait()
        self._bell.hush()
        self._due = NEVER


@attrs.frozen
class _Send(CountedSend[JournalBatch]):
    """A sending end that tells the bell."""

    bell: CommitBell

    @override
    def send_nowait(self, value: JournalBatch, /) -> None:
        super().send_nowait(value)
        self.bell.posted(value)

    @override
    async def send(self, value: JournalBatch, /) -> None:
        await super().send(value)
        self.bell.posted(value)


@attrs.frozen
class JournalWire(Lossless[JournalBatch]):
    """
    A wire on which every posting counts.

    Args:
        bell: Rung when what was posted is to be committed.
    """

    bell: CommitBell

    @classmethod
    @override
    def of(cls, capacity: int) -> "JournalWire":
        plain, bell = Lossless[JournalBatch].of(capacity), CommitBell()
        return cls(_Send(plain.send.channel, plain.count, bell), plain.receive, plain.count, bell)
