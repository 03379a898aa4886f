"""The command `engine backtest`."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import attrs
import msgspec
from cyclopts import App, Parameter, validators
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from config.source.files import DISK
from config.source.problems import ConfigurationProblems, cut
from engine.backtest import task as backtest_task
from engine.backtest.came import Came
from engine.backtest.files import LEDGER, OF_BACKTESTS, PAGE, results_folder, write_backtest
from engine.backtest.fork_text import likeness_lines, likenesses
from engine.backtest.markets import find
from engine.backtest.moments import WrongMoment, moment_of
from engine.backtest.refusal import NoBacktest
from engine.backtest.running import Prepared, prepare, run_backtest
from engine.backtest.session_market import (
    end_of_session,
    instruments_of,
    recorded_session,
    session_market,
    session_orders,
)
from engine.backtest.task import DEFAULT_LATENCY, BacktestTask, DataSpan
from engine.backtest.text import backtest_lines
from engine.cli.options import Place, whole_number
from engine.cli.reporting import refuse, report
from engine.process.exit_codes import ExitCode, code_of_unwritten
from engine.recording.ending import account_notes, end_as_json, end_notes, writer_of
from engine.reports.page import report_page
from engine.reports.plain import plain
from engine.simulation.breaking_off import BrokenOff, signals_noted
from engine.storage.session_end import SessionEnd
from engine.storage.session_folder import SessionFolder
from trading.research.figures import Figures, figures, mid_path
from trading.research.likeness import Likeness
from trading.research.result import FILE_NAME, Result, encode_result

_BACKTEST_EXAMPLES = f"""
Examples:

```
engine backtest config/paper.toml --data docs/samples/doge-usdt
engine backtest config/paper.toml --data doge --path direct --set strategies.doge.bid_spread="0.2 %"
engine backtest config/live.toml --data btc --data eth --queue log --latency constant:20ms,20ms
engine backtest config/live.toml --data btc --from 2026-01-31T08:00:00Z --to +3600 --out monday
engine backtest config/paper.toml --data doge --fork state/paper/recordings/1795983851000@+300
```

