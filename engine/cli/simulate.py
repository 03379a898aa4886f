"""The command `engine simulate`."""

import json
import os
import re
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators

from config.sections.simulator import Flow
from config.source.problems import ConfigurationProblems
from engine.cli.options import Place, seconds_or_hours, whole_number
from engine.cli.reporting import refuse, report
from engine.environment.simulated_venue import LIVE_ALONE
from engine.process.exit_codes import ExitCode
from engine.simulation.batch import CALM_MARKET, PAPER, Task, run_seeds, total
from engine.simulation.breaking_off import BrokenOff, signals_noted
from engine.simulation.outcome import Outcome
from engine.simulation.plan_file import PlanProblem
from engine.simulation.progress import progress
from engine.simulation.text import outcome_json, outcome_text, total_json, total_text
from engine.storage.places import check_file

_HOUR_S = 3600.0
_SEEDS = re.compile(r"(\d{1,15})\.\.(\d{1,15})")
_SEEDS_MAX = 1_000_000
_TRACED = re.compile(rb'\{"at": [0-9.e+-]+, "step": [0-9]+, "')
"""How a line of a trace begins."""
_TRACED_BYTES = 100


SIMULATE_EXAMPLES = """
Examples:

```
engine simulate --seed 7
engine simulate --seed 7 --hours 24 --faults none --config config/live.toml
engine simulate --seeds 1..200 --hours 1 --faults swarm --jobs 2
engine simulate --seed 7 --until 48210 --trace trace.jsonl
engine simulate --seed 7 --faults plan.toml --json
```

Exit codes: 0 nothing was violated; 1 something was, which is named, with the command that repeats
it; 2 the command line is not understood; 66 a plan cannot be read; 73 the trace cannot be written,
or something else lies in its place; 78 the configuration is wrong.
"""

simulate_app = App(name="simulate", help_epilogue=SIMULATE_EXAMPLES)


