"""`engine run`: make a market until told to stop, and sum it up."""

import contextlib
import json
import os
from pathlib import Path
from typing import Annotated

import msgspec
import structlog
from cyclopts import App, Parameter, validators

import config as config_package
from config.load.alert_addresses import alert_addresses
from config.load.loading import load
from config.settings import Settings
from config.source.problems import ConfigurationProblems, redacted
from engine.alerts.group import telling_world
from engine.alerts.messengers import require_sender
from engine.cli.command_logs import picture_stream, rotation, start_logs
from engine.cli.options import seconds_or_hours
from engine.cli.prints import prints_logged
from engine.cli.reporting import EXIT_CODES_HELP, refuse, report
from engine.environment.locks import sole_engine
from engine.environment.state_folder import ledger_path, state_folder
from engine.environment.venue_connection import simulated_rules, venue_identity
from engine.environment.world import World, real_world
from engine.logs.files import RotatingFile
from engine.logs.setup import Logs, Verbosity
from engine.logs.standard_streams import say
from engine.process import early
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.storage.last_check import tell_what_is_unchecked
from engine.storage.last_conformance import tell_what_is_assumed
from engine.system.guarded_run import run_guarded
from engine.system.summary import Summary, as_json, as_text
from trading.core.errors import Fatal

log = structlog.get_logger()

_SUMMARY_S = 1.0
"""To print the summary: also where it is not read, a stop is over within 10 s."""

_RUN_EXAMPLES = (
    """
Examples:

```
engine run --paper
engine run config/paper.toml
engine run config/paper.toml --duration 30 --json
engine run config/paper.toml --set strategies.doge.order_amount=80
engine run config/paper.toml --set simulator.flow=recording \\
                             --set simulator.recording=FILE
```

"""
    + EXIT_CODES_HELP
)


run_app = App(name="run", help_epilogue=_RUN_EXAMPLES)


@run_app.default
def run_command(
    config: Path | None = None,
    /,
    *,
    paper: bool = False,
    duration: Annotated[
        float | None, Parameter(converter=seconds_or_hours, validator=validators.Number(gt=0))
    ] = None,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
    log_file: Path | None = None,
    json_: Annotated[bool, Parameter(name="--json")] = False,
    log_: Annotated[bool, Parameter(name="--log")] = False,
    verbose: Annotated[bool, Parameter(name=["--verbose", "-v"])] = False,
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"])] = False,
) -> int:
    """
    Make a market as a configuration says, until Ctrl-C, SIGTERM or the end of its time.

    Without venue URLs in the configuration the engine starts a simulated exchange and trades
    there. At the end it cancels everything, proves by the venue's own list that nothing is left,
    and prints a summary. On a terminal it draws what it is doing, in place; anywhere else, and with
    --log, --json, -v or -q, it writes the log's lines to stderr.

    Args:
        config: A TOML file; `engine init` writes one, with a comment on every line.
        paper: Take the configuration that comes with the engine: play money on the simulated
            exchange. State and log go to the working directory.
        duration: Seconds after which the engine ends by itself.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
        log_file: Where the log goes as JSON lines, in place of the configuration's log.file.
        json_: Print the summary as one JSON object on stdout; the log goes to stderr.
        log_: Show the log's lines, also on a terminal.
        verbose: Show debugging events on the console too.
        quiet: Show only warnings and errors on the console.
    """
    try:
        name, overrides = _configuration(config, set_, paper=paper)
        _require_one(verbose=verbose, quiet=quiet)
    except ValueError as error:
        return refuse(str(error), ExitCode.USAGE)
    try:
        settings = load(name, overrides, os.environ, simulated_pairs=simulated_rules)
        told = alert_addresses(settings, os.environ, require=require_sender)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was started")
    world = telling_world(real_world(settings.engine.seed), told)
    path = str(log_file) if log_file is not None else settings.log.file
    try:
        file = None if path is None else RotatingFile(world.disk, path, rotation(settings.log))
    except OSError as error:
        return refuse(
            f"the log file {path} cannot be written: {error.strerror}", ExitCode.CONFIGURATION
        )
    verbosity = Verbosity.VERBOSE if verbose else Verbosity.NORMAL
    lines = log_ or json_ or verbose or quiet
    picture = None if lines else picture_stream(settings, path)
    logs = start_logs(
        settings, world, file, Verbosity.QUIET if quiet else verbosity, picture, told.secrets
    )
    try:
        with (
            sole_engine(settings),
            contextlib.nullcontext() if picture is None else picture.shown(logs.drain),
            prints_logged(),
        ):
            _tell_beforehand(settings, world, name)
            summary = run_guarded(settings, world, duration, logs)
        return _tell(summary, logs, machine=json_)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was started")
    except Fatal as fatal:
        say(f"engine: {redacted(str(fatal))}\n", error=True)
        return EXIT_CODES[fatal.reason]
    finally:
        # What is left to do is short and bounded, and the exit code must get out.
        early.close_ears()
        logs.close()
        if file is not None:
            file.close()


def _require_one(*, verbose: bool, quiet: bool) -> None:
    if verbose and quiet:
        raise ValueError("--verbose and --quiet exclude each other")


def _configuration(
    config: Path | None, overrides: tuple[str, ...], *, paper: bool
) -> tuple[str, tuple[str, ...]]:
    """
    The file, and what goes before it.

    Raises:
        ValueError: None was named, or two.
    """
    if paper and config is not None:
        raise ValueError("--paper brings its own configuration: leave the other one out")
    if config is not None:
        return str(config), overrides
    if not paper:
        raise ValueError(
            "which configuration? engine init writes one; engine run --paper takes the one that"
            " comes with the engine, with play money"
        )
    here = Path.cwd()
    places = (
        f"engine.state_directory={json.dumps(str(here / 'state'))}",
        f"log.file={json.dumps(str(here / 'logs' / 'paper.jsonl'))}",
    )
    return str(Path(config_package.__file__).with_name("paper.toml")), (*places, *overrides)


def _tell_beforehand(settings: Settings, world: World, config: str) -> None:
    """Log what nobody has looked at yet, of the ledger and of the venue."""
    tell_what_is_unchecked(ledger_path(settings.engine), world.wall_clock())
    venue = venue_identity(settings)
    if venue is not None and settings.venue.known.simulated:
        tell_what_is_assumed(state_folder(settings.engine), venue, config)


def _tell(summary: Summary, logs: Logs, *, machine: bool) -> ExitCode:
    """Print a summary, after all that was logged; where it is not read, the log has it."""
    logs.drain()
    summary = msgspec.structs.replace(summary, log_lines_lost=logs.lines_lost)
    content = as_json(summary)
    text = json.dumps(content) if machine else as_text(summary)
    unread = say(f"{text}\n", within_s=_SUMMARY_S)
    if unread:
        log.warning("summary_unread", cause=unread, summary=content)
    return summary.exit_code
