"""The command `engine sweep`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter, validators
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from config.source.problems import ConfigurationProblems
from config.sweep.plan import SearchKind, SweepPlan, read_plan
from engine.backtest.files import results_folder
from engine.backtest.markets import find
from engine.backtest.refusal import NoBacktest
from engine.cli.options import Place, whole_number
from engine.cli.reporting import refuse, report
from engine.process.exit_codes import ExitCode, code_of_unwritten
from engine.simulation.breaking_off import BrokenOff, signals_noted
from engine.storage.places import write_whole
from engine.sweep.driver import Driver, SweepBrokenOff
from engine.sweep.page import sweep_page
from engine.sweep.planning import Candidate, Planning, Point
from engine.sweep.runners.named import UnknownRunner, runner_of
from engine.sweep.runners.runner import NoCluster, Runner, WrongCluster
from engine.sweep.search import NoOptuna
from engine.sweep.shipping import NotShipped, Shipment, ship
from engine.sweep.store import OF_SWEEPS, PAGE, SUMMARY, Store
from engine.sweep.sweeping import Swept, candidates_of, sweep
from engine.sweep.text import sweep_lines, sweep_values

_SWEEP_EXAMPLES = f"""
Examples:

```
engine sweep plan.toml
engine sweep plan.toml --jobs 2 --out monday
engine sweep plan.toml --on dask:tcp://10.0.0.5:8786 --out monday
engine sweep plan.toml --on dask:tcp://10.0.0.5:8786 --ship
engine sweep plan.toml --on ray:10.0.0.5:6379 --json
```

The same command goes on where it was broken off: a cell that is finished is never run again.

