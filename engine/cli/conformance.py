"""The command `engine conformance`: what the venue does, beside what is assumed of it."""

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import trio
from cyclopts import App, Parameter, validators

from config.load.loading import load
from config.settings import Settings
from config.source.problems import ConfigurationProblems, redacted
from engine.cli.options import seconds_or_hours
from engine.cli.reporting import refuse, report
from engine.conformance.bundle import write_bundle
from engine.conformance.bundle_place import why_no_place
from engine.conformance.checks.every import PROBES
from engine.conformance.report import Report, as_json, left_in_words, line_of, verdict_line
from engine.conformance.running import Choice
from engine.conformance.session import Cleaned, Examination, Examined, clean_up, examine
from engine.environment.locks import sole_engine
from engine.environment.state_folder import state_folder
from engine.environment.venue_connection import counterparty, simulated_rules
from engine.environment.world import World, real_world
from engine.logs.setup import Logs, Verbosity, configure_logs
from engine.logs.standard_streams import say
from engine.process.exit_codes import EXIT_CODES, ExitCode, code_of_unwritten
from engine.storage.last_conformance import LastConformance, Looked, remember_conformance
from engine.system.running import StopRequest, obey_signals
from trading.core.decimals import parse_decimal
from trading.core.errors import Fatal
from trading.venues.valr.conformance.check import Level, Result, Verdict

_USUAL_S = 60.0
_LAST_WORD_S = 1.0

_EXAMPLES = f"""
Examples:

```
engine conformance config/live.toml
engine conformance config/live.toml --level account --for 120 --out seen.zip
engine conformance config/live.toml --level orders --spend-at-most 100 ZAR
engine conformance config/live.toml --only public.time,public.pairs --json
engine conformance config/live.toml --cleanup
```

Exit codes: {ExitCode.OK} all that was tried is as expected; {ExitCode.FAILURE} something differs,
a check is broken, orders may be left, or something was bought and not sold back;
{ExitCode.VENUE_UNAVAILABLE} nothing was seen at all, or --cleanup did not reach the venue;
{ExitCode.USAGE} the command line;
{ExitCode.CANNOT_CREATE} an engine runs, or the bundle cannot be written there: nothing is begun;
{ExitCode.IO_ERROR} the disk does not take the bundle;
{ExitCode.KEY_OR_PERMISSION} the key; {ExitCode.CONFIGURATION} the configuration;
{ExitCode.FORCED} broken off.
"""

conformance_app = App(name="conformance", help_epilogue=_EXAMPLES)


@conformance_app.default
def conformance_command(  # each is an option of its own
    config: Path,
    /,
    *,
    level: Level = Level.PUBLIC,
    only: str | None = None,
    for_: Annotated[
        float,
        Parameter(name="--for", converter=seconds_or_hours, validator=validators.Number(gt=0)),
    ] = _USUAL_S,
    out: str | None = None,
    json_: Annotated[bool, Parameter(name="--json")] = False,
    slow: bool = False,
    fill: bool = False,
    spend_at_most: tuple[str, str] | None = None,
    yes: bool = False,
    cleanup: bool = False,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
) -> int:
    """
    See what the venue does, beside what the codec, the clients and the simulated exchange assume.

    Each check is one question: as expected, differs, not seen, or not tried. Level public needs no
    key, account a key that may look, orders one that may trade. What was seen can be kept in a
    bundle, in which keys, ids, addresses and balances have stand-ins.

    Args:
        config: The TOML file that the engine is to run with.
        level: How far to go: public, account or orders.
        only: Ids of the checks to make, separated by commas; all of the level if not given. Each
            needs its --level, and some --slow or --fill.
        for_: Seconds for which sockets are held.
        out: Where the bundle goes, a zip file; a bundle of that name is replaced.
        json_: Print the report, or what --cleanup came to, as one JSON object on stdout.
        slow: Make those checks too that take longer than a minute.
        fill: Trade once each way, the smallest amount that there is.
        spend_at_most: AMOUNT CURRENCY: so much of the pair's quote currency may be at risk at once,
            and be traded in all; level orders needs it.
        yes: Begin without the typed confirmation that level orders asks for.
        cleanup: Make no check: cancel what an earlier run has left, and prove it.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """
    try:
        choice = Choice(level=level, only=_wanted(only), slow=slow, fill=fill)
        _require_no_more_than_is_asked_for(choice)
        place = _place(out, cleanup=cleanup)
    except _NotBegun as reason:
        return refuse(str(reason), reason.code, command="conformance")
    try:
        settings = load(str(config), set_, os.environ, simulated_pairs=simulated_rules)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was started")
    world = real_world(settings.engine.seed)
    try:
        places = level is Level.ORDERS and not cleanup
        budget = _budget(settings, spend_at_most) if places else Decimal(0)
        examination = Examination(
            settings=settings,
            party=counterparty(settings, world),
            choice=choice,
            for_s=for_,
            budget=budget,
            cleanup=_cleanup_command(config, set_),
        )
        if cleanup:
            with sole_engine(settings):
                return _cleaned_up(examination, world, machine=json_)
        if level is Level.ORDERS:
            _require_a_yes(examination, yes=yes)
        with sole_engine(settings) if level is Level.ORDERS else nullcontext():
            examined = _examined(examination, world, machine=json_)
    except _NotBegun as reason:
        return refuse(str(reason), reason.code, command="conformance")
    except Fatal as fatal:
        return refuse(str(fatal), EXIT_CODES[fatal.reason], command="conformance")
    return _tell(examined, settings, place, machine=json_)


