"""The `engine` command and the list of its commands, each of which is loaded only when called."""

import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import NamedTuple

from cyclopts import App, CycloptsError, Parameter

from engine.cli.reporting import EXIT_CODES_HELP, refuse
from engine.logs.standard_streams import say
from engine.process.exit_codes import ExitCode


class _Command(NamedTuple):
    """
    A command that is not loaded yet.

    Args:
        path: ``module:attribute`` of its ``App``.
        summary: The first sentence of its function, for the list of all commands.
    """

    name: str
    path: str
    summary: str


COMMANDS = (
    _Command(
        "init",
        "engine.cli.init:init_app",
        "Write a first configuration: at most eight questions, each with a suggestion.",
    ),
    _Command(
        "run",
        "engine.cli.run:run_app",
        "Make a market as a configuration says, until Ctrl-C, SIGTERM or the end of its time.",
    ),
    _Command(
        "exchange",
        "engine.cli.exchange:exchange_app",
        "Serve the simulated VALR alone: REST and both sockets on one port of this machine.",
    ),
    _Command(
        "doctor",
        "engine.cli.doctor:doctor_app",
        "Check step by step whether the engine could trade with a configuration, and say "
        "what to do.",
    ),
    _Command(
        "conformance",
        "engine.cli.conformance:conformance_app",
        "See what the venue does, beside what the codec, the clients and the simulated exchange "
        "assume.",
    ),
    _Command(
        "orders",
        "engine.cli.ledger:orders_app",
        "Show the engine's working orders as the ledger has them, while it runs or afterwards.",
    ),
    _Command(
        "fills",
        "engine.cli.ledger:fills_app",
        "Show the engine's fills, while it runs or afterwards.",
    ),
    _Command(
        "history",
        "engine.cli.ledger:history_app",
        "Show what trading came to, per pair: trades, fees, inventory, profit against having held.",
    ),
    _Command(
        "backtest",
        "engine.cli.backtest:backtest_app",
        "Trade a recorded market with a configuration, and say what would have come of it.",
    ),
    _Command(
        "sweep",
        "engine.cli.sweep:sweep_app",
        "Run a plan of many backtests on this machine or on a cluster, each once, and rank them.",
    ),
    _Command(
        "score",
        "engine.cli.score:score_app",
        "Hold fill models against the real fills of a recorded session.",
    ),
    _Command(
        "report",
        "engine.cli.report:report_app",
        "Judge a session or a backtest: one page with charts, markouts, uptime, and where profit "
        "is from.",
    ),
    _Command(
        "simulate",
        "engine.cli.simulate:simulate_app",
        "Run the whole engine in virtual time against its simulated exchange, with "
        "everything watched.",
    ),
    _Command(
        "replay",
        "engine.cli.replay:replay_app",
        "Decide again what a recorded session has decided, look by look, and show the first "
        "difference.",
    ),
    _Command(
        "logs",
        "engine.cli.logs:logs_app",
        "Show the log as a timeline: starts, restarts and their causes, readiness, orders, alarms.",
    ),
    _Command(
        "kill",
        "engine.cli.halt:kill_app",
        "Stop all quoting now, cancel every order of this engine, and keep it so until "
        "`engine resume`.",
    ),
    _Command(
        "resume",
        "engine.cli.halt:resume_app",
        "Lift a halt, of `engine kill` or of a limit that broke; without --confirm it is "
        "only shown.",
    ),
    _Command(
        "status",
        "engine.cli.status:status_app",
        "Show what a running engine is doing: actors, readiness, books, orders, gates, "
        "limits, mailboxes.",
    ),
    _Command(
        "web",
        "engine.web.command:web_app",
        "Show a running engine on a web page: state, prices, gates, orders, profit, log; kill and "
        "resume.",
    ),
    _Command(
        "explain",
        "engine.cli.explain:explain_app",
        "Say why each side of each strategy is not quoting; or with an order's id, tell its story.",
    ),
    _Command(
        "strategies",
        "engine.cli.strategies:strategies_app",
        "List the kinds of strategy, built-in ones and those of other packages, with "
        "their parameters.",
    ),
    _Command(
        "import-hummingbot",
        "engine.cli.import_:import_app",
        "Convert a Hummingbot configuration of pure or Avellaneda market making into one of ours.",
    ),
    _Command(
        "plan",
        "engine.cli.plan:plan_app",
        "Show the orders that a configuration would have working, and what keeps others back.",
    ),
    _Command(
        "reload",
        "engine.cli.reload:reload_app",
        "Give a running engine the settings that a configuration has now.",
    ),
    _Command(
        "completion",
        "engine.cli.completion:completion_app",
        "Print the script by which a shell completes commands and options; it goes where the "
        "shell looks.",
    ),
)

