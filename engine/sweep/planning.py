"""From a plan to cells: the configuration, the markets and every candidate looked at first."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from config.settings import Settings
from config.source.files import DISK
from config.source.problems import ConfigurationProblems
from config.source.source import Source
from config.sweep.plan import Folders, SweepPlan
from engine.backtest import task as backtest_task
from engine.backtest.markets import find, markets_of
from engine.backtest.moments import WrongMoment, moment_of
from engine.backtest.refusal import NoBacktest
from engine.backtest.task import DEFAULT_LATENCY, BacktestTask, DataSpan, settings_of
from engine.environment.code_digest import code_digest
from engine.process.exit_codes import ExitCode
from engine.sweep.candidates import Space, placed_in_plan, space_of
from engine.sweep.cells import Cell, cell_of

Point = Mapping[str, int]


@attrs.frozen(kw_only=True)
class Candidate:
    """
    Settings that are tried.

    Args:
        settings: ``KEY=VALUE`` texts.
        trouble: Why they cannot be.
    """

    number: int
    settings: tuple[str, ...]
    train: tuple[Cell, ...] = ()
    test: tuple[Cell, ...] = ()
    trouble: ConfigurationProblems | None = None


class Planning:
    """
    Makes the cells of candidates.

    Raises:
        NoBacktest: The configuration cannot be read, or a dataset is missing or damaged.
    """

    def __init__(self, plan: SweepPlan, source: Source) -> None:
        self.plan = plan
        self.source = source
        self.space: Space = space_of(plan)
        self._code = code_digest()
        self._text = _text(plan.config)
        self._train = _spans(plan.data)
        self._test = _spans(() if plan.test is None else plan.test.data)
        _require_apart(self._train, self._test)

    @property
    def spans(self) -> Sequence[DataSpan]:
        """All of the plan, each dataset once."""
        spans = [span for market in (*self._train, *self._test) for span in market]
        return list({span.digest: span for span in spans}.values())

    def candidate(self, number: int, point: Point) -> Candidate:
        """
        A candidate with its cells.

        Raises:
            NoBacktest: A dataset does not fit what is traded.
        """
        settings = self.space.settings(point)
        task = self._task(settings)
        try:
            read = settings_of(task)
        except ConfigurationProblems as problems:
            return Candidate(number=number, settings=settings, trouble=problems)
        return Candidate(
            number=number,
            settings=settings,
            train=self._cells(number, task, read, self._train),
            test=self._cells(number, task, read, self._test),
        )

    def require_possible(self, candidates: Sequence[tuple[Point, Candidate]]) -> None:
        """
        Refuse a value that no candidate can have.

        Raises:
            ConfigurationProblems: There is one; with its place in the plan.
        """
        for key, values in self.space.values.items():
            for place in range(len(values)):
                having = [each for point, each in candidates if point[key] == place]
                troubles = [each.trouble for each in having if each.trouble is not None]
                if having and len(troubles) == len(having):
                    raise placed_in_plan(troubles[0], self.space, self.source)

    def require_markets(self, candidate: Candidate) -> None:
        """
        Hold the markets against what is traded.

        Raises:
            NoBacktest: One does not fit.
        """
        settings = settings_of(self._task(candidate.settings))
        for spans in (*self._train, *self._test):
            markets_of(spans, settings)

    def _task(self, settings: tuple[str, ...]) -> BacktestTask:
        plan = self.plan
        fees = None
        if plan.maker_fee is not None and plan.taker_fee is not None:
            fees = plan.maker_fee, plan.taker_fee
        return BacktestTask(
            name=plan.config,
            text=self._text,
            overrides=(*plan.set_, *settings),
            data=(),
            path=backtest_task.Path(plan.path.value),
            queue=plan.queue,
            latency=plan.latency or DEFAULT_LATENCY,
            fees=fees,
        )

    def _cells(
        self,
        number: int,
        task: BacktestTask,
        settings: Settings,
        markets: Sequence[tuple[DataSpan, ...]],
    ) -> tuple[Cell, ...]:
        return tuple(
            cell_of(number, _with(task, spans, seed), settings, self._code)
            for spans in markets
            for seed in self.plan.seeds
        )


def _with(task: BacktestTask, data: tuple[DataSpan, ...], seed: int) -> BacktestTask:
    return BacktestTask(
        name=task.name,
        text=task.text,
        overrides=task.overrides,
        data=data,
        seed=seed,
        path=task.path,
        queue=task.queue,
        latency=task.latency,
        fees=task.fees,
    )


def _spans(folders: Folders) -> list[tuple[DataSpan, ...]]:
    return [tuple(map(_span, each)) for each in folders]


def _span(text: str) -> DataSpan:
    """A dataset, or ``FOLDER@FROM..TO``: a span of it."""
    path, sign, span = text.rpartition("@")
    first, dots, last = span.partition("..")
    if not (sign and dots):
        path, first, last = text, "", ""
    meta = find(DataSpan(path=path, digest="")).meta
    try:
        return DataSpan(
            path=path,
            digest=meta.digest,
            from_ns=moment_of(first, meta.first_ns) if first else None,
            to_ns=moment_of(last, meta.first_ns) if last else None,
        )
    except WrongMoment as wrong:
        raise NoBacktest(f"{text}: {wrong}", ExitCode.CONFIGURATION) from wrong


def _require_apart(
    train: Sequence[tuple[DataSpan, ...]], test: Sequence[tuple[DataSpan, ...]]
) -> None:
    """Refuse a market that is chosen by and judged by, be it in part."""
    for one in (span for each in train for span in each):
        for other in (span for each in test for span in each):
            if one.digest == other.digest and _overlap(one, other):
                raise NoBacktest(
                    f"data and test.data share a part of {other.path}: what was chosen by it cannot"
                    " judge it",
                    ExitCode.CONFIGURATION,
                )


def _overlap(one: DataSpan, other: DataSpan) -> bool:
    before = one.to_ns is not None and other.from_ns is not None and one.to_ns <= other.from_ns
    after = other.to_ns is not None and one.from_ns is not None and other.to_ns <= one.from_ns
    return not (before or after)


def _text(config: str) -> str:
    try:
        return DISK.read(config).data.decode("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NoBacktest(
            f"config {Path(config)} cannot be read: {reason}", ExitCode.CONFIGURATION
        ) from error