Exit codes: {ExitCode.OK} done; {ExitCode.FAILURE} what must never be was;
{ExitCode.USAGE} the command line, a span or a model does not go with the data;
{ExitCode.NO_INPUT} a dataset is missing, damaged, or cannot fill orders;
{ExitCode.CANNOT_CREATE} the folder of --out cannot be made or written, or has in it
what is not of an earlier backtest; {ExitCode.IO_ERROR} the
disk does not take the results; {ExitCode.CONFIGURATION} a wrong
configuration, or a pair, tick or lot that does not fit; {ExitCode.FORCED} broken off.
"""

backtest_app = App(name="backtest", help_epilogue=_BACKTEST_EXAMPLES)

_Words = Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)]
_Seed = Annotated[
    int, Parameter(converter=whole_number, validator=validators.Number(gte=0, lt=10**15))
]


@backtest_app.default
def backtest_command(
    config: Path,
    /,
    *,
    data: tuple[Path, ...] = (),
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    to: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    seed: _Seed = 1,
    path: backtest_task.Path | None = None,
    queue: str | None = None,
    latency: str = DEFAULT_LATENCY,
    fees: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    fork: str | None = None,
    set_: _Words = (),
    out: Place | None = None,
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """
    Trade a recorded market with a configuration, and say what would have come of it.

    The same data, configuration, seed and code give the same result to the last byte.

    Args:
        config: The engine's configuration; its venue is replaced by the simulated exchange.
        data: A dataset of a pair that is traded; once for each pair.
        from_: Where to begin: 2026-01-31T08:00:00Z, nanoseconds, or +SECONDS after the beginning.
        to: Where to end, likewise.
        seed: Of the engine's chance, and of the order in which its tasks run.
        path: "wire" is the whole engine in virtual time; "direct" takes the same decisions without
            actors and bytes, many times as fast. A fork is direct, all else is on the wire.
        queue: What is believed of the queue before an order: risk_averse, power:n, log, or l3
            where the dataset tells orders one by one; else what the configuration says.
        latency: Of orders: constant:ENTRY,ANSWER; measured:SESSION, as those of a recorded session
            had it; or feed:FACTOR, so many times what the market data are late.
        fees: MAKER,TAKER in place of the simulator's, as "0 %,0.1 %".
        fork: SESSION@T: go on from a recorded session at a moment, with its balances, its working
            orders and what its strategies remembered, in its own market if no --data is given. T is
            a moment, or +SECONDS of the session. Without --set it checks the simulator.
        set_: KEY=VALUE, in place of what the configuration says; may be given several times.
        out: A folder for result.json, report.html, and of the wire path ledger.sqlite: a new
            one, an empty one, or that of an earlier backtest, which is replaced.
        json_: Print the numbers as one JSON object on stdout; money is text.
    """
    try:
        with ExitStack() as kept:
            forked = None if fork is None else _forked(fork)
            name = ""
            if forked is not None and not data:
                data = _markets_of(forked, kept)
                name = f"the market of session {forked.session.head.session}"
            _require(data)
            task = BacktestTask(
                name=str(config),
                text=_text(config),
                overrides=set_,
                data=tuple(_span(each, from_, to, name) for each in data),
                seed=seed,
                path=_path(path, forked),
                queue=queue,
                latency=latency,
                fees=_fees(fees),
                fork=None if forked is None else (str(forked.session.path), forked.at_ns),
            )
            with signals_noted() as broken_off:
                return _run(task, out, broken_off, forked, as_json=json_)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was run")
    except NoBacktest as unfit:
        return refuse(str(unfit), unfit.code, command="backtest")
    except WrongMoment as wrong:
        return refuse(str(wrong), ExitCode.USAGE, command="backtest")


def _require(data: tuple[Path, ...]) -> None:
    if not data:
        raise NoBacktest("name a dataset: --data FOLDER", ExitCode.USAGE)


@attrs.frozen(kw_only=True)
class _Forked:
    """A session, the moment of it that is gone on from, and how its recording ends."""

    session: SessionFolder
    at_ns: int
    end: SessionEnd

    @property
    def writer(self) -> str | None:
        """The engine that is still recording it."""
        return None if self.end.ended else writer_of(self.session)


def _forked(text: str) -> _Forked:
    path, sign, at = text.rpartition("@")
    if not sign or not path:
        raise NoBacktest(
            f"--fork {text[:60]!r}: a session and a moment, SESSION@+300", ExitCode.USAGE
        )
    session = recorded_session(Path(path))
    at_ns = moment_of(at, session.head.wall_ns)
    return _Forked(session=session, at_ns=at_ns, end=end_of_session(session))


def _markets_of(forked: _Forked, kept: ExitStack) -> tuple[Path, ...]:
    """The session's own markets, for as long as the stack keeps them."""
    return tuple(
        kept.enter_context(session_market(forked.session, instrument)).path
        for instrument in instruments_of(forked.session).values()
    )


def _path(path: backtest_task.Path | None, forked: _Forked | None) -> backtest_task.Path:
    if forked is None:
        return path or backtest_task.Path.WIRE
    if path is backtest_task.Path.WIRE:
        raise NoBacktest(
            "--fork goes with --path direct: an engine on the wire starts anew, and its strategies"
            " would remember nothing of the session",
            ExitCode.USAGE,
        )
    return backtest_task.Path.DIRECT


def _run(
    task: BacktestTask,
    out: Path | None,
    broken_off: BrokenOff,
    forked: _Forked | None,
    *,
    as_json: bool,
) -> int:
    prepared = prepare(task)
    with results_folder(out, OF_BACKTESTS):
        return _run_prepared(prepared, out, broken_off, forked, as_json=as_json)