class _NotBegun(Exception):
    """An option is missing or makes no sense; nothing was started."""

    code = ExitCode.USAGE


class _NoPlace(_NotBegun):
    """The bundle cannot be written where it should go."""

    code = ExitCode.CANNOT_CREATE


def _wanted(only: str | None) -> frozenset[str]:
    if only is None:
        return frozenset()
    wanted = frozenset(filter(None, (name.strip() for name in only.split(","))))
    if not wanted:
        raise _NotBegun("--only: name a check, or several separated by commas")
    if unknown := wanted - {probe.check.id for probe in PROBES}:
        raise _NotBegun(f"--only: there is no check {', '.join(sorted(unknown))}")
    return wanted


def _require_no_more_than_is_asked_for(choice: Choice) -> None:
    """See that each check that is named can be made with the options that are given."""
    missing: dict[str, list[str]] = {}
    for check in (probe.check for probe in PROBES if probe.check.id in choice.only):
        if check.level.rank > choice.level.rank:
            missing.setdefault(f"--level {check.level.value}", []).append(check.id)
        if check.slow and not choice.slow:
            missing.setdefault("--slow", []).append(check.id)
        if check.fills and not choice.fill:
            missing.setdefault("--fill", []).append(check.id)
    if missing:
        needs = (f"{', '.join(names)} needs {option}" for option, names in missing.items())
        raise _NotBegun(f"--only: {'; '.join(needs)}")


def _place(out: str | None, *, cleanup: bool) -> Path | None:
    if out is None:
        return None
    if cleanup:
        raise _NotBegun("--out: --cleanup makes no check, and so no bundle")
    if not out:
        raise _NotBegun("--out: a file needs a name")
    if why := why_no_place(Path(out)):
        raise _NoPlace(why)
    return Path(out)


def _budget(settings: Settings, given: tuple[str, str] | None) -> Decimal:
    pair = next(iter(settings.strategies.values())).pair
    if given is None:
        raise _NotBegun(
            "level orders needs --spend-at-most AMOUNT CURRENCY: how much may be at risk at once"
        )
    try:
        amount = parse_decimal(given[0])
    except ValueError:
        raise _NotBegun(f"--spend-at-most: {given[0]!r} is no amount") from None
    if amount <= 0:
        raise _NotBegun(
            f"--spend-at-most: {given[0]} is nothing that an order could be placed with"
        )
    if not pair.endswith(given[1].upper()):
        raise _NotBegun(f"--spend-at-most: {given[1]} is not the quote currency of {pair}")
    return amount


def _require_a_yes(examination: Examination, *, yes: bool) -> None:
    if yes:
        return
    say(
        f"Orders will be placed on {examination.pair} at {examination.party.name}, at most"
        f" {examination.budget:f} at risk at once. They are cancelled at the end. Type yes: "
    )
    if not sys.stdin.isatty() or sys.stdin.readline().strip().lower() != "yes":
        raise _NotBegun("nothing was confirmed: type yes, or give --yes in a script")


def _cleanup_command(config: Path, set_: tuple[str, ...]) -> str:
    sets = (word for text in set_ for word in ("--set", text))
    return shlex.join(["engine", "conformance", str(config), *sets, "--cleanup"])


