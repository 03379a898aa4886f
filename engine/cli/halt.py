"""`engine kill` and `engine resume`: halt an engine, running or not, and lift the halt."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import attrs
import msgspec
import trio
from cyclopts import App, Parameter

from config.load.loading import load
from config.load.reading import load_engine
from config.sections.engine import EngineSettings
from config.settings import Settings
from config.source.problems import ConfigurationProblems, printable
from engine.cli.command_logs import start_logs
from engine.cli.reporting import refuse, report
from engine.control.client import Conversation, Refused, answered
from engine.control.halting import (
    NOT_HALTED,
    NOT_KNOWN,
    NOT_RESUMED,
    KillOutcome,
    halted_line,
    kill_alive,
    kill_dead,
    record_halt,
    record_resume,
    with_engine,
)
from engine.control.protocol import DEFAULT_REASON, Ask, Request
from engine.environment.locks import NoLock, sole_engine_or_no_folder, sole_state
from engine.environment.state_folder import ledger_path
from engine.environment.venue_connection import simulated_rules
from engine.environment.world import real_world
from engine.logs.setup import Verbosity
from engine.logs.standard_streams import say
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.storage.ledger_database import open_to_read
from trading.core.errors import Fatal, FatalReason
from trading.journal import reading

_KILL_EXAMPLES = """
Examples:

```
engine kill config/paper.toml
engine kill config/live.toml --reason "the market looks wrong"
engine kill config/live.toml --json
```

Exit codes: 0 halted, and the venue shows that nothing is left; 1 not proven: what may be
left is named; 73 NOT halted: an engine runs that does not answer here; 74 the ledger cannot be
written, so that the halt would not survive a restart; 77 or 78 nothing was cancelled, and with
NOT HALTED the file cannot be read: SIGTERM or Ctrl-C stops an engine that runs.
"""

_RESUME_EXAMPLES = """
Examples:

```
engine resume config/live.toml
engine resume config/live.toml --confirm
```

