"""`engine status`: a look into a running engine."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import attrs
import trio
from cyclopts import App, Parameter
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from actors.net.local_network import LocalNetwork
from config.load.reading import load_engine
from config.sections.engine import EngineSettings
from config.source.problems import ConfigurationProblems
from engine.cli.reporting import refuse, report
from engine.control.client import Conversation, Refused, answered, conversation
from engine.control.protocol import Ask, Request
from engine.environment.local_sockets import UnixSockets
from engine.environment.state_folder import not_reached, socket_name
from engine.process.exit_codes import ExitCode
from engine.process.stop_signals import end_with_a_signal
from engine.views.status_view import plain_console, status_view
from trading.core.errors import Outage

_STATUS_EXAMPLES = """
Examples:

```
engine status config/paper.toml
engine status config/live.toml --live
engine status config/live.toml --json
```

Exit codes: 0 shown; 69 no engine runs with this configuration.
"""

_REFRESH_S = 1.0
Json = dict[str, Any]
SetOption = Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)]
JsonOption = Annotated[bool, Parameter(name="--json")]


status_app = App(name="status", help_epilogue=_STATUS_EXAMPLES)


@status_app.default
def status_command(
    config: Path, /, *, live: bool = False, json_: JsonOption = False, set_: SetOption = ()
) -> int:
    """
    Show what a running engine is doing: actors, readiness, books, orders, gates, limits, mailboxes.

    Args:
        config: The TOML file that the engine runs with; only its table [engine] is read.
        live: Again every second until Ctrl-C, through restarts of the engine.
        json_: Print one JSON object; with --live, one a line.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """
    return shown(config, set_, Look(Ask.STATUS, status_view, as_json=json_), live=live)


@attrs.frozen
class Look:
    """What is asked for, and how it is shown."""

    ask: Ask
    view: Callable[[Json], RenderableType]
    as_json: bool = attrs.field(kw_only=True)

    async def take(self, spoken: Conversation) -> Json:
        reply = await answered(spoken.ask(Request(ask=self.ask)))
        content: Json = reply.content[self.ask.value]
        return content


def shown(config: Path, set_: tuple[str, ...], look: Look, *, live: bool) -> int:
    """Ask a running engine for something, and show it; the exit code says whether that was done."""
    try:
        engine = load_engine(str(config), set_)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was shown")
    local, console = UnixSockets(), plain_console()
    try:
        if live:
            trio.run(_again_and_again, local, engine, look, console)
        else:
            _print(trio.run(_once, local, engine, look), look, console)
    except Outage as outage:
        return refuse(not_reached(engine, outage), ExitCode.VENUE_UNAVAILABLE)
    except Refused as refused:
        return refuse(str(refused), ExitCode.FAILURE)
    except BrokenPipeError:
        # The reader has gone; the rest of the output must not fail again at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK


async def _once(local: LocalNetwork, engine: EngineSettings, look: Look) -> Json:
    async with conversation(local, socket_name(engine)) as spoken:
        return await look.take(spoken)


async def _again_and_again(
    local: LocalNetwork, engine: EngineSettings, look: Look, console: Console
) -> None:
    async with trio.open_nursery() as nursery:
        await nursery.start(end_with_a_signal, nursery.cancel_scope)
        if look.as_json or not console.is_terminal:
            before: Json = {}
            while True:
                seen = await _tried(local, engine, look)
                if seen != before or "not_running" not in seen:  # "not running" is printed once
                    _print(seen, look, console)
                before = seen
                await trio.sleep(_REFRESH_S)
        with Live(console=console, auto_refresh=False, screen=True) as screen:
            while True:
                seen = await _tried(local, engine, look)
                screen.update(_waiting(seen) or look.view(seen), refresh=True)
                await trio.sleep(_REFRESH_S)


async def _tried(local: LocalNetwork, engine: EngineSettings, look: Look) -> Json:
    """The status, or why there is none just now."""
    try:
        return await _once(local, engine, look)
    except Outage as outage:
        return {"engine": engine.name, "not_running": str(outage)}


def _waiting(seen: Json) -> RenderableType | None:
    if (why := seen.get("not_running")) is None:
        return None
    return Text(f"engine {seen['engine']} does not run: {why}; waiting for it (Ctrl-C ends this)")


def _print(seen: Json, look: Look, console: Console) -> None:
    if look.as_json:
        sys.stdout.write(json.dumps(seen) + "\n")
    else:
        console.print(_waiting(seen) or look.view(seen))
    sys.stdout.flush()
