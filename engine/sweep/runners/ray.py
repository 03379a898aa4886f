"""Runs cells on a Ray cluster: a thin adapter."""

import os
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from engine.sweep.cell import CellDied, run
from engine.sweep.facts import differences, facts
from engine.sweep.runners.runner import NoCluster, WrongCluster

_ANSWERS_WITHIN_S = 60


class RayRunner:
    """
    A driver of a cluster; a cell that is to stop loses its worker, which ends its process.

    Args:
        address: ``HOST:6379`` or ``auto``.
        slots: ``None`` for as many as the cluster has processors.
    """

    def __init__(self, address: str, slots: int | None) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray  # noqa: PLC0415  # only where it is used

        self._ray: Any = ray
        try:
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        except RuntimeError as error:  # so it calls other versions of Python, and of itself
            raise WrongCluster(f"Ray at {address}: {error}") from error
        except (OSError, ValueError) as error:
            raise NoCluster(f"no Ray cluster at {address}: {error}") from error
        self.slots = slots or int(ray.cluster_resources().get("CPU", 1))
        self.lost: Mapping[type[BaseException], int] = {
            CellDied: 1,
            ray.exceptions.WorkerCrashedError: 1,
            ray.exceptions.NodeDiedError: 1,
        }
        self._run: Any = ray.remote(max_retries=0)(run)
        self._running: dict[Future[bytes], Any] = {}

    def check(self) -> None:
        ask: Any = self._ray.remote(facts)
        asked = {}
        for node in self._ray.nodes():
            if node["Alive"]:
                to = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
                    node["NodeID"], soft=False
                )
                asked[str(node["NodeName"])] = ask.options(scheduling_strategy=to).remote("ray")
        try:
            told = {
                name: self._ray.get(each, timeout=_ANSWERS_WITHIN_S) for name, each in asked.items()
            }
        except self._ray.exceptions.RayError as error:
            raise WrongCluster(f"a worker cannot load our code: {error}") from error
        if found := differences(facts("ray"), told):
            raise WrongCluster("\n".join(found))

    def submit(self, request: bytes) -> Future[bytes]:
        reference = self._run.remote(request)
        future: Future[bytes] = reference.future()
        self._running[future] = reference
        future.add_done_callback(lambda done: self._running.pop(done, None))
        return future

    def stop(self) -> None:
        for reference in list(self._running.values()):
            self._ray.cancel(reference, force=True)

    def close(self) -> None:
        self.stop()
        self._ray.shutdown()