Exit codes: 0 no halt stands (any more), also where none stood before; 2 a halt stands and --confirm
is missing: it is shown.
"""

_NOT_HALTED = (
    "NOT HALTED: it cannot be read which engine is meant, so none was told. One that runs trades"
    " on: mend what is said above and give this command again, or stop the engine with SIGTERM or"
    " Ctrl-C, which cancels every order"
)

SetOption = Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)]


kill_app = App(name="kill", help_epilogue=_KILL_EXAMPLES)


@kill_app.default
def kill_command(
    config: Path,
    /,
    *,
    reason: str = "",
    json_: Annotated[bool, Parameter(name="--json")] = False,
    set_: SetOption = (),
) -> int:
    """
    Stop all quoting now, cancel every order of this engine, and keep it so until `engine resume`.

    A running engine is told to: it cancels everything within a second, and runs on without
    quoting, through restarts too. Where none runs, orders that it left at the venue are cancelled
    from here with the configuration's key; orders of anybody else are never touched.

    Args:
        config: The TOML file that the engine runs with.
        reason: Why; shown wherever the halt is.
        json_: Print the outcome as one JSON object on stdout.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """
    return _guarded(
        lambda: _kill(config, reason.strip(), set_, as_json=json_), outcome="nothing was cancelled"
    )


resume_app = App(name="resume", help_epilogue=_RESUME_EXAMPLES)


@resume_app.default
def resume_command(
    config: Path,
    /,
    *,
    confirm: bool = False,
    json_: Annotated[bool, Parameter(name="--json")] = False,
    set_: SetOption = (),
) -> int:
    """
    Lift a halt, of `engine kill` or of a limit that broke; without --confirm it is only shown.

    Args:
        config: The TOML file that the engine runs with.
        confirm: The cause is gone, and the engine may trade again.
        json_: Print the outcome as one JSON object on stdout.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """
    return _guarded(
        lambda: _resume(config, set_, confirm=confirm, as_json=json_), outcome="nothing was resumed"
    )


def _guarded(command: Callable[[], int], *, outcome: str) -> int:
    try:
        return command()
    except ConfigurationProblems as problems:
        return report(problems, outcome=outcome)
    except Fatal as fatal:
        return refuse(str(fatal), EXIT_CODES[fatal.reason])
    except Refused as refused:
        return refuse(str(refused), ExitCode.FAILURE)


def _kill(config: Path, reason: str, set_: tuple[str, ...], *, as_json: bool) -> int:
    try:
        engine = load_engine(str(config), set_)
    except ConfigurationProblems as problems:
        return report(problems, outcome=_NOT_HALTED)
    world = real_world(seed=0)
    tell = _quiet if as_json else _tell

    async def alive(spoken: Conversation) -> KillOutcome:
        return await kill_alive(spoken, reason, tell)

    async def dead() -> KillOutcome:
        settings = _loaded(config, set_)
        if isinstance(settings, ConfigurationProblems):
            # Without a key nothing can be cancelled, but it can still be kept from quoting.
            try:
                with sole_state(engine):
                    tell(halted_line(await record_halt(engine, world, reason or DEFAULT_REASON)))
            except NoLock as trouble:
                raise Fatal(
                    f"NOT HALTED, and nothing was cancelled, for the key cannot be used: {trouble}"
                    f"\n{settings}",
                    FatalReason.LEDGER,
                ) from trouble
            raise settings
        # A disk that takes nothing must not keep orders at the venue.
        with sole_engine_or_no_folder(settings):
            logs = start_logs(settings, world, None, Verbosity.NORMAL)
            try:
                return await kill_dead(settings, world, reason, tell)
            finally:
                logs.close()

    outcome: KillOutcome = trio.run(with_engine, world, engine, alive, dead, NOT_HALTED)
    if as_json:
        content = {"engine": engine.name, **msgspec.structs.asdict(outcome)}
        del content["because"]
        _tell(json.dumps(content | {"trouble": outcome.trouble or None}))
    else:
        _tell(_flat_line(outcome))
    if not outcome.flat:
        return ExitCode.FAILURE
    return ExitCode.OK if outcome.durable else ExitCode.IO_ERROR


def _loaded(config: Path, set_: tuple[str, ...]) -> Settings | ConfigurationProblems:
    try:
        return load(str(config), set_, os.environ, simulated_pairs=simulated_rules)
    except ConfigurationProblems as problems:
        return problems


def _resume(config: Path, set_: tuple[str, ...], *, confirm: bool, as_json: bool) -> int:
    engine, world = load_engine(str(config), set_), real_world(seed=0)

    async def alive(spoken: Conversation) -> _Resumed:
        stood = await _told(spoken, Ask.HALT)
        lift = confirm and bool(stood)
        return _Resumed(stood, await _told(spoken, Ask.RESUME) if lift else stood)

    async def dead() -> _Resumed:
        stood = _standing_halt(engine)
        if stood is None:
            return _Resumed("", "", never_ran=str(ledger_path(engine)))
        if not (confirm and stood):
            return _Resumed(stood, stood)
        with sole_state(engine):
            await record_resume(engine, world)
        return _Resumed(stood, "")

    undone = NOT_RESUMED if confirm else NOT_KNOWN
    found = trio.run(with_engine, world, engine, alive, dead, undone)
    if as_json:
        content = {"halt": found.stands or None, "lifted": found.lifted or None}
        _tell(json.dumps({"engine": engine.name, **content}))
    else:
        _tell(found.line(confirm=confirm))
    if not found.stands:
        return ExitCode.OK
    if not confirm:
        return refuse("nothing was changed: once the cause is gone, add --confirm", ExitCode.USAGE)
    return refuse("it was halted again while it was being resumed", ExitCode.FAILURE)


@attrs.frozen
class _Resumed:
    """
    The result of a look at a halt, or of lifting it.

    Args:
        stood: The reason that stood before; empty for none.
        stands: The one that stands now.
        never_ran: Where the ledger would be, when there is none.
    """

    stood: str
    stands: str
    never_ran: str = ""

    @property
    def lifted(self) -> str:
        return "" if self.stands else self.stood

    def line(self, *, confirm: bool) -> str:
        if self.stands:
            return halted_line(self.stands)
        if self.stood:
            return f"resumed: no halt stands any more, the engine may quote (it was: {self.stood})"
        if self.never_ran:
            return (
                f"no engine has run with this configuration yet, for there is no ledger at"
                f" {self.never_ran}: no halt stands. If another engine was meant, look at"
                " engine.name and engine.state_directory"
            )
        if confirm:
            return "nothing was halted, so nothing is resumed; the engine may quote"
        return "no halt stands: the engine may quote"


async def _told(spoken: Conversation, ask: Ask) -> str:
    return str((await answered(spoken.ask(Request(ask=ask)))).content.get("halt") or "")


def _standing_halt(engine: EngineSettings) -> str | None:
    """The halt in a dead engine's ledger; empty for none, ``None`` where there is no ledger."""
    try:
        database = open_to_read(ledger_path(engine))
    except FileNotFoundError:
        return None
    try:
        return database.read(reading.standing_halt)
    finally:
        database.close()


def _flat_line(outcome: KillOutcome) -> str:
    if not outcome.flat:
        left = ", ".join(outcome.left) or "none that the ledger or the venue's list has shown"
        return (
            f"NOT PROVEN FLAT: {outcome.trouble}; orders that may be left: {left}; look at the"
            " venue's own page and cancel them there, or give this command again once it answers"
        )
    if not outcome.durable:
        return f"flat, but the halt is NOT WRITTEN DOWN: {outcome.trouble}"
    return f"flat: {outcome.because}" if outcome.running else outcome.because


def _tell(line: str) -> None:
    # The command has done its work, whether or not this line is read. A reason is foreign text:
    # it must not move the terminal's cursor.
    say(f"{printable(line)}\n")


def _quiet(_line: str) -> None:
    """The outcome is printed at the end, whole."""
