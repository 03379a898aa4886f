"""The command `engine doctor`."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import attrs
import trio
from cyclopts import App, Parameter

from config.load.loading import load
from config.settings import Settings
from config.source.problems import ConfigurationProblems, redacted
from engine.doctor.context import new_examination
from engine.doctor.doctor import CONFIGURATION, STEP_WIDTH, STEPS, run_doctor
from engine.doctor.findings import (
    Finding,
    as_json,
    as_line,
    exit_code,
    failure,
    fine,
    skipped,
    verdict_line,
)
from engine.doctor.machine import RealMachine
from engine.environment.venue_connection import VenueConnection, counterparty, simulated_rules
from engine.environment.world import World, real_world
from engine.logs.setup import Verbosity, configure_logs
from engine.process import early
from engine.process.exit_codes import EXIT_CODES, ExitCode
from trading.simulator.market.recording import MalformedRecording

DOCTOR_EXAMPLES = """
Examples:

```
engine doctor config/live.toml
engine doctor config/paper.toml --json
engine doctor config/live.toml --set venue.book_feed=FULL_ORDERBOOK_UPDATE
```

Exit codes: 0 fit to trade, perhaps with warnings; otherwise that of the first failure: 77 the key,
78 the configuration, 75 the clock or no pair to trade now, 1 anything else.
"""


doctor_app = App(name="doctor", help_epilogue=DOCTOR_EXAMPLES)


@doctor_app.default
def doctor_command(
    config: Path,
    /,
    *,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
    json_: Annotated[bool, Parameter(name="--json")] = False,
    verbose: Annotated[bool, Parameter(name=["--verbose", "-v"])] = False,
) -> int:
    """
    Check step by step whether the engine could trade with a configuration, and say what to do.

    It looks at the configuration, the network, the venue's clock and state, the key, pairs and
    amounts, both sockets, balances, rate limits, the disk, the ledger, and where messages go. It
    places no order, touches none and sends no message; an engine may be running meanwhile.

    Args:
        config: The TOML file that the engine is to run with.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
        json_: Print the findings as one JSON object on stdout.
        verbose: Show what the log would say, on stderr.
    """
    desk = _Desk(str(config), machine=json_)
    try:
        settings = load(str(config), set_, os.environ, simulated_pairs=simulated_rules)
    except ConfigurationProblems as problems:
        return _misconfigured(problems, desk)
    early.hand_back()
    world, credentials = real_world(settings.engine.seed), settings.credentials
    logs = configure_logs(
        console=sys.stderr if verbose else None,
        file=None,
        wall_clock=world.wall_clock,
        verbosity=Verbosity.VERBOSE,
        secrets=() if credentials is None else (credentials.api_key, credentials.api_secret),
    )
    try:
        if early.asked:
            return ExitCode.FORCED
        trio.run(_see, settings, world, desk)
    except KeyboardInterrupt:
        return ExitCode.FORCED
    except MalformedRecording as error:
        cure = 'name another file in simulator.recording, or set simulator.flow = "synthetic"'
        desk.tell(_wrong(f"the recording cannot be read: {error}", cure), CONFIGURATION)
    finally:
        logs.close()
    return desk.close()


def _misconfigured(problems: ConfigurationProblems, desk: "_Desk") -> ExitCode:
    desk.open("")
    said = "; ".join(str(problem).splitlines()[0] for problem in problems.problems)
    cures = "; ".join(dict.fromkeys(problem.cure for problem in problems.problems))
    desk.tell(_wrong(said, cures, EXIT_CODES[problems.reason]), CONFIGURATION)
    for step in STEPS:
        desk.tell(skipped(f"it rests on: {CONFIGURATION}"), step.name)
    return desk.close()


def _wrong(evidence: str, cure: str, code: ExitCode = ExitCode.CONFIGURATION) -> Finding:
    return failure(evidence, cure, code=code)


async def _see(settings: Settings, world: World, desk: "_Desk") -> None:
    party = counterparty(settings, world)
    desk.open(_introduced(party))
    desk.tell(fine(f"nothing is wrong in it; {_counted(settings)}"), CONFIGURATION)
    examination = new_examination(settings, world, party, RealMachine())
    await run_doctor(examination, lambda finding: desk.tell(finding, finding.step))


def _introduced(party: VenueConnection) -> str:
    if party.exchange is not None:
        return f"{party.name}, started by the doctor itself as the engine would: no real venue"
    return party.name


def _counted(settings: Settings) -> str:
    names = ", ".join(settings.strategies)
    return f"engine {settings.engine.name}, strategies: {names}"


class _Desk:
    """Collects findings: shown at once to people, all together to machines."""

    def __init__(self, config: str, *, machine: bool) -> None:
        self._config = config
        self._machine = machine
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._findings: list[Finding] = []
        self._venue = ""

    def open(self, venue: str) -> None:
        self._venue = venue
        if not self._machine:
            self._write(f"{self._config} with {venue}" if venue else self._config)

    def tell(self, finding: Finding, step: str) -> None:
        finding = attrs.evolve(finding, step=step)
        self._findings.append(finding)
        if not self._machine:
            self._write(as_line(finding, STEP_WIDTH, colour=self._colour))

    def close(self) -> ExitCode:
        code = exit_code(self._findings)
        if self._machine:
            result = {
                "configuration": self._config,
                "venue": self._venue or None,
                "exit_code": int(code),
                "findings": as_json(self._findings),
            }
            self._write(json.dumps(result))
        else:
            self._write(verdict_line(self._findings))
        return code

    @staticmethod
    def _write(line: str) -> None:
        sys.stdout.write(f"{redacted(line)}\n")
        sys.stdout.flush()
