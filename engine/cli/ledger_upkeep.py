"""`engine ledger check` and `engine ledger archive`: the upkeep of a ledger that grows."""

import json
import sys
from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import App, Parameter

from config.load.reading import load_engine
from config.source.problems import ConfigurationProblems
from engine.cli.reporting import refuse, report
from engine.environment.locks import sole_state
from engine.environment.state_folder import ledger_path, running_engine, state_folder
from engine.environment.world import real_world
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.storage.last_check import LastCheck, remember_check
from engine.storage.ledger_archive import Archived, archive
from engine.storage.ledger_database import open_to_read, open_to_write
from engine.storage.ledger_inspection import CheckedFile, inspect_whole
from engine.views.archive_report import ArchivePlan, archive_json, archive_lines
from engine.views.time_args import since_ns
from trading.core.errors import Fatal
from trading.journal.archiving import counts, judged
from trading.journal.tables import Query

_CHECK_EXAMPLES = """
Examples:

```
engine ledger check config/live.toml
engine ledger check config/live.toml --json
```

Exit codes: 0 all of it is sound; 66 there is no ledger; 74 a file is damaged, missing or cannot be
read: it is named with what is wrong.
"""


_ARCHIVE_EXAMPLES = """
Examples:

```
engine ledger archive config/live.toml --dry-run
engine ledger archive config/live.toml
engine ledger archive config/live.toml --before 2026-11-21
```

Exit codes: 0 done, also where there was nothing to move; 66 there is no ledger; 73 an engine runs
with this state directory; 74 the disk is full or may not be written, or the ledger is damaged:
nothing was moved; 75 another program holds the ledger's lock.
"""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Upkeep:
    """
    What the commands have in common.

    Args:
        json: Print the outcome as one JSON object on stdout.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """

    json: bool = False
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = ()


_USUAL = Upkeep()

check_app = App(name="check", help_epilogue=_CHECK_EXAMPLES)


@check_app.default
def check_command(config: Path, /, *, upkeep: Upkeep = _USUAL) -> int:
    """
    Check all of the ledger and its archives: every page, index, reference and row.

    A start checks a small ledger whole, and of a large one what it reads. This may be done while
    the engine runs.

    Args:
        config: The TOML file that the engine runs with; only its table [engine] is read.
    """
    try:
        engine = load_engine(str(config), upkeep.set_)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was checked")
    path, user = ledger_path(engine), running_engine(state_folder(engine))
    try:
        found = inspect_whole(path, _progress, in_use=user is not None)
    except FileNotFoundError as error:
        return refuse(f"there is no ledger at {error}", ExitCode.NO_INPUT)
    except Fatal as fatal:
        return refuse(str(fatal), EXIT_CODES[fatal.reason])
    return _tell(found, as_json=upkeep.json)


archive_app = App(name="archive", help_epilogue=_ARCHIVE_EXAMPLES)


@archive_app.default
def archive_command(
    config: Path,
    /,
    *,
    before: str = "90d",
    dry_run: bool = False,
    upkeep: Upkeep = _USUAL,
) -> int:
    """
    Move the orders, fills and balances of old sessions out of the ledger, into a file beside it.

    Nothing is lost: all commands that look back read the archives too. What a run begins with
    stays. The engine must not run meanwhile.

    Args:
        config: The TOML file that the engine runs with; only its table [engine] is read.
        before: Sessions that were over by then: 90d (ago), 2026-11-21, 2026-11-21T08:30 (UTC).
        dry_run: Only show which sessions would go, and why others stay.
    """
    now_ns = real_world(seed=0).wall_clock()
    try:
        before_ns = since_ns(before, now_ns)
    except ValueError as error:
        return refuse(f"--before {error}", ExitCode.USAGE)
    try:
        engine = load_engine(str(config), upkeep.set_)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was moved")
    path = ledger_path(engine)
    if not path.exists():
        return refuse(f"there is no ledger at {path}", ExitCode.NO_INPUT)
    try:
        if dry_run:
            plan, done = _plan(path, before_ns), None
        else:
            with sole_state(engine):
                plan, done = _moved(path, before_ns, now_ns)
    except Fatal as fatal:
        return refuse(str(fatal), EXIT_CODES[fatal.reason], command="ledger archive")
    told = archive_json(plan, done) if upkeep.json else None
    lines = [json.dumps(told)] if told is not None else archive_lines(plan, done)
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return ExitCode.OK


def _moved(path: Path, before_ns: int, now_ns: int) -> tuple[ArchivePlan, Archived | None]:
    open_to_write(path).close()  # one of an older engine is brought up to date, as at a start
    plan = _plan(path, before_ns)
    return plan, archive(path, plan.numbers, now_ns, _progress) if plan.goes else None


def _plan(path: Path, before_ns: int) -> ArchivePlan:
    def read(query: Query) -> ArchivePlan:
        every = judged(query, before_ns)
        numbers = [each.session.session for each in every if not each.stays]
        return ArchivePlan(judged=every, rows=counts(query, numbers))

    database = open_to_read(path)
    try:
        return database.read(read)
    finally:
        database.close()


def _tell(found: list[CheckedFile], *, as_json: bool) -> ExitCode:
    trouble = [file for file in found if file.trouble]
    if not trouble:
        _remember(found[0])
    if as_json:
        sys.stdout.write(f"{json.dumps({'sound': not trouble, 'files': _as_json(found)})}\n")
    else:
        for file in found:
            if not file.trouble:
                sys.stdout.write(
                    f"{file.path} is sound: {file.size >> 10} KiB, {sum(file.rows.values())} rows\n"
                )
    for file in trouble:
        refuse(file.trouble, ExitCode.IO_ERROR, command="ledger check")
    return ExitCode.IO_ERROR if trouble else ExitCode.OK


def _remember(ledger: CheckedFile) -> None:
    try:
        remember_check(ledger.path, LastCheck(real_world(seed=0).wall_clock(), ledger.size))
    except OSError as error:
        sys.stderr.write(f"the next start will not know of this check: {error.strerror or error}\n")


def _as_json(found: list[CheckedFile]) -> list[dict[str, object]]:
    return [
        {
            "file": str(file.path),
            "bytes": file.size,
            "rows": dict(file.rows),
            "trouble": file.trouble or None,
        }
        for file in found
    ]


def _progress(what: str) -> None:
    """Show a person at a terminal that something is going on."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{what}\n")