Exit codes: {ExitCode.OK} done; {ExitCode.FAILURE} a cell failed, the others are there;
{ExitCode.USAGE} the command line, or a model, does not go with the data; {ExitCode.NO_INPUT} a
dataset is missing or damaged; {ExitCode.VENUE_UNAVAILABLE} there is no such cluster;
{ExitCode.CANNOT_CREATE} the folder of --out cannot be made or written, or has in it what is not of
a sweep; {ExitCode.IO_ERROR} the
disk does not take a result, or a worker's disk a dataset: those before it are there;
{ExitCode.CONFIGURATION} a wrong plan, or workers with other versions: nothing was sent;
{ExitCode.FORCED} broken off.
"""

sweep_app = App(name="sweep", help_epilogue=_SWEEP_EXAMPLES)


@sweep_app.default
def sweep_command(
    plan: Path,
    /,
    *,
    on: str = "local",
    jobs: Annotated[
        int | None, Parameter(converter=whole_number, validator=validators.Number(gte=1, lte=4096))
    ] = None,
    out: Place | None = None,
    ship_: Annotated[bool, Parameter(name="--ship")] = False,
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """
    Run a plan of many backtests on this machine or on a cluster, each once, and rank them.

    The best are shown beside as many that were drawn at random, and both on the markets of [test]:
    of many candidates the best is always good on what it was chosen by.

    Args:
        plan: What is tried, as TOML; docs/research.md describes it.
        on: "local", dask:ADDRESS of a scheduler, or ray:ADDRESS of a head.
        jobs: So many cells at once; as many as there is room for if not given.
        out: The folder of results: a new one, an empty one, or that of a sweep; else NAME.out
            beside the plan.
        ship_: First send the datasets that a worker's machine lacks, each once; they stay there in
            $QUOTEWRIGHT_DATA, else below the user's cache folder.
        json_: Print all of it as one JSON object on stdout.
    """
    folder = out or plan.with_suffix(".out")
    try:
        return _swept(plan, on, jobs, folder, sent=ship_, as_json=json_)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was run")
    except (NoBacktest, NotShipped) as unfit:
        return _refuse(str(unfit), unfit.code)
    except UnknownRunner as unknown:
        return _refuse(str(unknown), ExitCode.USAGE)
    except NoCluster as missing:
        return _refuse(str(missing), ExitCode.VENUE_UNAVAILABLE)
    except (WrongCluster, NoOptuna) as wrong:
        return _refuse(f"{wrong}\nnothing was sent", ExitCode.CONFIGURATION)


def _swept(
    plan: Path, on: str, jobs: int | None, folder: Path, *, sent: bool, as_json: bool
) -> int:
    read, source = read_plan(str(plan))
    planning = Planning(read, source)
    chosen = [] if read.search.kind is SearchKind.TPE else candidates_of(planning)
    runner = runner_of(on, jobs)
    try:
        runner.check()
        with results_folder(folder, OF_SWEEPS):
            if sent:
                _ship(planning, runner)
            return _run(planning, chosen, runner, folder, as_json=as_json)
    finally:
        runner.close()


def _ship(planning: Planning, runner: Runner) -> None:
    shipments = [Shipment(span.path, find(span)) for span in planning.spans]
    with signals_noted() as broken_off:
        ship(runner, shipments, broken_off=broken_off, watch=_OnStderr())


class _OnStderr:
    """Tells what is sent on stderr; with a progress bar where that is a terminal."""

    def say(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")

    @contextmanager
    def sending(self, what: str, size: int) -> Iterator[Callable[[int], None]]:
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
        )
        if not console.is_terminal:
            self.say(f"--ship: sends {what}, {size:,} bytes")
        with Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal
        ) as bar:
            task = bar.add_task(escape(what), total=size)
            yield lambda count: bar.update(task, advance=count)


def _run(
    planning: Planning,
    chosen: list[tuple[Point, Candidate]],
    runner: Runner,
    folder: Path,
    *,
    as_json: bool,
) -> int:
    plan = planning.plan
    with signals_noted() as broken_off, _progress(_expected(plan, chosen)) as done:
        driver = _driver(plan, runner, folder, broken_off, done)
        try:
            swept = sweep(planning, chosen, driver, runner.slots)
            _write(folder, swept, plan)
        except SweepBrokenOff:
            return _refuse(
                f"broken off: {driver.ran} cells were run, {len(driver.results)} are finished in"
                f" {folder}; the same command goes on there",
                ExitCode.FORCED,
            )
        except OSError as error:
            return _refuse(
                f"{error.filename or folder}: {error.strerror}; {len(driver.results)} finished"
                " cells are there, and the same command goes on with them",
                code_of_unwritten(error),
            )
    if as_json:
        sys.stdout.write(msgspec.json.encode(sweep_values(swept, plan.objective)).decode() + "\n")
    else:
        sys.stdout.write("\n".join(sweep_lines(swept, plan.objective)) + "\n")
        sys.stdout.write(f"{driver.ran} cells were run; {folder / PAGE}\n")
    return ExitCode.FAILURE if swept.failed else ExitCode.OK


def _driver(
    plan: SweepPlan,
    runner: Runner,
    folder: Path,
    broken_off: BrokenOff,
    done: Callable[[], None],
) -> Driver:
    store = Store(folder)
    return Driver(runner, store, deadline_s=plan.deadline_s, broken_off=broken_off, done=done)


def _write(folder: Path, swept: Swept, plan: SweepPlan) -> None:
    values = msgspec.json.encode(sweep_values(swept, plan.objective), order="deterministic")
    write_whole(folder / SUMMARY, msgspec.json.format(values, indent=2) + b"\n")
    write_whole(folder / PAGE, sweep_page(swept, plan.objective).encode())


def _expected(plan: SweepPlan, chosen: list[tuple[Point, Candidate]]) -> int:
    """How many cells there are, but for those of the test."""
    if plan.search.kind is SearchKind.TPE:
        return plan.search.trials * len(plan.data) * len(plan.seeds)
    return sum(len(each.train) for _, each in chosen)


def _refuse(message: str, code: ExitCode) -> ExitCode:
    return refuse(message, code, command="sweep")


@contextmanager
def _progress(cells: int) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("sweep"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=cells)
        yield lambda: bar.update(task, advance=1)
