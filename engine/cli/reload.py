"""`engine reload`: another configuration for a running engine, all of it or nothing."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import trio
from cyclopts import App, Parameter
from rich.console import Group

from config.load.loading import load
from config.sections.engine import EngineSettings
from config.source.files import DISK
from config.source.problems import ConfigurationProblems, Problem
from engine.cli.reporting import refuse, report
from engine.control.client import Refused, answered, conversation
from engine.control.protocol import DOCUMENT_LENGTH_MAX, Ask, Document, Request
from engine.control.reloading import GivenFile
from engine.environment.state_folder import not_reached, socket_name
from engine.environment.world import World, real_world
from engine.process.exit_codes import ExitCode
from engine.views.status_view import line, plain_console, table
from trading.core.errors import Outage

RELOAD_EXAMPLES = """
Examples:

```
engine reload config/live.toml --dry-run
engine reload config/live.toml
engine reload config/paper.toml --set strategies.doge.bid_spread='"0.2 %"' --json
```

Exit codes: 0 applied, or nothing to change, or with --dry-run: it could be applied; 1 refused, and
nothing was changed: what cannot change while the engine runs is named; 69 no engine runs with this
configuration; 77 and 78 as of `engine run`: nothing was changed.
"""

Json = dict[str, Any]


reload_app = App(name="reload", help_epilogue=RELOAD_EXAMPLES)


@reload_app.default
def reload_command(
    config: Path,
    /,
    *,
    dry_run: bool = False,
    json_: Annotated[bool, Parameter(name="--json")] = False,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
) -> int:
    """
    Give a running engine the settings that a configuration has now.

    The whole file is checked first. Then what differs is shown and taken over at once: parameters
    and limits of the strategies, between two decisions. Orders that no longer fit are withdrawn.
    If anything that differs cannot change while the engine runs, nothing does. Until then a file
    that was changed is ignored.

    Args:
        config: The TOML file, with the engine name and state directory of the running engine.
        dry_run: Only show what would change.
        json_: Print one JSON object.
        set_: KEY=VALUE, in place of what the file says; repeat those that the engine was started
            with.
    """
    try:
        # By its whole name: the engine stands in another folder.
        document, engine = _document(str(config.absolute()), set_, dry_run=dry_run)
        told = trio.run(_ask, real_world(seed=0), engine, document)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was changed")
    except Outage as outage:
        return refuse(str(outage), ExitCode.VENUE_UNAVAILABLE)
    except Refused as refused:
        return refuse(f"nothing was changed: {refused}", ExitCode.FAILURE)
    if json_:
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        _show(told, dry_run=dry_run)
    if told["problems"]:
        return ExitCode.CONFIGURATION
    refused_changes = any(change["refused"] for change in told["changes"])
    return ExitCode.FAILURE if refused_changes else ExitCode.OK


def _document(
    name: str, set_: tuple[str, ...], *, dry_run: bool
) -> tuple[Document, EngineSettings]:
    """
    The configuration, read once, and found sound.

    Raises:
        ConfigurationProblems: The configuration is not sound.
    """
    try:
        data = DISK.read(name).data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        data = ""  # what is wrong with it is said below, in the words of every other command
    if len(data) > DOCUMENT_LENGTH_MAX:
        message = f"is longer than {DOCUMENT_LENGTH_MAX} characters"
        problem = Problem(origin=name, message=message, cure="shorten its comments")
        raise ConfigurationProblems([problem])
    files = GivenFile(name, data) if data else DISK
    settings = load(name, set_, os.environ, files=files)
    return Document(name=name, text=data, overrides=set_, dry_run=dry_run), settings.engine


async def _ask(world: World, engine: EngineSettings, document: Document) -> Json:
    try:
        async with conversation(world.local, socket_name(engine)) as spoken:
            reply = await answered(spoken.ask(Request(ask=Ask.RELOAD, document=document)))
    except Outage as outage:
        raise Outage(not_reached(engine, outage)) from outage
    return reply.content


_ANEW = "strategies come or go: all quotes are withdrawn for a moment, and a new session begins"


def _show(told: Json, *, dry_run: bool) -> None:
    changes = told["changes"]
    rows = [
        (
            *(change["key"], change["old"] or "absent", "->", change["new"] or "absent"),
            f"REFUSED: {change['refused']}" if change["refused"] else "",
        )
        for change in changes
    ]
    refused = [change for change in changes if change["refused"]]
    words = "applied"
    if told["problems"]:
        words = "nothing was changed: the running engine refuses the configuration"
    elif refused:
        words = f"nothing was changed; cure: {refused[0]['cure']}"
    elif not changes:
        words = "nothing differs from what the engine runs with"
    elif dry_run and told["begins_anew"]:
        words = f"this would be applied, and {_ANEW}"
    elif told["begins_anew"]:
        words = f"applied: {_ANEW}"
    elif dry_run:
        words = "this would be applied; without --dry-run it is"
    parts = [table("changes", ("key", "now", "", "then", ""), rows)] if rows else []
    plain_console().print(Group(*parts, *map(line, told["problems"]), line(words)))
