"""Searches that learn: Optuna's TPE sampler, asked and told in batches, so that it repeats."""

from collections.abc import Iterator, Sequence
from typing import Any

from config.sweep.plan import SweepPlan
from engine.sweep.candidates import Space
from engine.sweep.planning import Point
from engine.sweep.standing import Standing


class NoOptuna(Exception):
    """The library of this search is not installed."""


class TpeSearch:
    """
    Asks for a batch of points, and is told how they stand, in the order in which they were asked.

    Equal seeds and batches of equal size repeat the same points.

    Raises:
        NoOptuna: It is not installed.
    """

    def __init__(self, plan: SweepPlan, space: Space, batch: int) -> None:
        try:
            import optuna  # noqa: PLC0415  # only where it is used
        except ImportError as error:
            raise NoOptuna(
                f'search.kind = "tpe" needs Optuna: pip install "quotewright[search]" ({error})'
            ) from error
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._left = plan.search.trials
        self._space = space
        self._batch = batch
        sampler = optuna.samplers.TPESampler(seed=plan.search.seed)
        self._study: Any = optuna.create_study(direction="maximize", sampler=sampler)
        self._fail = optuna.trial.TrialState.FAIL
        self._asked: list[Any] = []

    def batches(self) -> Iterator[Sequence[Point]]:
        """Points to try; ``tell`` is called before the next are asked for."""
        while self._left:
            count = min(self._batch, self._left)
            self._left -= count
            self._asked = [self._study.ask() for _ in range(count)]
            yield [self._point(trial) for trial in self._asked]

    def tell(self, standings: Sequence[Standing | None]) -> None:
        """Say how the points of the last batch stand; ``None`` for one that cannot be."""
        for trial, one in zip(self._asked, standings, strict=True):
            if one is None or one.objective is None or one.excess:
                # What is beyond a limit teaches nothing about what is within.
                self._study.tell(trial, state=self._fail)
            else:
                self._study.tell(trial, float(one.objective))

    def _point(self, trial: Any) -> Point:
        return {
            key: trial.suggest_int(key, 0, len(values) - 1)
            if self._space.ordered[key]
            else trial.suggest_categorical(key, list(range(len(values))))
            for key, values in self._space.values.items()
        }
