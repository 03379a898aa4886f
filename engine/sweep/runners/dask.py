"""Runs cells on a Dask cluster."""

import contextlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from engine.sweep.cell import CellDied, end_idle_children, run_until
from engine.sweep.facts import differences, facts
from engine.sweep.runners.runner import DEATHS_MAX, NoCluster, WrongCluster

_FOUND_WITHIN_S = 20
_LIBRARY = "distributed"


class DaskRunner:
    """
    A client of a scheduler; cells are stopped by a flag that they ask for.

    Dask itself neither ends what it cancels, nor what a killed worker has started.

    Args:
        address: Of the scheduler, as ``tcp://HOST:8786``.
        slots: ``None`` for as many as the workers have threads.
    """

    def __init__(self, address: str, slots: int | None) -> None:
        import distributed  # noqa: PLC0415  # only where it is used

        try:
            self._client: Any = distributed.Client(
                address, timeout=_FOUND_WITHIN_S, set_as_default=False
            )
        except (OSError, TimeoutError, ValueError) as error:
            raise NoCluster(f"no Dask scheduler at {address}: {error}") from error
        threads = sum(self._client.nthreads().values())
        if not threads:
            self._client.close()
            raise NoCluster(f"the Dask scheduler at {address} has no worker")
        self.slots = slots or threads
        self.lost: Mapping[type[BaseException], int] = {
            CellDied: 1,
            distributed.KilledWorker: DEATHS_MAX,  # it has tried by itself
        }
        self._flag: Any = distributed.Event(client=self._client)
        self._executor: Any = self._client.get_executor(pure=False)

    def check(self) -> None:
        here = facts(_LIBRARY)
        told = self._client.get_versions(check=False)["workers"]
        # Before any of our code is asked: what another Python cannot read never comes back.
        versions = {
            worker: {
                "Python": ".".join(each["host"]["python"].split(".")[:2]),
                _LIBRARY: each["packages"][_LIBRARY],
            }
            for worker, each in told.items()
        }
        first = {name: here[name] for name in ("Python", _LIBRARY)}
        self._refuse(differences(first, versions))
        try:
            self._refuse(differences(here, self._client.run(facts, _LIBRARY)))
        except (ImportError, AttributeError) as error:
            raise WrongCluster(f"a worker cannot load our code: {error}") from error

    @staticmethod
    def _refuse(found: list[str]) -> None:
        if found:
            raise WrongCluster("\n".join(found))

    def workers(self) -> Sequence[str]:
        try:
            return tuple(self._client.nthreads())
        except (OSError, TimeoutError) as error:
            raise NoCluster(f"the Dask scheduler is gone: {error}") from error

    def submit(self, request: bytes, worker: str | None = None) -> Future[bytes]:
        executor = self._executor
        if worker is not None:
            executor = self._client.get_executor(pure=False, workers=[worker])
        future: Future[bytes] = executor.submit(run_on_worker, request, self._flag.name)
        return future

    def stop(self) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            self._flag.set()

    def close(self) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            # Workers keep the processes of cells for the next one: there is none.
            self._client.run(end_idle_children)
        self._client.close(timeout=_FOUND_WITHIN_S)


def run_on_worker(request: bytes, flag: str) -> bytes:
    """
    Run a cell on a worker, unless its sweep's flag says stop; or keep what comes of a dataset.

    Raises:
        CellDied: Its process has ended before it had a result.
        CellStopped: It was told to stop.
    """
    import distributed  # noqa: PLC0415  # only where it is used

    event: Any = distributed.Event(flag)
    return run_until(request, lambda: bool(event.is_set()))
