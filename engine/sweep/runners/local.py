"""Runs cells on this machine, each in a process of its own."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from engine.sweep.cell import CellDied, end_idle_children, run_until

_ASKED_EVERY_S = 0.2


class LocalRunner:
    """
    As many processes as there are slots; a thread waits for each.

    A pool of processes would be broken as a whole by one that is killed.
    """

    lost: Mapping[type[BaseException], int] = {CellDied: 1}

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(slots, thread_name_prefix="cell")

    def check(self) -> None:
        """There is nothing to check: it is the same code."""

    def workers(self) -> Sequence[str]:
        return ()

    def submit(self, request: bytes, worker: str | None = None) -> Future[bytes]:  # noqa: ARG002
        run = partial(run_until, asked_every_s=_ASKED_EVERY_S)
        return self._pool.submit(run, request, self._stopped.is_set)

    def stop(self) -> None:
        self._stopped.set()

    def close(self) -> None:
        self.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)
        end_idle_children()
