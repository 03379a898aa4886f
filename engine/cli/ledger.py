"""The commands that read the ledger, while the engine runs or afterwards."""

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile, gettempdir
from typing import IO, Annotated

import attrs
from cyclopts import App, Parameter

from config.load.reading import load_engine
from config.sections.engine import EngineSettings
from config.source.problems import ConfigurationProblems
from engine.cli.reporting import refuse, report
from engine.environment.state_folder import ledger_path
from engine.environment.world import real_world
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.storage.whole_ledger import read_whole
from engine.views.ledger_reports import Asked, fills_sheet, history_sheet, orders_sheet
from engine.views.report import Format, Report
from engine.views.time_args import since_ns
from trading.core.errors import Fatal
from trading.journal import reading
from trading.journal.whole import Whole

_ORDERS_EXAMPLES = """
Examples:

```
engine orders config/paper.toml
engine orders config/paper.toml --all --since 2h
engine orders config/paper.toml --all --json
```
"""

_FILLS_EXAMPLES = """
Examples:

```
engine fills config/paper.toml
engine fills config/paper.toml --since 2026-11-21 --csv
```
"""

_HISTORY_EXAMPLES = """
Examples:

```
engine history config/paper.toml
engine history config/paper.toml --since 7d
engine history config/paper.toml --all-venues --csv
```
"""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Choice:
    """
    What the reading commands have in common.

    Args:
        since: Only from then on: 90m, 2h, 3d, 2026-11-21, 2026-11-21T08:30 (UTC).
        all_venues: Also what happened on other venues; each run of the simulated exchange is one.
        csv: Comma-separated values, with all columns.
        json: One JSON object, with all columns; money is text.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """

    since: str | None = None
    all_venues: bool = False
    csv: bool = False
    json: bool = False
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = ()


_USUAL = Choice()


orders_app = App(name="orders", help_epilogue=_ORDERS_EXAMPLES)


@orders_app.default
def orders_command(
    config: Path,
    /,
    *,
    all_: Annotated[bool, Parameter(name="--all")] = False,
    choice: Choice = _USUAL,
) -> int:
    """
    Show the engine's working orders as the ledger has them, while it runs or afterwards.

    Args:
        config: The TOML file that the engine runs with; only its table [engine] is read.
        all_: Also orders that have ended.
    """
    return _read(config, choice, lambda asked: orders_sheet(asked, ended_too=all_))


fills_app = App(name="fills", help_epilogue=_FILLS_EXAMPLES)


@fills_app.default
def fills_command(config: Path, /, *, choice: Choice = _USUAL) -> int:
    """
    Show the engine's fills, while it runs or afterwards.

    Args:
        config: The TOML file that the engine runs with; only its table [engine] is read.
    """
    return _read(config, choice, fills_sheet)


history_app = App(name="history", help_epilogue=_HISTORY_EXAMPLES)


@history_app.default
def history_command(config: Path, /, *, choice: Choice = _USUAL) -> int:
    """
    Show what trading came to, per pair: trades, fees, inventory, profit against having held.

    Profit is in quote currency, by average cost, after fees in base and quote currency; unrealised
    at the newest price that a decision or a fill went by.

    Args:
        config: The TOML file that the engine runs with; only its table [engine] is read.
    """
    return _read(config, choice, history_sheet)


def _read(config: Path, choice: Choice, make: Callable[[Asked], Report]) -> int:
    """Have a sheet made of the ledger at one moment, and write it to stdout."""
    if choice.csv and choice.json:
        return refuse("--csv and --json exclude each other", ExitCode.USAGE)
    now_ns = real_world(seed=0).wall_clock()
    try:
        since = 0 if choice.since is None else since_ns(choice.since, now_ns)
    except ValueError as error:
        return refuse(f"--since {error}", ExitCode.USAGE)
    try:
        engine = load_engine(str(config), choice.set_)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was shown")
    form = Format.JSON if choice.json else Format.CSV if choice.csv else Format.TEXT
    try:
        with TemporaryFile("w+", encoding="utf-8", newline="") as output:
            _write(engine, partial(_sheet, choice, since, make), form, output)
            _show(output)
    except FileNotFoundError as error:
        return refuse(
            f"there is no ledger at {error}: an engine {engine.name!r} has not run yet, or with"
            " another engine.state_directory",
            ExitCode.NO_INPUT,
        )
    except _NoRoom as trouble:
        return refuse(str(trouble), ExitCode.IO_ERROR)
    except Fatal as fatal:
        return refuse(str(fatal), EXIT_CODES[fatal.reason])
    return ExitCode.OK


def _sheet(
    choice: Choice, since: int, make: Callable[[Asked], Report], files: Whole
) -> Report | None:
    """The sheet that was asked for; ``None`` where no session has begun."""
    sessions = reading.sessions(files.ledger)
    if not sessions:
        return None
    newest = sessions[-1]
    venue = None if choice.all_venues else newest.venue
    return make(Asked(files=files, session=newest, venue=venue, since_ns=since))


def _write(
    engine: EngineSettings,
    make: Callable[[Whole], Report | None],
    form: Format,
    output: IO[str],
) -> None:
    """
    Write a sheet of the ledger at one moment into a file.

    So the ledger is not kept from writing its log back by a reader of stdout who takes his time,
    and nothing is shown of a ledger that turns out to be damaged.
    """
    path = ledger_path(engine)

    def write(files: Whole) -> bool:
        sheet = make(files)
        if sheet is not None:
            try:
                sheet.write(form, output, like=sys.stdout)
                output.flush()
            except OSError as error:
                raise _NoRoom(
                    f"the output cannot be kept in {gettempdir()} until it is complete:"
                    f" {error.strerror or error}; make room there, or name another folder in TMPDIR"
                ) from error
        return sheet is not None

    if not read_whole(path, write):
        raise FileNotFoundError(path)  # it was made a moment ago, or never used


def _show(output: IO[str]) -> None:
    output.seek(0)
    try:
        copyfileobj(output, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone; the rest of the output must not fail again at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _NoRoom(Exception):
    """The output cannot be written down, whatever the ledger is like."""
