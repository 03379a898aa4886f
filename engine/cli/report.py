"""`engine report`: what a session or a backtest came to, as one page."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from config.load.reading import load_engine
from config.source.problems import ConfigurationProblems
from engine.cli.options import Place, whole_number
from engine.cli.reporting import refuse, report
from engine.datasets.reading import DamagedDataset, open_dataset
from engine.environment.state_folder import ledger_path
from engine.environment.world import real_world
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.reports.market import Market, WrongMarket, with_market
from engine.reports.page import report_page
from engine.reports.plain import plain
from engine.reports.session import NoSession, session_result, with_recorded_head
from engine.reports.static_page import is_page
from engine.storage.places import check_file, replace_whole
from engine.storage.whole_ledger import read_whole
from trading.core.errors import Fatal
from trading.research.figures import figures, mid_path
from trading.research.result import FILE_NAME, Result, WrongResult, decode_result

_REPORT_EXAMPLES = f"""
Examples:

```
engine report config/paper.toml
engine report config/live.toml --session 1790133597000 --out monday.html
engine report state/live/recordings/1790133597000
engine report config/live.toml --data data/doge
engine report out/a-backtest --json
```

Exit codes: {ExitCode.OK} written; {ExitCode.NO_INPUT} there is no such session, ledger, result or
dataset, or it is damaged, or the dataset is of another pair or time; {ExitCode.CANNOT_CREATE} the
page cannot be written, or something else lies in its place; {ExitCode.IO_ERROR} the ledger cannot
be trusted; {ExitCode.CONFIGURATION} a wrong configuration.
"""

_LEDGER = "ledger.sqlite"
_RECORDINGS = "recordings"
_SUFFIXES = frozenset({".html", ".htm"})

report_app = App(name="report", help_epilogue=_REPORT_EXAMPLES)


@report_app.default
def report_command(
    of: Path,
    /,
    *,
    data: Path | None = None,
    out: Place | None = None,
    session: Annotated[int | None, Parameter(converter=whole_number)] = None,
    json_: Annotated[bool, Parameter(name="--json")] = False,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
) -> int:
    """
    Judge a session or a backtest: one page with charts, markouts, uptime, and where profit is from.

    The page is one file that opens from disk and fetches nothing. What the data cannot bear is not
    stated, with the reason.

    Args:
        of: A configuration, whose newest session is meant; a session's recording; a state
            directory of an engine; or the folder that a backtest wrote.
        data: A dataset of the market; else the one that a backtest names. A ledger knows the mid
            price at decisions alone.
        out: The page; else report.html in a backtest's folder, or report-ENGINE-SESSION.html here.
        session: Its number, in place of the newest.
        json_: Print the numbers as one JSON object instead; money is text.
        set_: KEY=VALUE, in place of what a configuration says; may be given several times.
    """
    if out is not None and out.suffix.lower() not in _SUFFIXES:
        return _refuse(f"--out {out}: a page's name ends with .html", ExitCode.USAGE)
    try:
        result, folder = _result(of, session, set_)
        result = _with_market(result, data)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was written")
    except _Missing as missing:
        return _refuse(str(missing), ExitCode.NO_INPUT)
    except Fatal as fatal:
        return _refuse(str(fatal), EXIT_CODES[fatal.reason])
    if json_:
        sys.stdout.write(_numbers(result))
        return ExitCode.OK
    path = out or folder / _name(result)
    try:
        check_file(path, is_page, "page of a report")
        replace_whole(path, report_page(result).encode())
    except OSError as error:
        return _refuse(f"{path}: {error.strerror}", ExitCode.CANNOT_CREATE)
    sys.stdout.write(f"{path}\n")
    return ExitCode.OK


class _Missing(Exception):
    """What is to be reported is not there, or is damaged."""


def _result(of: Path, session: int | None, overrides: tuple[str, ...]) -> tuple[Result, Path]:
    """What is to be reported, and the folder that its page is for."""
    if not of.is_dir():
        if not of.exists() and not of.suffix:
            raise _Missing(f"there is no {of}: name a configuration, or a folder of results")
        return _of_ledger(ledger_path(load_engine(str(of), overrides)), session), Path()
    if (of / FILE_NAME).is_file():
        return _of_file(of / FILE_NAME), of
    if of.resolve().parent.name == _RECORDINGS and of.resolve().name.isdecimal():
        where = of.resolve()
        state = where.parent.parent
        return _of_ledger(state / _LEDGER, int(where.name) if session is None else session), Path()
    if (of / _LEDGER).exists():
        return _of_ledger(of / _LEDGER, session), Path()
    raise _Missing(
        f"{of} has no {FILE_NAME} of a backtest and no {_LEDGER} of an engine, and is no recording"
        " of a session"
    )


def _with_market(result: Result, data: Path | None) -> Result:
    """The result with the market that was asked for, or that a backtest leaves to be read."""
    if data is None:
        if not result.head.data or all(run.mids is not None for run in result.runs):
            return result
        data = Path(result.head.data)
    try:
        dataset = open_dataset(data)
        market = Market(
            name=str(data),
            digest=dataset.meta.digest,
            pair=dataset.meta.pair,
            tick=dataset.meta.tick_size,
            latency_max_ns=dataset.meta.clock.latency_max_ns,
            records=dataset.records,
        )
        return with_market(result, market)
    except (DamagedDataset, WrongMarket) as error:
        raise _Missing(f"--data {data}: {error}") from error


def _of_file(path: Path) -> Result:
    try:
        return decode_result(path.read_bytes())
    except OSError as error:
        raise _Missing(f"{path}: {error.strerror}") from error
    except WrongResult as error:
        raise _Missing(f"{path} is no result: {error}") from error


def _of_ledger(path: Path, number: int | None) -> Result:
    now_ns = real_world(seed=0).wall_clock()
    try:
        result = read_whole(path, partial(session_result, number=number, now_ns=now_ns))
    except FileNotFoundError as error:
        raise _Missing(f"there is no ledger at {error}: the engine has not run yet") from error
    except NoSession as error:
        raise _Missing(str(error)) from error
    return with_recorded_head(result, path.parent / _RECORDINGS / str(result.head.session))


def _name(result: Result) -> str:
    head = result.head
    return "report.html" if head.session is None else f"report-{head.engine}-{head.session}.html"


def _numbers(result: Result) -> str:
    runs = [figures(run, mid_path(run)) for run in result.runs]
    return msgspec.json.encode(plain({"head": result.head, "runs": runs})).decode() + "\n"


def _refuse(message: str, code: ExitCode) -> ExitCode:
    return refuse(message, code, command="report")