@simulate_app.default
def simulate_command(
    *,
    seed: Annotated[
        int | None, Parameter(converter=whole_number, validator=validators.Number(gte=0, lt=10**15))
    ] = None,
    seeds: str | None = None,
    hours: Annotated[
        float, Parameter(converter=seconds_or_hours, validator=validators.Number(gt=0, lte=10_000))
    ] = 1.0,
    faults: str = "swarm",
    config: Path | None = None,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
    jobs: Annotated[
        int | None, Parameter(converter=whole_number, validator=validators.Number(gte=1, lte=256))
    ] = None,
    until: Annotated[
        int | None, Parameter(converter=whole_number, validator=validators.Number(gte=1))
    ] = None,
    trace: Place | None = None,
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """
    Run the whole engine in virtual time against its simulated exchange, with everything watched.

    A seed decides all: the market, the network, what goes wrong and when, the order in which tasks
    run. The same seed and code repeat the same run to the last byte. Engines are killed, crashed,
    cut off and lied to; checkers that know both truths look on at every step. No network, no file
    and no key is used, whatever the configuration names.

    Args:
        seed: The one to run; 1 if neither this nor --seeds is given.
        seeds: A..B runs all from A to B.
        hours: Simulated.
        faults: "none"; "swarm", a mix that each seed draws for itself; or a plan, a TOML file of
            tables [[episode]] with at_s, fault and for_s.
        config: The engine's configuration; without it, that of `make paper` in a calm market, and
            seeds also vary how orders are sent and the like.
        set_: KEY=VALUE, in place of what the configuration says; may be given several times.
        jobs: So many seeds at once; as many as there are processors if not given.
        until: Stop at this step of the scheduler.
        trace: Where every event and every byte on the wire is written, as JSON lines; only an
            earlier trace is replaced.
        json_: Print the outcome as one JSON object on stdout.
    """
    numbers = _numbers(seed, seeds)
    if isinstance(numbers, str):
        return _usage(numbers)
    if (until is not None or trace is not None) and len(numbers) > 1:
        return _usage("--until and --trace go with one --seed")
    task = Task(
        config=str(config or PAPER),
        overrides=set_ if config is not None else (*CALM_MARKET, *set_),
        own_configuration=config is not None,
        faults=faults,
        length_s=hours * _HOUR_S,
    )
    try:
        settings = task.settings(task.plan(numbers[0]))
        if settings.simulator.flow is Flow.LIVE:
            return refuse(LIVE_ALONE, ExitCode.CONFIGURATION, command="simulate")
        with signals_noted() as broken_off:
            if len(numbers) == 1:
                return _one(task, numbers[0], until, trace, broken_off, as_json=json_)
            return _many(task, numbers, jobs or os.cpu_count() or 1, broken_off, as_json=json_)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was started")
    except PlanProblem as problem:
        return refuse(str(problem), ExitCode.NO_INPUT, command="simulate")


def _one(
    task: Task,
    seed: int,
    until: int | None,
    path: Path | None,
    broken_off: BrokenOff,
    *,
    as_json: bool,
) -> int:
    if path is None:
        outcome = task.run(seed, until=until, broken_off=broken_off)
    else:
        try:
            check_file(path, _is_trace, "trace of a simulation")
            with path.open("w", encoding="utf-8") as out:
                outcome = task.run(seed, until=until, out=out, broken_off=broken_off)
        except OSError as error:
            print(f"engine simulate: {path}: {error.strerror}", file=sys.stderr)
            return ExitCode.CANNOT_CREATE
    if broken_off():
        print("engine simulate: broken off", file=sys.stderr)
        return ExitCode.FORCED
    if as_json:
        print(json.dumps(outcome_json(outcome)))
    else:
        print(outcome_text(outcome, f"{_repeat(task)} --seed {seed}"))
    return ExitCode.FAILURE if outcome.violation else ExitCode.OK


def _many(
    task: Task, seeds: Sequence[int], jobs: int, broken_off: BrokenOff, *, as_json: bool
) -> int:
    began = time.perf_counter()
    outcomes: list[Outcome] = []
    try:
        with progress(len(seeds)) as advance:
            for outcome in run_seeds(task, seeds, jobs, broken_off):
                outcomes.append(outcome)
                advance(outcome)
    finally:
        # However it ends, the outcomes of finished seeds are printed.
        summed = total(outcomes, time.perf_counter() - began)
        print(json.dumps(total_json(summed)) if as_json else total_text(summed, _repeat(task)))
    if len(outcomes) < len(seeds):
        print(f"engine simulate: broken off after {len(outcomes)} seeds", file=sys.stderr)
        return ExitCode.FORCED
    return ExitCode.FAILURE if summed.failed else ExitCode.OK


def _is_trace(path: Path) -> bool:
    with path.open("rb") as file:
        return _TRACED.match(file.read(_TRACED_BYTES)) is not None


def _numbers(seed: int | None, seeds: str | None) -> Sequence[int] | str:
    """The requested seeds, or what is wrong with the request."""
    if seeds is None:
        return [1 if seed is None else seed]
    if seed is not None:
        return "--seed and --seeds exclude each other"
    found = _SEEDS.fullmatch(seeds)
    if found is None:
        return f"--seeds {seeds!r} is not of the form A..B, such as 1..200"
    first, last = map(int, found.groups())
    if not first <= last < first + _SEEDS_MAX:
        return f"--seeds {seeds!r} is empty, or more than {_SEEDS_MAX:,} seeds"
    return range(first, last + 1)


def _repeat(task: Task) -> str:
    """The command that repeats one of these runs, but for its seed."""
    parts = ["engine", "simulate", "--hours", f"{task.length_s / _HOUR_S:g}"]
    parts += ["--faults", task.faults]
    if task.own_configuration:
        parts += ["--config", task.config]
    own = task.overrides if task.own_configuration else task.overrides[len(CALM_MARKET) :]
    for override in own:
        parts += ["--set", override]
    return shlex.join(parts)


def _usage(what: str) -> int:
    return refuse(what, ExitCode.USAGE, command="simulate")
