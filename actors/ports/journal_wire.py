"""The wire to the ledger: lossless, and it tells what must become durable at once."""

import attrs
from typing_extensions import override

from actors.ports.lossless import CountedSend, Lossless
from actors.ports.ports import JournalBatch, Wakeup


@attrs.frozen
class _Send(CountedSend[JournalBatch]):
    """A sending end that rings for what is urgent."""

    urgent: Wakeup

    @override
    def send_nowait(self, value: JournalBatch, /) -> None:
        super().send_nowait(value)
        self._ring(value)

    @override
    async def send(self, value: JournalBatch, /) -> None:
        await super().send(value)
        self._ring(value)

    def _ring(self, batch: JournalBatch) -> None:
        if batch.urgent:
            self.urgent.ring()


@attrs.frozen
class JournalWire(Lossless[JournalBatch]):
    """
    A wire on which every posting counts.

    Args:
        urgent: Rung for each posting that must become durable at once.
    """

    urgent: Wakeup

    @classmethod
    @override
    def of(cls, capacity: int) -> "JournalWire":
        plain = Lossless[JournalBatch].of(capacity)
        urgent = Wakeup()
        return cls(
            _Send(plain.send.channel, plain.count, urgent), plain.receive, plain.count, urgent
        )
