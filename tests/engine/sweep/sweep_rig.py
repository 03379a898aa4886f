"""A small sweep on the shipped sample, and a runner that needs no processes."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path

from config.sweep.plan import read_plan
from engine.sweep.backtesting import backtested
from engine.sweep.cell import CellDied
from engine.sweep.driver import Driver
from engine.sweep.planning import Candidate, Planning, Point
from engine.sweep.store import Store
from engine.sweep.sweeping import candidates_of
from tests.engine.in_process import ROOT

SAMPLE = ROOT / "docs" / "samples" / "doge-usdt"

PLAN = f"""\
config = "{ROOT}/config/paper.toml"
data = "{SAMPLE}"
set = ["strategies.doge.order_refresh_time=5"]
[space]
"strategies.doge.bid_spread" = {{values = ["0.05 %", "0.1 %"]}}
"strategies.doge.order_levels" = {{from = 1, to = 2, step = 1}}
[objective]
maximise = "net_after_60s"
limits = {{inventory_p95 = 2000}}
"""


class AtOnce:
    """
    Runs cells where it is asked to.

    Args:
        deaths: How often the worker is lost with a cell, by the cell's place among all requests.
    """

    slots: int = 2
    lost: Mapping[type[BaseException], int] = {CellDied: 1}

    def __init__(self, deaths: Mapping[int, int] | None = None) -> None:
        self.requests: list[bytes] = []
        self.stopped = False
        self._deaths = dict(deaths or {})
        self._seen: list[bytes] = []

    def check(self) -> None:
        """It is the same process."""

    def workers(self) -> Sequence[str]:
        return ()

    def submit(self, request: bytes, worker: str | None = None) -> Future[bytes]:
        self.requests.append(request)
        if request not in self._seen:
            self._seen.append(request)
        place = self._seen.index(request)
        future: Future[bytes] = Future()
        if self._deaths.get(place, 0) > 0:
            self._deaths[place] -= 1
            future.set_exception(CellDied("its process ended with -9"))
        else:
            future.set_result(_backtested(request))
        return future

    def stop(self) -> None:
        self.stopped = True

    def close(self) -> None:
        """Nothing is left."""


@cache
def _backtested(request: bytes) -> bytes:
    """Of equal requests the same result: that it is so is shown elsewhere."""
    return backtested(request)


def a_plan(folder: Path, text: str = PLAN) -> Path:
    file = folder / "plan.toml"
    file.write_text(text)
    return file


def planned(folder: Path, text: str = PLAN) -> tuple[Planning, list[tuple[Point, Candidate]]]:
    planning = Planning(*read_plan(str(a_plan(folder, text))))
    return planning, candidates_of(planning)


def a_driver(runner: AtOnce, store: Store) -> Driver:
    return Driver(runner, store, deadline_s=60.0, broken_off=lambda: False, done=lambda: None)
