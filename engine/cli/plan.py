"""`engine plan`: the orders that a configuration would place, evaluated and never sent."""

import enum
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import attrs
import trio
from cyclopts import App, Parameter, validators

from config.load.checks import check_against_rules, simulated_instruments
from config.load.loading import load
from config.sections.simulator import Flow
from config.settings import Settings
from config.source.problems import ConfigurationProblems, raise_any
from engine.cli.options import seconds_or_hours
from engine.cli.reporting import refuse, report
from engine.control.client import Refused, answered, conversation
from engine.control.planning import plan, without_snapshot, would_quote
from engine.control.protocol import Ask, Request
from engine.environment.simulated_venue import simulated_exchange
from engine.environment.state_folder import not_reached, socket_name
from engine.environment.venue_connection import simulated_rules
from engine.environment.world import World, real_world
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.views.exchange_snapshot import snapshot_of_exchange
from engine.views.plan_view import plan_view
from engine.views.snapshot import Snapshot, read_snapshot
from engine.views.status_view import plain_console
from trading.core.errors import Fatal, Outage
from trading.core.instrument import Instrument

PLAN_EXAMPLES = """
Examples:

```
engine plan config/paper.toml
engine plan config/live.toml --against running
engine plan config/paper.toml --set strategies.doge.bid_spread='"0.2 %"' --json
engine plan config/paper.toml --against recording --at 60 --set simulator.recording=FILE
```

Exit codes: 0 every strategy would have orders on both sides; 1 one would not: its gates and
clashes say why; 69 no engine runs to look at the market with; 77 and 78 as of `engine run`, for a
recording that cannot be read too.
"""

Json = dict[str, Any]


class Against(enum.Enum):
    """Which market a configuration is evaluated against."""

    RUNNING = "running"
    PAPER = "paper"
    RECORDING = "recording"


plan_app = App(name="plan", help_epilogue=PLAN_EXAMPLES)


@plan_app.default
def plan_command(
    config: Path,
    /,
    *,
    against: Against | None = None,
    at: Annotated[
        float, Parameter(converter=seconds_or_hours, validator=validators.Number(gte=0))
    ] = 0.0,
    json_: Annotated[bool, Parameter(name="--json")] = False,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
) -> int:
    """
    Show the orders that a configuration would have working, and what keeps others back.

    With levels, spreads, use of the budget, closed gates with their figures, and clashes with
    trading rules and limits. Nothing is ever sent. The account is taken as if the engine had no
    orders yet; a strategy that has to watch the market before it quotes says so in a gate.

    Args:
        config: The TOML file to evaluate; it need not be the one that an engine runs with.
        against: running asks the engine of this name for what it sees; paper makes the simulated
            market that `engine run` would begin with; recording replays the configuration's
            recording. Left out: running where an engine runs, or else paper.
        at: Seconds from the beginning of the recording, or of the paper market.
        json_: Print one JSON object.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """
    if at and against is Against.RUNNING:
        return refuse("--at needs --against paper or recording", ExitCode.USAGE)
    overrides = set_
    if against is Against.RECORDING:
        overrides = (*set_, "simulator.flow=recording")
    try:
        # A running engine knows its venue's pairs; only without one are the simulated ones meant.
        known = None if against is Against.RUNNING else simulated_rules
        settings = load(str(config), overrides, os.environ, simulated_pairs=known)
        world = real_world(settings.engine.seed)
        seen = trio.run(_look, settings, world, against, at)
        planned = _planned(settings, seen)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was shown")
    except Fatal as fatal:
        return refuse(str(fatal), EXIT_CODES[fatal.reason])
    except (Outage, Refused) as error:
        unreached = isinstance(error, Outage)
        return refuse(str(error), ExitCode.VENUE_UNAVAILABLE if unreached else ExitCode.FAILURE)
    if json_:
        sys.stdout.write(json.dumps(planned) + "\n")
    else:
        plain_console().print(plan_view(planned))
    return ExitCode.OK if would_quote(planned["strategies"]) else ExitCode.FAILURE


@attrs.frozen(kw_only=True)
class _Seen:
    """The market that was seen, and its source."""

    where: str
    snapshots: Sequence[Snapshot]


async def _look(settings: Settings, world: World, against: Against | None, at: float) -> _Seen:
    if against is Against.RUNNING or (against is None and not at):
        try:
            return await _running(settings, world)
        except Outage as outage:
            if against is Against.RUNNING or not settings.venue.simulated:
                raise Outage(
                    f"{not_reached(settings.engine, outage)}; start it, or use --against paper"
                ) from outage
    return _simulated(settings, world, at)


async def _running(settings: Settings, world: World) -> _Seen:
    async with conversation(world.local, socket_name(settings.engine)) as spoken:
        reply = await answered(spoken.ask(Request(ask=Ask.VIEWS)))
    try:
        snapshots = [read_snapshot(each) for each in reply.content["views"]]
    except (KeyError, TypeError, ValueError) as error:
        raise Outage(f"the running engine is of another version: {error}") from error
    return _Seen(where=f"the running engine {settings.engine.name!r}", snapshots=snapshots)


def _simulated(settings: Settings, world: World, at: float) -> _Seen:
    exchange = simulated_exchange(settings.simulator, settings.recording_pair, world)
    exchange.advance(exchange.now + at)
    known = simulated_instruments(dict(simulated_rules()), settings.simulator)
    # Of a live configuration it was not asked before whether the simulated exchange has its pairs.
    raise_any(check_against_rules(settings, known))
    recorded = settings.simulator.flow is Flow.RECORDING
    where = f"the recording {', '.join(settings.simulator.recording)}" if recorded else "paper"
    if at:
        where += f" after {at:g} s"
    return _Seen(
        where=where,
        snapshots=[
            snapshot_of_exchange(exchange, known[strategy.pair])
            for strategy in settings.strategies.values()
        ],
    )


def _planned(settings: Settings, seen: _Seen) -> Json:
    by_pair = {snapshot.pair: snapshot for snapshot in seen.snapshots}
    rules = {snapshot.pair: snapshot.instrument for snapshot in seen.snapshots}
    known: dict[str, Instrument] = dict(rules.items())
    raise_any(
        [
            problem
            for problem in check_against_rules(settings, known)
            # What the engine does not look at is no mistake of the configuration.
            if not problem.key.endswith(("pair", "price_source_market"))
        ]
    )
    strategies: Json = {}
    for name, strategy in settings.strategies.items():
        snapshot = by_pair.get(strategy.pair)
        strategies[name] = (
            plan(name, strategy, snapshot, rules)
            if snapshot is not None
            else without_snapshot(strategy, f"{seen.where} does not show {strategy.pair}")
        )
    return {"engine": settings.engine.name, "against": seen.where, "strategies": strategies}
