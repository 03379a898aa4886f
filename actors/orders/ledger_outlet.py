"""Hands the gateway's entries to the ledger, in their order, without making the gateway wait."""

from collections import deque

import trio

from actors.ports.lossless import SendPort, deliver
from actors.ports.ports import JournalBatch, Wakeup


class LedgerOutlet:
    """
    Keeps the order of entries while the ledger's wire is full.

    Args:
        ledger: Every change of an order and every fill (lossless).
        deadline_s: For the ledger to take an entry once its wire is full.
    """

    def __init__(self, ledger: SendPort[JournalBatch], deadline_s: float) -> None:
        self._ledger = ledger
        self._deadline_s = deadline_s
        self._waiting: deque[JournalBatch] = deque()
        self._bell = Wakeup()

    async def run(self) -> None:
        """
        Hand over the entries that the ledger could not take at once.

        Raises:
            Outage: The ledger takes nothing any more.
        """
        while True:
            await self.hand_over()
            await self._bell.wait()

    async def hand_over(self) -> None:
        """
        Hand over the entries that wait now.

        Raises:
            Outage: The ledger takes nothing any more.
        """
        while self._waiting:
            await deliver(self._ledger, self._waiting[0], self._deadline_s)
            self._waiting.popleft()

    def post(self, batch: JournalBatch) -> None:
        """Hand over a batch, at once where there is room."""
        if not self._waiting:
            try:
                self._ledger.send_nowait(batch)
            except trio.WouldBlock:
                pass
            else:
                return
        self._waiting.append(batch)
        self._bell.ring()
