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
from engine.environment.state_folder import ledger_path, running_engine, state_folder
from engine.environment.world import real_world
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.storage.last_check import LastCheck, remember_check
from engine.storage.ledger_inspection import CheckedFile, inspect_whole
from trading.core.errors import Fatal

_CHECK_EXAMPLES = """
Examples:

```
engine ledger check config/live.toml
engine ledger check config/live.toml --json
```

Exit codes: 0 all of it is sound; 66 there is no ledger; 74 a file is damaged, missing or cannot be
read: it is named with what is wrong.
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
