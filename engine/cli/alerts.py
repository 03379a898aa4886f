"""The command `engine alerts test`: one message to every destination, and what became of it."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import trio
from cyclopts import App, Parameter

from actors.ports.alert_book import Messenger
from actors.ports.ports import Latest
from config.load.alert_addresses import AlertAddresses, alert_addresses
from config.load.loading import load
from config.settings import Settings
from config.source.problems import ConfigurationProblems, redacted
from engine.alerts.messengers import ProcessMessenger, require_sender
from engine.cli.reporting import refuse, report
from engine.environment.venue_connection import simulated_rules
from engine.environment.world import real_world
from engine.process import early
from engine.process.exit_codes import ExitCode

_DEADLINE_S = 60.0
_TITLE = "a test"
_BODY = "Messages of this engine reach you here. `engine alerts test` sent this one."

EXAMPLES = """
Examples:

```
engine alerts test config/live.toml
engine alerts test config/live.toml --json
```

Exit codes: 0 every destination took it; 1 one did not: it says why; 77 an address is not there, or
badly kept; 78 the configuration names no destination, or what sends messages is not installed.
"""

send_app = App(name="test", help_epilogue=EXAMPLES)


@send_app.default
def send_command(
    config: Path,
    /,
    *,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """
    Send one message to every destination of a configuration, and say what became of it.

    Of [alerts], every address of `to` gets a message, and heartbeat_url is fetched once. An engine
    may be running meanwhile; it is not asked.

    Args:
        config: The TOML file with the table [alerts].
        set_: KEY=VALUE, in place of what the file says; may be given several times.
        json_: Print what became of it as one JSON object on stdout.
    """
    try:
        settings = load(str(config), set_, os.environ, simulated_pairs=simulated_rules)
        addresses = alert_addresses(settings, os.environ, require=require_sender)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was sent")
    if not addresses.secrets:
        why = "[alerts] names no destination: see docs/alerts.md"
        return refuse(why, ExitCode.CONFIGURATION, command="alerts test")
    early.hand_back()
    try:
        found = trio.run(_try, settings, addresses)
    except KeyboardInterrupt:
        return ExitCode.FORCED
    _show(found, machine=json_)
    return ExitCode.FAILURE if any(one["trouble"] for one in found) else ExitCode.OK


async def _try(settings: Settings, addresses: AlertAddresses) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for address in addresses.to:
        messenger = ProcessMessenger(address=address)
        trouble = await _sent(messenger, settings.engine.name)
        found.append({"destination": messenger.name, "trouble": trouble})
    if addresses.heartbeat is not None:
        from engine.alerts.heartbeats import heartbeat  # noqa: PLC0415  # loads what reads URLs

        network = real_world(settings.engine.seed).network
        actor = heartbeat(addresses.heartbeat.reveal(), network, Latest(), every_s=_DEADLINE_S)
        found.append({"destination": "heartbeat_url", "trouble": await actor.beat()})
    return found


async def _sent(messenger: Messenger, engine: str) -> str:
    with trio.move_on_after(_DEADLINE_S):
        return await messenger.send(f"{engine}: {_TITLE}", _BODY)
    return f"no answer within {_DEADLINE_S:g} s"


def _show(found: list[dict[str, Any]], *, machine: bool) -> None:
    if machine:
        sys.stdout.write(json.dumps({"destinations": found}) + "\n")
        return
    for number, one in enumerate(found, 1):
        outcome = f"FAILED: {one['trouble']}" if one["trouble"] else "taken"
        sys.stdout.write(redacted(f"{number}  {one['destination']:<14} {outcome}\n"))
