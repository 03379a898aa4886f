"""The plan of a sweep: which settings are tried on which markets, and what is looked for."""

import enum
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated

import attrs

from config.load.structuring import structure
from config.rules.rules import Choice, Number, OneOf, Seconds, Text, Whole
from config.sections.places import folder_of, placed
from config.source.files import DISK, Files
from config.source.problems import ConfigurationProblems, Refused
from config.source.source import Source, read_source
from config.sweep.rules import DottedKey, Markets, Seeds, Texts
from config.sweep.space import Dimension
from trading.research.metrics import METRICS

_DAY_S = Decimal(86_400)
_MINIMUM = "_min"

Folders = tuple[tuple[str, ...], ...]
"""Of datasets; those that are traded together are in one."""


class SearchKind(enum.Enum):
    """How the space is gone through."""

    GRID = "grid"
    """All of it."""
    RANDOM = "random"
    """Some of it, drawn without replacement."""
    TPE = "tpe"
    """Where it was good so far, by Optuna's sampler."""


class SweepPath(enum.Enum):
    """The path of every cell's backtest."""

    DIRECT = "direct"
    WIRE = "wire"


@attrs.frozen(kw_only=True)
class SearchSettings:
    """
    How candidates are chosen.

    Args:
        trials: So many candidates; without effect on a grid.
        seed: Of the choice, and of the ten that are drawn beside the best.
    """

    kind: Annotated[SearchKind, Choice(SearchKind)] = SearchKind.GRID
    trials: Annotated[int, Whole(at_least=1, at_most=100_000)] = 100
    seed: Annotated[int, Whole(at_least=0, at_most=10**9)] = 1


def _bounds() -> set[str]:
    return {*METRICS, *(name + _MINIMUM for name in METRICS)}


@attrs.frozen(kw_only=True)
class ObjectiveSettings:
    """
    What is looked for.

    Args:
        maximise: A number of the results; of several datasets and seeds their mean.
        limits: What a number may be at most; with ``_min`` at the end of its name, at least. They
            hold on every dataset and for every seed.
    """

    maximise: Annotated[str, OneOf(lambda: METRICS)]
    limits: Mapping[Annotated[str, OneOf(_bounds)], Annotated[Decimal, Number()]] = attrs.field(
        factory=dict
    )


@attrs.frozen(kw_only=True)
class TestSettings:
    """
    Markets that nothing is chosen by: the best are judged on them, beside others.

    Args:
        data: Folders of datasets, as of the plan.
    """

    data: Annotated[Folders, Markets()]


@attrs.frozen(kw_only=True)
class SweepPlan:
    """
    A sweep.

    Args:
        config: The configuration whose keys are tried.
        data: Folders of datasets, each tried alone; those of several pairs that are traded
            together are a list of their own.
        seeds: Each candidate is tried with each of them.
        set_: ``KEY=VALUE`` texts for all candidates.
        path: Of the backtests.
        queue: The queue model; ``None`` for that of the configuration.
        latency: Of orders.
        maker_fee: As ``simulator.maker_fee``; goes with taker_fee.
        taker_fee: Likewise.
        deadline_s: How long one cell may take.
        space: By key of the configuration.
        test: ``None`` for no judgement on other markets.
        source: Where each key was written.
    """

    config: Annotated[str, Text()]
    data: Annotated[Folders, Markets()]
    seeds: Annotated[tuple[int, ...], Seeds()] = (1,)
    set_: Annotated[tuple[str, ...], Texts()] = attrs.field(default=(), metadata={"key": "set"})
    path: Annotated[SweepPath, Choice(SweepPath)] = SweepPath.DIRECT
    queue: Annotated[str, Text()] | None = None
    latency: Annotated[str, Text()] | None = None
    maker_fee: Annotated[str, Text()] | None = None
    taker_fee: Annotated[str, Text()] | None = None
    deadline_s: Annotated[float, Seconds(at_most=_DAY_S)] = 3600.0
    search: SearchSettings = attrs.field(factory=SearchSettings)
    space: Mapping[Annotated[str, DottedKey()], Dimension]
    objective: ObjectiveSettings
    test: TestSettings | None = None

    def contradictions(self) -> Iterator[Refused]:
        if not self.space:
            yield Refused("names no key", "name one: [space]", key=("space",))
        if (self.maker_fee is None) != (self.taker_fee is None):
            yield Refused("is given alone", "give maker_fee and taker_fee", key=("maker_fee",))
        if self.test is not None and (both := sorted({*self.data} & {*self.test.data})):
            yield Refused(
                f"{both[0][0]} is among data too: what was chosen by it cannot judge it",
                "keep a market apart",
                key=("test", "data"),
            )


def read_plan(path: str, files: Files = DISK) -> tuple[SweepPlan, Source]:
    """
    Read a plan; paths in it begin at its folder.

    Raises:
        ConfigurationProblems: Something is wrong with it; it holds everything that is.
    """
    document, source = read_source(path, (), files)
    plan = structure(document, SweepPlan, ())
    if isinstance(plan, list):
        raise ConfigurationProblems(source.problem(key, refused) for key, refused in plan)
    folder = folder_of(path)

    def put(markets: Folders) -> Folders:
        return tuple(tuple(placed(path, folder) for path in each) for each in markets)

    try:
        test = plan.test and attrs.evolve(plan.test, data=put(plan.test.data))
        config, data = placed(plan.config, folder), put(plan.data)
    except Refused as refused:
        raise ConfigurationProblems([source.problem((), refused)]) from refused
    return attrs.evolve(plan, config=config, data=data, test=test), source
