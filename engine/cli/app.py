"""The `engine` command."""

import contextlib
import json
import os
from pathlib import Path
from typing import Annotated

import attrs
import structlog
from cyclopts import App, CycloptsError, Parameter, validators

from config.load.loading import load
from config.source.problems import ConfigurationProblems, redacted
from engine.cli.command_logs import picture_stream, rotation, start_logs
from engine.cli.doctor import DOCTOR_EXAMPLES, doctor_command
from engine.cli.exchange import EXCHANGE_EXAMPLES, exchange_command
from engine.cli.halt import add_halt_commands
from engine.cli.import_ import add_import_command
from engine.cli.ledger import add_ledger_commands
from engine.cli.logs import LOGS_EXAMPLES, logs_command
from engine.cli.options import seconds_or_hours
from engine.cli.plan import add_plan_command
from engine.cli.prints import prints_logged
from engine.cli.recording import recording_app
from engine.cli.reload import add_reload_command
from engine.cli.reporting import refuse, report
from engine.cli.status import add_status_commands
from engine.cli.strategies import add_strategies_command
from engine.environment.locks import sole_engine
from engine.environment.venue_connection import simulated_rules
from engine.environment.world import real_world
from engine.logs.files import RotatingFile
from engine.logs.setup import Logs, Verbosity
from engine.logs.standard_streams import say
from engine.process import early
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.simulation.examples import SIMULATE_EXAMPLES, SIMULATE_HELP
from engine.system.guarded_run import run_guarded
from engine.system.summary import Summary, as_json, as_text
from trading.core.errors import Fatal

log = structlog.get_logger()

_EXIT_CODES_HELP = "Exit codes: " + ", ".join(
    f"{code.value} {code.name.lower().replace('_', ' ')}" for code in ExitCode
)

app = App(
    name="engine",
    help="A trading engine you can trust with your money: supervised actors that make markets.",
    help_epilogue=_EXIT_CODES_HELP,
    result_action="return_value",
    help_format="markdown",
    default_parameter=Parameter(show_default=False, negative=()),
)

_SUMMARY_S = 1.0
"""For whoever reads the summary: also where nobody does, a stop is over within 10 s."""

_RUN_EXAMPLES = (
    """
Examples:

```
engine run config/paper.toml
engine run config/paper.toml --duration 30 --json
engine run config/paper.toml --set strategies.doge.order_amount=80
engine run config/paper.toml --set simulator.flow=recording \\
                             --set simulator.recording=FILE
```

"""
    + _EXIT_CODES_HELP
)


app.command(exchange_command, name="exchange", help_epilogue=EXCHANGE_EXAMPLES)
app.command(doctor_command, name="doctor", help_epilogue=DOCTOR_EXAMPLES)
add_ledger_commands(app)
# By its name: it needs a whole world of its own, which is a fifth of all that is loaded otherwise.
app.command(
    "engine.cli.simulate:simulate_command",
    name="simulate",
    help=SIMULATE_HELP,
    help_epilogue=SIMULATE_EXAMPLES,
)
app.command(logs_command, name="logs", help_epilogue=LOGS_EXAMPLES)
add_halt_commands(app)
add_status_commands(app)
add_strategies_command(app)
add_import_command(app)
add_plan_command(app)
add_reload_command(app)
app.command(recording_app)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is one of ``ExitCode``."""
    try:
        code = app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        # In our own words: what was typed may be a key in the wrong place.
        return refuse(f"{error}; --help shows how", ExitCode.USAGE)
    except SystemExit as end:
        # Nobody in here may end the process, least of all with 0.
        say(f"engine: a part of it called for the end of the process: {end!r}\n", error=True)
        return ExitCode.FAILURE
    return int(code or ExitCode.OK)


@app.command(name="run", help_epilogue=_RUN_EXAMPLES)
def run_command(
    config: Path,
    /,
    *,
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
        config: A TOML file; config/paper.toml explains every line.
        duration: Seconds after which the engine ends by itself.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
        log_file: Where the log goes as JSON lines, in place of the configuration's log.file.
        json_: Print the summary as one JSON object on stdout; the log goes to stderr.
        log_: Show the log's lines, also on a terminal.
        verbose: Show debugging events on the console too.
        quiet: Show only warnings and errors on the console.
    """
    try:
        settings = load(str(config), set_, os.environ, simulated_pairs=dict(simulated_rules()))
    except ConfigurationProblems as problems:
        return report(problems)
    if verbose and quiet:
        return refuse("--verbose and --quiet exclude each other", ExitCode.USAGE)
    world = real_world(settings.engine.seed)
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
    logs = start_logs(settings, world, file, Verbosity.QUIET if quiet else verbosity, picture)
    try:
        with (
            sole_engine(settings),
            contextlib.nullcontext() if picture is None else picture.shown(logs.drain),
            prints_logged(),
        ):
            summary = run_guarded(settings, world, duration, logs)
        return _tell(summary, logs, machine=json_)
    except ConfigurationProblems as problems:
        return report(problems)
    except Fatal as fatal:
        say(f"engine: {redacted(str(fatal))}\n", error=True)
        return EXIT_CODES[fatal.reason]
    finally:
        # What is left to do is short and bounded, and the exit code must get out.
        early.close_ears()
        logs.close()
        if file is not None:
            file.close()


def _tell(summary: Summary, logs: Logs, *, machine: bool) -> ExitCode:
    """Print a summary, after all that was logged; where nobody reads it, the log has it."""
    logs.drain()
    summary = attrs.evolve(summary, log_lines_lost=logs.lines_lost)
    content = as_json(summary)
    text = json.dumps(content) if machine else as_text(summary)
    unread = say(f"{text}\n", within_s=_SUMMARY_S)
    if unread:
        log.warning("summary_unread", cause=unread, summary=content)
    return summary.exit_code
