"""Has cells run by a runner, keeps what is finished, and ends in good order."""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait

from engine.simulation.breaking_off import BrokenOff
from engine.sweep.cell import CellStopped
from engine.sweep.cells import Cell, CellFailure, CellResult, decode_cell
from engine.sweep.runners.runner import DEATHS_MAX, Runner
from engine.sweep.store import Store

_LOOKS_EVERY_S = 0.2
"""Between two looks whether the sweep was broken off."""
_STOPS_WITHIN_S = 20.0
"""Cells of a cluster look every two seconds whether they are to stop."""
_AHEAD = 2
"""So many times its slots a runner is given: nobody waits for the next cell, and little has to be
taken back."""


class SweepBrokenOff(Exception):
    """A signal has come; what was finished is kept."""


class Driver:
    """
    Runs cells, each key once.

    Args:
        deadline_s: How long one cell may take.
        done: Told of each cell that has a result or has failed.

    Attributes:
        results: By key.
        failures: Why a cell has no result, by key.
        ran: How many were run, and not found finished.
    """

    def __init__(
        self,
        runner: Runner,
        store: Store,
        *,
        deadline_s: float,
        broken_off: BrokenOff,
        done: Callable[[], None],
    ) -> None:
        self.results: dict[str, CellResult] = {}
        self.failures: dict[str, str] = {}
        self.ran = 0
        self._runner = runner
        self._store = store
        self._deadline_s = deadline_s
        self._broken_off = broken_off
        self._done = done
        self._deaths: Counter[str] = Counter()
        self._waiting: deque[Cell] = deque()
        self._running: dict[Future[bytes], Cell] = {}

    def run(self, cells: Iterable[Cell]) -> None:
        """
        Run those cells that are not finished yet.

        Raises:
            SweepBrokenOff: A signal has come.
            OSError: The disk does not take a result; those that are there stay.
        """
        known = {cell.key for cell in self._waiting}
        for cell in cells:
            if cell.key in known or cell.key in self.results or cell.key in self.failures:
                continue
            known.add(cell.key)
            found = self._store.read(cell.key)
            if found is None:
                self._waiting.append(cell)
            else:
                self.results[cell.key] = found
                self._done()
        try:
            self._work()
        except BaseException:
            self._stop()
            raise

    def _work(self) -> None:
        while self._waiting or self._running:
            if self._broken_off():
                raise SweepBrokenOff
            while self._waiting and len(self._running) < _AHEAD * self._runner.slots:
                cell = self._waiting.popleft()
                self._running[self._runner.submit(cell.request(self._deadline_s))] = cell
            done, _ = wait(self._running, _LOOKS_EVERY_S, FIRST_COMPLETED)
            for future in done:
                self._take(future)

    def _take(self, future: Future[bytes]) -> None:
        cell = self._running.pop(future)
        try:
            answer = future.result()
        except tuple(self._runner.lost) as error:
            self._lost(cell, error)
        except (CellStopped, CancelledError):
            self._waiting.appendleft(cell)
        else:
            self._keep(cell, answer)

    def _lost(self, cell: Cell, error: BaseException) -> None:
        self._deaths[cell.key] += next(
            deaths for kind, deaths in self._runner.lost.items() if isinstance(error, kind)
        )
        if self._deaths[cell.key] < DEATHS_MAX:
            self._waiting.append(cell)
        else:
            self.failures[cell.key] = f"its worker died {DEATHS_MAX} times, the last time: {error}"
            self._done()

    def _keep(self, cell: Cell, answer: bytes) -> None:
        result = decode_cell(answer)
        if isinstance(result, CellFailure):
            self.failures[cell.key] = result.failed
        elif cell.key not in self.results:  # the first result counts
            self._store.write(cell.key, answer)
            self.results[cell.key] = result
            self.ran += 1
        self._done()

    def _stop(self) -> None:
        """Submit no more, have what runs stop, and keep what is finished meanwhile."""
        self._waiting.clear()
        self._runner.stop()
        for future in self._running:
            future.cancel()
        done, _ = wait(self._running, _STOPS_WITHIN_S)
        for future in done:
            if not future.cancelled() and future.exception() is None:
                cell = self._running[future]
                try:
                    self._keep(cell, future.result())
                except OSError:  # it is why we stop
                    return
