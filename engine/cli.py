"""The `engine` command."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import structlog
import trio
from cyclopts import App, CycloptsError, Parameter, validators

from config.loading import load
from config.problems import ConfigurationProblems
from config.settings import Settings
from engine import early
from engine.command_logs import rotation, start_logs
from engine.counterparty import counterparty, simulated_rules
from engine.doctor_command import DOCTOR_EXAMPLES, doctor_command
from engine.exchange_command import EXCHANGE_EXAMPLES, exchange_command
from engine.exit_codes import EXIT_CODES, ExitCode
from engine.halt_commands import add_halt_commands
from engine.import_command import add_import_command
from engine.ledger_commands import add_ledger_commands
from engine.locks import sole_engine
from engine.log_file import RotatingFile
from engine.logs import Verbosity
from engine.logs_command import LOGS_EXAMPLES, logs_command
from engine.loop_guard import LoopGuard
from engine.plan_command import add_plan_command
from engine.preflight import check_with_the_venue
from engine.recording_command import recording_app
from engine.reload_command import add_reload_command
from engine.reporting import report
from engine.running import StopRequest, obey_signals, run
from engine.service_manager import ServiceManager
from engine.simulation.examples import SIMULATE_EXAMPLES, SIMULATE_HELP
from engine.status_commands import add_status_commands
from engine.strategies_command import add_strategies_command
from engine.summary import Summary, as_json, as_text
from engine.world import World, real_world
from trading.errors import Fatal

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
    "engine.simulation.command:simulate_command",
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
        code = app(arguments, exit_on_error=False, print_error=True)
    except CycloptsError:
        return ExitCode.USAGE
    return int(code or ExitCode.OK)


@app.command(name="run", help_epilogue=_RUN_EXAMPLES)
def run_command(
    config: Path,
    /,
    *,
    duration: Annotated[float | None, Parameter(validator=validators.Number(gt=0))] = None,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
    log_file: Path | None = None,
    json_: Annotated[bool, Parameter(name="--json")] = False,
    verbose: Annotated[bool, Parameter(name=["--verbose", "-v"])] = False,
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"])] = False,
) -> int:
    """
    Make a market as a configuration says, until Ctrl-C, SIGTERM or the end of its time.

    Without venue URLs in the configuration the engine starts a simulated exchange and trades
    there. At the end it cancels everything, proves by the venue's own list that nothing is left,
    and prints a summary.

    Args:
        config: A TOML file; config/paper.toml explains every line.
        duration: Seconds after which the engine ends by itself.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
        log_file: Where the log goes as JSON lines, in place of the configuration's log.file.
        json_: Print the summary as one JSON object on stdout; the log goes to stderr.
        verbose: Show debugging events on the console too.
        quiet: Show only warnings and errors on the console.
    """
    try:
        settings = load(str(config), set_, os.environ, simulated_pairs=dict(simulated_rules()))
    except ConfigurationProblems as problems:
        return report(problems)
    if verbose and quiet:
        print("engine run: --verbose and --quiet exclude each other", file=sys.stderr)
        return ExitCode.USAGE
    world = real_world(settings.engine.seed)
    path = str(log_file) if log_file is not None else settings.log.file
    try:
        file = None if path is None else RotatingFile(world.disk, path, rotation(settings.log))
    except OSError as error:
        print(f"the log file {path} cannot be written: {error.strerror}", file=sys.stderr)
        return ExitCode.CONFIGURATION
    verbosity = Verbosity.VERBOSE if verbose else Verbosity.NORMAL
    logs = start_logs(settings, world, file, Verbosity.QUIET if quiet else verbosity)
    try:
        with sole_engine(settings):
            summary = trio.run(_run, settings, world, duration)
    except ConfigurationProblems as problems:
        return report(problems)
    except Fatal as fatal:
        print(f"engine: {fatal}", file=sys.stderr)
        return EXIT_CODES[fatal.reason]
    finally:
        # What is left to do has no deadline of its own, and the exit code must get out.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        logs.close()
        if file is not None:
            file.close()
    print(json.dumps(as_json(summary)) if json_ else as_text(summary))
    return summary.exit_code


async def _run(settings: Settings, world: World, duration_s: float | None) -> Summary:
    stop = StopRequest()
    guard = LoopGuard(end_process=_end_process, hurried=lambda: stop.asked)
    with guard.watching():
        return await _run_guarded(settings, world, duration_s, stop, guard)


async def _run_guarded(
    settings: Settings,
    world: World,
    duration_s: float | None,
    stop: StopRequest,
    guard: LoopGuard,
) -> Summary:
    summary: Summary | None = None
    trouble: Fatal | None = None
    manager = ServiceManager(os.environ)
    try:
        async with trio.open_nursery() as nursery:
            await nursery.start(obey_signals, stop, _force)
            nursery.start_soon(guard.beat)
            nursery.start_soon(manager.stay_alive)
            for name in early.asked:
                stop.ask(name)
            party = counterparty(settings, world)
            await check_with_the_venue(settings, world, party, stop)
            summary = await run(
                settings,
                world,
                party,
                stop=stop,
                duration_s=duration_s,
                end_process=_end_process,
                manager=manager,
            )
            nursery.cancel_scope.cancel()
    except* Fatal as group:
        trouble = _first(group)
    # Raised in there it would be wrapped in a group again, by some versions of Python.
    if trouble is not None:
        raise trouble
    assert summary is not None
    return summary


def _first(group: BaseExceptionGroup[Fatal]) -> Fatal:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, Fatal)
    return error


def _end_process(code: ExitCode) -> NoReturn:
    # What ends a process that does not end: nothing of it may be waited for, least of all a log.
    os._exit(code)


def _force() -> NoReturn:
    print("engine: forced to end; orders may still be open", file=sys.stderr, flush=True)
    os._exit(ExitCode.FORCED)
