"""Runs cells on a Ray cluster: a thin adapter."""

import os
from collections.abc import Mapping, Sequence
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
            ray.exceptions.TaskUnschedulableError: 1,  # the node that was named is gone
        }
        self._run: Any = ray.remote(max_retries=0)(run)
        self._running: dict[Future[bytes], Any] = {}

    def check(self) -> None:
        ask: Any = self._ray.remote(facts)
        asked = {
            str(node["NodeName"]): ask.options(**self._at(node["NodeID"])).remote("ray")
            for node in self._ray.nodes()
            if node["Alive"]
        }
        try:
            told = {
                name: self._ray.get(each, timeout=_ANSWERS_WITHIN_S) for name, each in asked.items()
            }
        except self._ray.exceptions.RayError as error:
            raise WrongCluster(f"a worker cannot load our code: {error}") from error
        if found := differences(facts("ray"), told):
            raise WrongCluster("\n".join(found))

    def workers(self) -> Sequence[str]:
        return [str(node["NodeID"]) for node in self._ray.nodes() if node["Alive"]]

    def submit(self, request: bytes, worker: str | None = None) -> Future[bytes]:
        to = self._run if worker is None else self._run.options(**self._at(worker))
        reference = to.remote(request)
        future: Future[bytes] = reference.future()
        self._running[future] = reference
        future.add_done_callback(lambda done: self._running.pop(done, None))
        return future

    def _at(self, node: str) -> Mapping[str, Any]:
        strategies = self._ray.util.scheduling_strategies
        return {
            "scheduling_strategy": strategies.NodeAffinitySchedulingStrategy(node, soft=False),
        }

    def stop(self) -> None:
        for reference in list(self._running.values()):
            self._ray.cancel(reference, force=True)

    def close(self) -> None:
        self.stop()
        self._ray.shutdown()