HIDDEN_COMMANDS = (
    _Command(
        "sweep-cell",
        "engine.cli.sweep_cell:sweep_cell_app",
        "Run cells of a sweep that come on the standard input; for `engine sweep` alone.",
    ),
)

LEDGER_COMMANDS = (
    _Command(
        "check",
        "engine.cli.ledger_upkeep:check_app",
        "Check all of the ledger and its archives: every page, index, reference and row.",
    ),
    _Command(
        "archive",
        "engine.cli.ledger_upkeep:archive_app",
        "Move the orders, fills and balances of old sessions out of the ledger, into a file "
        "beside it.",
    ),
)

ALERTS_COMMANDS = (
    _Command(
        "test",
        "engine.cli.alerts:send_app",
        "Send one message to every destination of a configuration, and say what became of it.",
    ),
)

RECORDING_COMMANDS = (
    _Command(
        "capture",
        "engine.cli.capture:capture_app",
        "Write down every frame of a venue's market data, until Ctrl-C, SIGTERM or the "
        "end of its time.",
    ),
    _Command(
        "verify",
        "engine.cli.verify:verify_app",
        "Read a recording as an engine would have, and say whether its books are sound.",
    ),
    _Command(
        "import",
        "engine.cli.import_recording:import_recording_app",
        "Make a dataset of recorded market data, in whichever of the known formats it is.",
    ),
)


def engine_app(words: Iterable[str]) -> App:
    """
    The whole program.

    Args:
        words: Of the command line. A command that is named there is described by its own function,
            all others by their summary, for which they need not be loaded.
    """
    app = App(
        name="engine",
        version=lambda: version("quotewright"),
        help="A trading engine you can trust with your money: supervised actors that make markets."
        " Begin with `engine init`: it asks a few questions and writes a configuration.",
        help_epilogue=EXIT_CODES_HELP,
        result_action="return_value",
        help_format="markdown",
        default_parameter=Parameter(show_default=False, negative=()),
    )
    recording = App(
        name="recording",
        help="Record a venue's market data, verify recordings, and make datasets of them.",
    )
    ledger = App(name="ledger", help="Check the ledger, and archive its old sessions.")
    alerts = App(name="alerts", help="Try out the messages that reach a person.")
    named = frozenset(words)
    groups = (
        (app, COMMANDS),
        (ledger, LEDGER_COMMANDS),
        (recording, RECORDING_COMMANDS),
        (alerts, ALERTS_COMMANDS),
    )
    for parent, commands in groups:
        for command in commands:
            summary = None if command.name in named else command.summary
            parent.command(command.path, name=command.name, help=summary)
    for command in HIDDEN_COMMANDS:
        app.command(command.path, name=command.name, help=command.summary, show=False)
    app.command(ledger)
    app.command(recording)
    app.command(alerts)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is one of ``ExitCode``."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = engine_app(words)(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        # In our own words: what was typed may be a key in the wrong place.
        return refuse(f"{error}; --help shows how", ExitCode.USAGE)
    except SystemExit as end:
        # No part of the engine may end the process, least of all with 0.
        say(f"engine: a part of it called for the end of the process: {end!r}\n", error=True)
        return ExitCode.FAILURE
    return int(code or ExitCode.OK)
