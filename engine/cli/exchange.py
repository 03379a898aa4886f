"""The command `engine exchange`: the simulated VALR alone, for any client."""

import json
import sys
from pathlib import Path
from typing import Annotated

import trio
from cyclopts import App, Parameter, validators

from actors.ports.ports import Latest
from actors.simulated_exchange import SimulatedExchangeActor
from config.load.loading import load_simulator
from config.sections.simulator import SimulatorSettings
from config.source.files import WithoutFile
from config.source.problems import ConfigurationProblems
from engine.cli.options import whole_number
from engine.environment.simulated_venue import demo_accounts, simulated_exchange
from engine.environment.venue_connection import LOOPBACK, began_at, simulated_rules
from engine.environment.world import World, real_world
from engine.logs.standard_streams import say
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.process.stop_signals import end_with_a_signal
from trading.core.errors import Fatal, Outage
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.simulator.market.recording import MalformedRecording
from trading.venues.valr.simulator.exchange import SimulatedExchange

_PORT_MAX = 65_535

EXCHANGE_EXAMPLES = """
Examples:

```
engine exchange
engine exchange --port 8080 --seed 7
engine exchange --config config/paper.toml
engine exchange --as seen.zip
engine exchange --set simulator.accounts=3 --set 'simulator.faults.drop="5 %"'
```

The first line of stdout is one JSON object: `rest` and `websocket` are base URLs, `api_key` and
`api_secret` the first demo account's, `accounts` all of them. Ctrl-C or SIGTERM ends it, with 0.
"""


exchange_app = App(name="exchange", help_epilogue=EXCHANGE_EXAMPLES)


@exchange_app.default
def exchange_command(
    *,
    port: Annotated[
        int, Parameter(converter=whole_number, validator=validators.Number(gte=0, lte=_PORT_MAX))
    ] = 0,
    config: Path | None = None,
    seed: Annotated[int, Parameter(converter=whole_number, validator=validators.Number(gte=0))] = 1,
    as_: Annotated[Path | None, Parameter(name="--as")] = None,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
) -> int:
    """
    Serve the simulated VALR alone: REST and both sockets on one port of this machine.

    It trades with whoever signs with a demo key, until it is stopped. Nothing is kept.

    Args:
        port: Where to listen; 0 takes any free port.
        config: A TOML file; its table [simulator] says what the exchange is like.
        seed: Of the market, and of everything else that is random.
        as_: A bundle of `engine conformance`: do what was seen there; --set goes before it.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """
    if as_ is not None:
        set_ = (f"simulator.as={json.dumps(str(as_.absolute()))}", *set_)
    try:
        simulator = _settings(config, set_)
    except ConfigurationProblems as problems:
        sys.stderr.write("".join(f"{problem}\n" for problem in problems.problems))
        return EXIT_CODES[problems.reason]
    code: int = trio.run(_serve, simulator, real_world(seed), port)
    return code


def _settings(config: Path | None, overrides: tuple[str, ...]) -> SimulatorSettings:
    rules = dict(simulated_rules())
    if config is not None:
        return load_simulator(str(config), overrides, rules)
    return load_simulator("the defaults", overrides, rules, files=WithoutFile())


async def _serve(simulator: SimulatorSettings, world: World, port: int) -> int:
    try:
        pair = simulator.recording_pair or DEFAULT_PAIRS[0].symbol
        exchange = simulated_exchange(simulator, pair, world)
    except MalformedRecording as error:
        sys.stderr.write(f"engine exchange: the recording cannot be read: {error}\n")
        return ExitCode.CONFIGURATION
    except Fatal as fatal:
        sys.stderr.write(f"engine exchange: {fatal}\n")
        return EXIT_CODES[fatal.reason]
    trouble: list[Outage] = []
    try:
        async with trio.open_nursery() as nursery:
            await nursery.start(end_with_a_signal, nursery.cancel_scope)
            listening = Latest[int]()
            server = SimulatedExchangeActor(
                network=world.network,
                exchange=exchange,
                listening=listening,
                ended=Latest[str](),
                began_at=began_at(exchange, world),
                host=LOOPBACK,
                port=port,
            )
            await nursery.start(server.run)
            _announce(listening.read() or port, simulator)
    except* Outage as group:
        trouble += [error for error in group.exceptions if isinstance(error, Outage)]
    if trouble:
        say(f"engine exchange: {trouble[0]}\n", error=True)
        return ExitCode.FAILURE
    _say_farewell(exchange)
    return ExitCode.OK


def _announce(port: int, simulator: SimulatorSettings) -> None:
    accounts = [
        {"api_key": account.api_key, "api_secret": account.api_secret}
        for account in demo_accounts(simulator)
    ]
    hello = {
        "rest": f"http://{LOOPBACK}:{port}",
        "websocket": f"ws://{LOOPBACK}:{port}",
        **accounts[0],
        "accounts": accounts,
    }
    say(json.dumps(hello) + "\n")


def _say_farewell(exchange: SimulatedExchange) -> None:
    counts = exchange.faults.counts
    if counts:
        struck = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        say(f"engine exchange: faults that struck: {struck}\n", error=True)
