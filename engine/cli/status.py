"""`engine status` and `engine explain`: a look into a running engine."""

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import attrs
import trio
from cyclopts import App, Parameter
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from config.load.loading import load_engine
from config.settings import EngineSettings
from config.source.problems import ConfigurationProblems
from engine.cli.reporting import refuse, report
from engine.control.client import Conversation, Refused, conversation
from engine.control.halting import answered
from engine.control.protocol import Ask, Request
from engine.environment.ledger_session import ledger_path
from engine.environment.locks import door_name, not_reached
from engine.environment.world import World, real_world
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.process.stop_signals import end_with_a_signal
from engine.storage.ledger_database import open_to_read
from engine.views.order_story import order_story, story_lines
from engine.views.status_view import explain_view, plain_console, printable, status_view
from trading.core.errors import Fatal, Outage

_STATUS_EXAMPLES = """
Examples:

```
engine status config/paper.toml
engine status config/live.toml --live
engine status config/live.toml --json
```

Exit codes: 0 shown; 69 no engine runs with this configuration.
"""

_EXPLAIN_EXAMPLES = """
Examples:

```
engine explain config/paper.toml
engine explain config/live.toml --json
engine explain config/live.toml qw-live-doge-mwq7kd66-1
```

Exit codes: 0 shown; 1 the ledger has no such order; 66 there is no ledger;
69 no engine runs with this configuration.
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
    return _shown(config, set_, _Look(Ask.STATUS, status_view, as_json=json_), live=live)


explain_app = App(name="explain", help_epilogue=_EXPLAIN_EXAMPLES)


@explain_app.default
def explain_command(
    config: Path,
    order: str | None = None,
    /,
    *,
    json_: JsonOption = False,
    set_: SetOption = (),
) -> int:
    """
    Say why each side of each strategy is not quoting; or with an order's id, tell its story.

    Args:
        config: The TOML file that the engine runs with; only its table [engine] is read.
        order: One of the engine's own order ids; read from the ledger, running or not.
        json_: Print one JSON object.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """
    if order is not None:
        return _told(config, set_, order, as_json=json_)
    return _shown(config, set_, _Look(Ask.EXPLAIN, explain_view, as_json=json_), live=False)


def _told(config: Path, set_: tuple[str, ...], order: str, *, as_json: bool) -> int:
    try:
        engine = load_engine(str(config), set_)
        database = open_to_read(ledger_path(engine))
        try:
            story = database.read(partial(order_story, order_id=order))
        finally:
            database.close()
    except ConfigurationProblems as problems:
        return report(problems)
    except FileNotFoundError as error:
        return refuse(f"there is no ledger at {error}", ExitCode.NO_INPUT)
    except Fatal as fatal:
        return refuse(str(fatal), EXIT_CODES[fatal.reason])
    if story is None:
        return refuse(
            f"the ledger has no order {order!r}; engine orders --all lists them", ExitCode.FAILURE
        )
    lines = [json.dumps(story)] if as_json else story_lines(story)
    for line in lines:
        sys.stdout.write(f"{printable(line)}\n")
    return ExitCode.OK


@attrs.frozen
class _Look:
    """What is asked for, and how it is shown."""

    ask: Ask
    view: Callable[[Json], RenderableType]
    as_json: bool = attrs.field(kw_only=True)

    async def take(self, spoken: Conversation) -> Json:
        reply = await answered(spoken.ask(Request(ask=self.ask)))
        content: Json = reply.content[self.ask.value]
        return content


def _shown(config: Path, set_: tuple[str, ...], look: _Look, *, live: bool) -> int:
    try:
        engine = load_engine(str(config), set_)
    except ConfigurationProblems as problems:
        return report(problems)
    world, console = real_world(seed=0), plain_console()
    try:
        if live:
            trio.run(_again_and_again, world, engine, look, console)
        else:
            _print(trio.run(_once, world, engine, look), look, console)
    except Outage as outage:
        return refuse(not_reached(engine, outage), ExitCode.VENUE_UNAVAILABLE)
    except Refused as refused:
        return refuse(str(refused), ExitCode.FAILURE)
    except BrokenPipeError:
        # Whoever read it has seen enough; what is left must not fail again at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK


async def _once(world: World, engine: EngineSettings, look: _Look) -> Json:
    async with conversation(world.local, door_name(engine)) as spoken:
        return await look.take(spoken)


async def _again_and_again(
    world: World, engine: EngineSettings, look: _Look, console: Console
) -> None:
    async with trio.open_nursery() as nursery:
        await nursery.start(end_with_a_signal, nursery.cancel_scope)
        if look.as_json or not console.is_terminal:
            before: Json = {}
            while True:
                seen = await _tried(world, engine, look)
                if seen != before or "not_running" not in seen:  # that nobody runs is said once
                    _print(seen, look, console)
                before = seen
                await trio.sleep(_REFRESH_S)
        with Live(console=console, auto_refresh=False, screen=True) as screen:
            while True:
                seen = await _tried(world, engine, look)
                screen.update(_waiting(seen) or look.view(seen), refresh=True)
                await trio.sleep(_REFRESH_S)


async def _tried(world: World, engine: EngineSettings, look: _Look) -> Json:
    """What is to be seen, or why there is nothing to be seen just now."""
    try:
        return await _once(world, engine, look)
    except Outage as outage:
        return {"engine": engine.name, "not_running": str(outage)}


def _waiting(seen: Json) -> RenderableType | None:
    if (why := seen.get("not_running")) is None:
        return None
    return Text(f"engine {seen['engine']} does not run: {why}; waiting for it (Ctrl-C ends this)")


def _print(seen: Json, look: _Look, console: Console) -> None:
    if look.as_json:
        sys.stdout.write(json.dumps(seen) + "\n")
    else:
        console.print(_waiting(seen) or look.view(seen))
    sys.stdout.flush()
