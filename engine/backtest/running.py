"""Runs a backtest by either path, to a result."""

import attrs

from config.settings import Settings
from engine.backtest.came import Came
from engine.backtest.directly import run_directly
from engine.backtest.markets import Advance, Recorded, markets_of
from engine.backtest.refusal import NoBacktest
from engine.backtest.task import BacktestTask, Path, models_of, settings_of
from engine.backtest.wire import run_on_the_wire
from engine.environment.code_digest import code_digest
from engine.process.exit_codes import ExitCode
from engine.reports.words import moment
from engine.simulation.breaking_off import BrokenOff, nobody
from trading.core.identifiers import Pair
from trading.research.result import Head, Result, RunKind
from trading.simulator.market.recording import MalformedRecording


@attrs.frozen(kw_only=True)
class Prepared:
    """
    A backtest that can be run.

    Args:
        markets: By pair.
    """

    task: BacktestTask
    settings: Settings
    markets: dict[Pair, Recorded]

    @property
    def records(self) -> int:
        """How many there are to be read, at most."""
        return sum(market.dataset.meta.records for market in self.markets.values())

    @property
    def began_ns(self) -> int:
        """When it begins: with the first market, and a fork not before its moment."""
        began = min(market.began_ns for market in self.markets.values())
        return began if self.task.fork is None else max(began, self.task.fork[1])

    @property
    def ended_ns(self) -> int:
        return max(market.ended_ns for market in self.markets.values())

    @property
    def length_s(self) -> float:
        return (self.ended_ns - self.began_ns) / 1e9


def prepare(task: BacktestTask) -> Prepared:
    """
    Look at all that a backtest needs.

    Raises:
        ConfigurationProblems: Something is wrong with the configuration.
        NoBacktest: A market is missing, damaged or does not fit.
    """
    settings = settings_of(task)
    found = Prepared(task=task, settings=settings, markets=dict(markets_of(task.data, settings)))
    if found.began_ns >= found.ended_ns:
        raise NoBacktest(
            f"--fork: nothing is left of this market after {moment(found.began_ns)}: it ended at"
            f" {moment(found.ended_ns)}",
            ExitCode.USAGE,
        )
    return found


def run_backtest(
    prepared: Prepared, advance: Advance, broken_off: BrokenOff = nobody
) -> tuple[Result, Came]:
    """
    Run it.

    Raises:
        NoBacktest: A dataset is damaged, or the latency cannot be had.
    """
    task, settings, markets = prepared.task, prepared.settings, prepared.markets
    try:
        if task.path is Path.DIRECT:
            came = run_directly(task, settings, markets, advance)
        else:
            came = run_on_the_wire(task, settings, markets, advance, broken_off)
    except MalformedRecording as error:
        raise NoBacktest(str(error), ExitCode.NO_INPUT) from error
    return Result(head=head_of(prepared, came), runs=came.runs), came


def head_of(prepared: Prepared, came: Came) -> Head:
    """The circumstances of a backtest."""
    task, settings, markets = prepared.task, prepared.settings, prepared.markets
    notes = [] if not came.halted else [f"Nothing was quoted any more: {came.halted}"]
    notes += [
        f"Of {pair} something is missing at {len(market.gaps)} places: nothing was quoted there."
        for pair, market in markets.items()
        if market.gaps
    ]
    ordered = [markets[pair] for pair in sorted(markets)]
    return Head(
        kind=RunKind.BACKTEST,
        engine=settings.engine.name,
        venue=f"simulated {settings.venue.known.title}",
        code=code_digest(),
        seed=task.seed,
        models=dict(models_of(task, settings)),
        data=", ".join(market.name for market in ordered),
        data_digest=" ".join(market.dataset.meta.digest for market in ordered),
        notes=tuple(notes),
    )