def _cleaned_up(examination: Examination, world: World, *, machine: bool) -> ExitCode:
    logs = _logs(world)
    try:
        with _unwrapped():
            done: Cleaned = trio.run(clean_up, examination, world)
    finally:
        logs.close()
    cleanup = examination.cleanup if done.left else ""
    if machine:
        words = json.dumps(
            {
                "venue": examination.party.name,
                "left": done.left,
                "left_orders": list(done.orders),
                "cleanup": cleanup,
                "holdings": done.holdings,
            }
        )
    elif done.left:
        words = left_in_words(done.left, done.orders, cleanup)
    else:
        words = "flat: no order of this engine is left, and the ledger knows each end"
    if done.holdings and not machine:
        words += f"; the run before has {done.holdings}"
    say(redacted(words) + "\n")
    if not done.reached:
        return ExitCode.VENUE_UNAVAILABLE
    return ExitCode.FAILURE if done.left else ExitCode.OK


def _logs(world: World) -> Logs:
    return configure_logs(
        console=None, file=None, wall_clock=world.wall_clock, verbosity=Verbosity.QUIET
    )


def _examined(examination: Examination, world: World, *, machine: bool) -> Examined:
    logs = _logs(world)
    width = max(len(probe.check.id) for probe in examination.choice.of_level(PROBES))

    def tell(result: Result) -> None:
        line = f"{line_of(result, width)}\n"
        say(redacted(line), error=machine)

    try:
        with _unwrapped():
            found: Examined = trio.run(_until_a_signal, examination, world, tell)
        return found
    finally:
        logs.close()


@contextmanager
def _unwrapped() -> Iterator[None]:
    """Have a fatal end as it is, out of the groups in which nurseries put it."""
    fatal: BaseException | None = None
    try:
        yield
    except* Fatal as group:
        fatal = group
    while isinstance(fatal, BaseExceptionGroup):
        fatal = fatal.exceptions[0]
    if fatal is not None:
        raise fatal


async def _until_a_signal(
    examination: Examination, world: World, tell: Callable[[Result], None]
) -> Examined:
    stop = StopRequest()
    async with trio.open_nursery() as nursery:
        await nursery.start(obey_signals, stop, partial(_force, examination.cleanup))
        examined = await examine(examination, world, PROBES, tell, stop)
        nursery.cancel_scope.cancel()
    return examined


def _force(cleanup: str) -> NoReturn:
    say(
        redacted(f"engine conformance: forced to end; orders may be left: {cleanup}\n"),
        error=True,
        within_s=_LAST_WORD_S,
    )
    os._exit(ExitCode.FORCED)


def _tell(examined: Examined, settings: Settings, out: Path | None, *, machine: bool) -> int:
    found, code = examined.report, exit_code(examined.report)
    if machine:
        say(redacted(json.dumps(as_json(found))) + "\n")
    else:
        say(redacted(verdict_line(found)) + "\n")
    _remember(found, settings)
    if out is None:
        return code
    if not (found.made and examined.evidence.received):
        why = "nothing came from the venue" if found.made else "no check was made"
        return refuse(f"{why}: {out} is not written", code, command="conformance")
    try:
        write_bundle(out, found, examined.evidence, examined.market, settings)
    except OSError as error:
        why = f"{out} cannot be written: {error.strerror}"
        return refuse(why, code_of_unwritten(error), command="conformance")
    return code


def exit_code(found: Report) -> ExitCode:
    """The exit code of a run."""
    if found.left or found.holdings or found.count(Verdict.DIFFERS) or found.count(Verdict.BROKEN):
        return ExitCode.FAILURE
    if found.broken_off:
        return ExitCode.FORCED
    return ExitCode.OK if found.count(Verdict.AS_EXPECTED) else ExitCode.VENUE_UNAVAILABLE


def _remember(found: Report, settings: Settings) -> None:
    """Keep what was judged; what was not seen or not tried says nothing new of the venue."""
    at_ns = found.at_ns
    checks = {
        result.check.id: Looked(
            differs=result.verdict is Verdict.DIFFERS, at_ns=at_ns, since_ns=at_ns
        )
        for result in found.results
        if result.verdict in {Verdict.AS_EXPECTED, Verdict.DIFFERS}
    }
    if settings.venue.simulated or not checks:
        return  # each simulated exchange is a venue of its own, and gone by now
    run = LastConformance(at_ns=at_ns, venue=found.identity, level=found.level.value, checks=checks)
    known = {probe.check.id for probe in PROBES}
    try:
        remember_conformance(state_folder(settings.engine), run, known)
    except OSError as error:
        sys.stderr.write(f"engine conformance: that it ran cannot be kept: {error.strerror}\n")
