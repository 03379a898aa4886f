"""The command `engine logs`: the log as a timeline."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import attrs
import trio
from cyclopts import App, Parameter

from config.load.reading import load_log
from config.sections.log import LogLevel
from config.source.problems import ConfigurationProblems, printable
from engine.cli.reporting import refuse, report
from engine.environment.world import real_world
from engine.logs.files import present_files
from engine.logs.reading import LogReader
from engine.logs.timeline import Wanted, told
from engine.process import early
from engine.process.exit_codes import ExitCode
from engine.views.time_args import moment_text, since_ns

LOGS_EXAMPLES = """
Examples:

```
engine logs config/paper.toml
engine logs config/paper.toml --since 2h --level warning
engine logs config/paper.toml --actor "order book" --follow
engine logs config/paper.toml --event order_ --strategy doge --json
```
"""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class LogChoice:
    """
    Which entries are shown.

    Args:
        since: Only from then on: 90m, 2h, 3d, 2026-11-21, 2026-11-21T08:30 (UTC).
        level: The least: debug, info, warning or error.
        actor: Only what concerns actors with this in their name.
        event: Only events with this in their name; may be given several times.
        pair: Only what concerns this pair.
        strategy: Only what concerns this strategy.
    """

    since: str | None = None
    level: LogLevel = LogLevel.DEBUG
    actor: str | None = None
    event: tuple[str, ...] = ()
    pair: str | None = None
    strategy: str | None = None

    def wanted(self) -> Wanted:
        """
        The same as it is compared with entries.

        Raises:
            ValueError: ``since`` is no time.
        """
        since = None
        if self.since is not None:
            since = moment_text(since_ns(self.since, real_world(seed=0).wall_clock()))
        return Wanted(
            since=since,
            level=self.level.value,
            actor=self.actor,
            events=self.event,
            pair=self.pair,
            strategy=self.strategy,
        )


_USUAL = LogChoice()


logs_app = App(name="logs", help_epilogue=LOGS_EXAMPLES)


@logs_app.default
def logs_command(
    config: Path,
    /,
    *,
    choice: LogChoice = _USUAL,
    follow: Annotated[bool, Parameter(name=["--follow", "-f"])] = False,
    json_: Annotated[bool, Parameter(name="--json")] = False,
    log_file: Path | None = None,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
) -> int:
    """
    Show the log as a timeline: starts, restarts and their causes, readiness, orders, alarms.

    It reads former files of the log too, oldest first, while an engine runs or afterwards.

    Args:
        config: The TOML file that the engine runs with; only its table [log] is read.
        follow: Go on with whatever is added, until Ctrl-C.
        json_: Print the entries as the log has them, one JSON object a line.
        log_file: The log, where it is not the configuration's log.file.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """
    try:
        path = log_file or _configured(config, set_)
        wanted = choice.wanted()
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was shown")
    except ValueError as error:
        return refuse(f"--since {error}", ExitCode.USAGE)
    if path is None:
        message = "the configuration names no log.file: give --log-file, or set it and run again"
        return refuse(message, ExitCode.NO_INPUT)
    if not present_files(path) and not follow:
        return refuse(f"there is no log at {path} yet", ExitCode.NO_INPUT)
    return _shown(path, _Printer(wanted, machine=json_), follow=follow)


def _configured(config: Path, overrides: tuple[str, ...]) -> Path | None:
    named = load_log(str(config), overrides).file
    return None if named is None else Path(named)


def _shown(path: Path, printer: "_Printer", *, follow: bool) -> ExitCode:
    early.hand_back()
    try:
        if not early.asked:
            _show(path, printer, follow=follow)
    except KeyboardInterrupt:
        pass  # the usual end of following a log
    except BrokenPipeError:
        # The reader has gone; the rest of the output must not fail again at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return refuse(f"{path} cannot be read: {error.strerror or error}", ExitCode.NO_INPUT)
    return ExitCode.OK


def _show(path: Path, printer: "_Printer", *, follow: bool) -> None:
    reader = LogReader(path)
    try:
        if follow:
            trio.run(_follow, reader, printer)
        for line in reader.read():
            printer.show(line)
        if rest := reader.rest():
            printer.show(rest)
        sys.stdout.flush()
    finally:
        reader.close()


async def _follow(reader: LogReader, printer: "_Printer") -> None:
    async for line in reader.follow():
        printer.show(line)
        sys.stdout.flush()


class _Printer:
    def __init__(self, wanted: Wanted, *, machine: bool) -> None:
        self._wanted = wanted
        self._machine = machine
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def show(self, line: bytes) -> None:
        """One line of the log, if it is wanted; one that is damaged is said to be."""
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        if not isinstance(entry, dict):
            text = printable(line[:200].decode("utf-8", "replace"))
            sys.stderr.write(f"a line that is no entry: {text}\n")
        elif self._wanted.takes(entry):
            shown = json.dumps(entry) if self._machine else told(entry, colour=self._colour)
            sys.stdout.write(f"{shown}\n")