def _run_prepared(
    prepared: Prepared,
    out: Path | None,
    broken_off: BrokenOff,
    forked: _Forked | None,
    *,
    as_json: bool,
) -> int:
    began = time.perf_counter()
    with _progress(prepared.records, broken_off) as advance:
        try:
            result, came = run_backtest(prepared, advance, broken_off)
        except _BrokenOff:
            return refuse("broken off", ExitCode.FORCED, command="backtest")
    took_s = time.perf_counter() - began
    if broken_off():
        return refuse("broken off", ExitCode.FORCED, command="backtest")
    judged = [figures(run, mid_path(run)) for run in result.runs]
    alike = [] if forked is None else _alike(forked, result)
    if out is not None:
        try:
            _write(out, result, came)
        except OSError as error:
            where = error.filename or out
            text = f"{where}: {error.strerror}"
            return refuse(text, code_of_unwritten(error), command="backtest")
    _show(prepared, result, judged, took_s, forked, alike, as_json=as_json)
    if out is not None and not as_json:
        sys.stdout.write(f"{out / PAGE}\n")
    if came.violation:
        return refuse(came.violation, ExitCode.FAILURE, command="backtest")
    return ExitCode.OK


def _alike(forked: _Forked, result: Result) -> list[Likeness]:
    live = session_orders(forked.session, max(run.to_ns for run in result.runs))
    return likenesses(live, result, forked.at_ns)


def _show(
    prepared: Prepared,
    result: Result,
    judged: Sequence[Figures],
    took_s: float,
    forked: _Forked | None,
    alike: Sequence[Likeness],
    *,
    as_json: bool,
) -> None:
    if as_json:
        told = plain(
            {
                "head": result.head,
                "runs": list(judged),
                "session": None if forked is None else end_as_json(forked.end, forked.writer),
                "beside_live": list(alike),
            }
        )
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    else:
        changed = bool(prepared.task.overrides)
        lines = (
            *backtest_lines(prepared, result, list(judged), took_s),
            *(() if forked is None else _session_lines(forked)),
            *likeness_lines(alike, changed=changed),
        )
        sys.stdout.write("\n".join(lines) + "\n")


def _session_lines(forked: _Forked) -> Iterator[str]:
    for note in (*end_notes(forked.end, forked.writer), *account_notes(forked.end)):
        yield f"session {forked.session.head.session}: {note}"


def _write(out: Path, result: Result, came: Came) -> None:
    files = {FILE_NAME: encode_result(result), PAGE: report_page(result).encode()}
    if came.ledger is not None:
        files[LEDGER] = came.ledger
    write_backtest(out, files)


def _text(config: Path) -> str:
    """
    The configuration's text.

    A file that cannot be read is left to whoever reads configurations to name.
    """
    try:
        return DISK.read(str(config)).data.decode("utf-8")
    except (OSError, ValueError) as error:
        reason = cut(getattr(error, "strerror", None) or str(error))
        raise NoBacktest(f"{config} cannot be read: {reason}", ExitCode.CONFIGURATION) from error


def _span(path: Path, from_: str | None, to: str | None, name: str) -> DataSpan:
    dataset = find(DataSpan(path=str(path), digest=""))
    began = dataset.meta.first_ns
    from_ns = None if from_ is None else moment_of(from_, began)
    return DataSpan(
        path=str(path),
        digest=dataset.meta.digest,
        from_ns=from_ns,
        to_ns=None if to is None else moment_of(to, began),
        name=name,
    )


def _fees(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    maker, comma, taker = (part.strip() for part in text.partition(","))
    if not comma:
        raise NoBacktest(
            f'--fees {text[:40]!r}: two of them, of makers and of takers: "0 %,0.1 %"',
            ExitCode.USAGE,
        )
    return maker, taker


class _BrokenOff(Exception):
    """A signal has come."""


@contextmanager
def _progress(records: int, broken_off: BrokenOff) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, where that is a terminal; looks for signals on the way."""
    console = Console(stderr=True)
    columns = (TextColumn("backtest"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(
        *columns, TimeRemainingColumn(), console=console, transient=True,
        disable=not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("", total=records)

        def advance(count: int) -> None:
            if broken_off():
                raise _BrokenOff
            bar.update(task, advance=count)

        yield advance
