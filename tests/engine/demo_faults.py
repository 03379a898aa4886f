"""
A paper run in which a script makes things go wrong, one after the other, and checks the engine.

    make demo-faults                 (or python -m tests.engine.demo_faults [--quick] [--seed N])

It is a whole engine on real sockets of this machine, in real time, at its own simulated exchange.
The script cuts both sockets, sends a book with a wrong checksum, leaves balances unanswered and
trading rules too, and crashes every actor in turn. Each time quotes have to be withdrawn within a
second of the engine losing a component of readiness, and be back within a minute; what the script
looks at is the exchange's own list of open orders. At the end the exit has to be clean and flat.
Exit code 0 says that all of it held, 1 that some of it did not. It takes two minutes or so; with
--quick, which crashes a few actors only, half of that.

Nothing of this is part of the engine: crashes are put around its actors here, and no command can.
It forgives more crashes a minute than a real run would, for here they come one after the other.
"""

import argparse
import io
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import trio

from config.load.loading import load
from config.settings import Settings
from engine.cli.command_logs import rotation
from engine.environment.locks import sole_engine
from engine.environment.venue_connection import VenueConnection, counterparty, simulated_rules
from engine.environment.world import World, real_world
from engine.logs.files import RotatingFile
from engine.logs.setup import Verbosity, configure_logs
from engine.process.exit_codes import ExitCode
from engine.supervision.policy import RestartLimit
from engine.supervision.tree import SupervisorSpec
from engine.system.build import System
from engine.system.running import StopRequest, run
from engine.system.summary import Summary
from tests.support.crashable import Crashable, crashable
from tests.support.links import LinkedTcp, Links
from tests.support.telling import tell
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT

CONFIG = "config/paper.toml"
NAME = "faults"
OVERRIDES = (
    f"engine.name={NAME}",
    "strategies.doge.order_refresh_time=3",
    # So far from the market that nothing is filled: orders come and go by the engine alone.
    'strategies.doge.bid_spread="2 %"',
    'strategies.doge.ask_spread="2 %"',
    # What is not answered shows within seconds, instead of minutes.
    "venue.balance_refresh_s=2",
    "venue.balance_age_max_s=6",
    "venue.rules_refresh_s=13",  # the venue allows no more than 15 such requests a minute
    "venue.rules_age_max_s=15",
    "venue.answer_deadline_s=3",
)
WITHDRAWN_WITHIN_S = 1.0
BACK_WITHIN_S = 60.0
_NOTICED_WITHIN_S = 30.0
_SETTLED_S = 1.0
_LOOK_S = 0.01
_ORDERS = 4
_FORGIVING = RestartLimit(100, 60.0)

QUICK = ("order gateway", "strategy doge", "account socket", "order book DOGEUSDT", "ledger")


@attrs.frozen(kw_only=True)
class Row:
    """
    What became of one fault; times are seconds.

    Args:
        noticed_s: From the fault until the strategy lost its readiness; ``None`` if it never did.
        withdrawn_s: From then until none of the orders that stood was left at the exchange.
        back_s: From the end of the fault until all quotes stood again.
    """

    fault: str
    noticed_s: float | None
    withdrawn_s: float | None
    back_s: float | None
    trouble: str = ""


@attrs.frozen(kw_only=True)
class Stage:
    """The running engine, from the script's side."""

    system: System
    party: VenueConnection
    links: Links
    actors: Mapping[str, Crashable]

    @property
    def open_orders(self) -> frozenset[str]:
        """The orders of ours that the exchange has, by its own list."""
        assert self.party.exchange is not None
        found = self.party.exchange.venue.orders.open_of(DEMO_ACCOUNT.api_key)
        return frozenset(order.order_id for order in found)

    @property
    def ready(self) -> bool:
        """Whether every strategy may quote."""
        now = trio.current_time()
        leases = (port.readiness.peek() for port in self.system.wires.strategies.values())
        return all(lease is not None and lease.holds_at(now) for lease in leases)

    @property
    def quoting(self) -> bool:
        return self.ready and len(self.open_orders) == _ORDERS

    def lost_since(self, moment: float, *, withdrawn: bool) -> bool:
        """
        Whether a component of readiness is missing, or was since then, however shortly.

        Args:
            withdrawn: Whether the quotes are gone: then one counts too that was back in no time.
        """
        facts = self.system.wires.facts.facts.values()
        return not self.ready or any(
            fact.since > moment or (withdrawn and fact.since == moment) for fact in facts
        )


Act = Callable[[Stage], Awaitable[None]]


@attrs.frozen
class Trial:
    """
    One fault.

    Args:
        must_withdraw: Whether the quotes cannot stay.
    """

    name: str
    begin: Act
    end: Act
    must_withdraw: bool = True


async def _nothing(_: Stage) -> None:
    await trio.lowlevel.checkpoint()


def _cut(path: str) -> Act:
    return lambda stage: stage.links.cut(path)


def _deaf(path: str) -> tuple[Act, Act]:
    async def begin(stage: Stage) -> None:
        await trio.lowlevel.checkpoint()
        stage.links.deaf.add(path)

    async def end(stage: Stage) -> None:
        await trio.lowlevel.checkpoint()
        stage.links.deaf.discard(path)

    return begin, end


async def _wrong_checksum(stage: Stage) -> None:
    await trio.lowlevel.checkpoint()
    assert stage.party.exchange is not None
    stage.party.exchange.faults.arm(Fault.WRONG_CHECKSUM)


def _crash(name: str) -> Act:
    async def begin(stage: Stage) -> None:
        await trio.lowlevel.checkpoint()
        stage.actors[name].crash()

    return begin


def trials(actors: Sequence[str]) -> Iterator[Trial]:
    """Every fault, in the order in which they come."""
    yield Trial("account socket cut", _cut("/ws/account"), _nothing)
    yield Trial("trade socket cut", _cut("/ws/trade"), _nothing)
    yield Trial("book with a wrong checksum", _wrong_checksum, _nothing)
    yield Trial("balances unanswered", *_deaf("/v1/account/balances"))
    yield Trial("trading rules unanswered", *_deaf("/v1/public/pairs"))
    for name in actors:
        yield Trial(f"crash of {name}", _crash(name), _nothing, must_withdraw=name in QUICK[:4])


async def play(stage: Stage, chosen: Sequence[Trial], tell: Callable[[Row], None]) -> list[Row]:
    """One fault after the other; what became of each."""
    rows: list[Row] = []
    if not await _within(_NOTICED_WITHIN_S, lambda: stage.quoting):
        return [_failed("the start", "no quotes within 30 s")]
    for trial in chosen:
        rows.append(await _try(stage, trial))
        tell(rows[-1])
        await trio.sleep(_SETTLED_S)
    return rows


async def _try(stage: Stage, trial: Trial) -> Row:
    watch = _Watch(stage)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch.run)
        await trial.begin(stage)
        patience = _NOTICED_WITHIN_S if trial.must_withdraw else _SETTLED_S
        await _within(patience, lambda: watch.lost_at is not None)
        if watch.lost_at is not None:
            await _within(10 * WITHDRAWN_WITHIN_S, lambda: watch.gone_at is not None)
        ended_at = trio.current_time()
        await trial.end(stage)
        back = await _within(BACK_WITHIN_S, lambda: stage.quoting)
        back_s = trio.current_time() - ended_at if back else None
        nursery.cancel_scope.cancel()
    return _judged(trial, watch, back_s)


def _judged(trial: Trial, watch: "_Watch", back_s: float | None) -> Row:
    noticed_s = None if watch.lost_at is None else watch.lost_at - watch.began_at
    withdrawn_s = None
    if watch.lost_at is not None and watch.gone_at is not None:
        withdrawn_s = max(0.0, watch.gone_at - watch.lost_at)
    trouble = ""
    if noticed_s is None and trial.must_withdraw:
        trouble = "nobody noticed"
    elif noticed_s is not None and withdrawn_s is None:
        trouble = "quotes were not withdrawn"
    elif withdrawn_s is not None and withdrawn_s > WITHDRAWN_WITHIN_S:
        trouble = f"withdrawn after more than {WITHDRAWN_WITHIN_S:g} s"
    elif back_s is None:
        trouble = f"not back within {BACK_WITHIN_S:g} s"
    return Row(
        fault=trial.name,
        noticed_s=noticed_s,
        withdrawn_s=withdrawn_s,
        back_s=back_s,
        trouble=trouble,
    )


class _Watch:
    """When readiness was lost, and when after that none of the orders was left that stood."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._stood = stage.open_orders
        self.began_at = trio.current_time()
        self.lost_at: float | None = None
        self.gone_at: float | None = None

    async def run(self) -> None:
        while self.gone_at is None:
            now, standing = trio.current_time(), self._stage.open_orders
            gone = not self._stood & standing
            if self.lost_at is None and self._stage.lost_since(self.began_at, withdrawn=gone):
                self.lost_at = now
            if self.lost_at is None:
                self._stood = standing  # a set may be replaced before anybody notices
            elif gone:
                self.gone_at = now
            await trio.sleep(_LOOK_S)


async def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    with trio.move_on_after(seconds):
        while not holds():  # noqa: ASYNC110  # the exchange's list rings no bell
            await trio.sleep(_LOOK_S)
        return True
    return False


def _failed(what: str, trouble: str) -> Row:
    return Row(fault=what, noticed_s=None, withdrawn_s=None, back_s=None, trouble=trouble)


@attrs.frozen(kw_only=True)
class Outcome:
    rows: Sequence[Row]
    summary: Summary

    @property
    def troubles(self) -> list[str]:
        """What did not hold; empty if everything did."""
        found = [f"{row.fault}: {row.trouble}" for row in self.rows if row.trouble]
        if self.summary.exit_code is not ExitCode.OK:
            found.append(f"the engine ended with {self.summary.exit_code}")
        if not self.summary.proof.proven:
            found.append(f"not proven flat: {self.summary.proof.trouble}")
        return found


async def trial_run(
    settings: Settings,
    world: World,
    links: Links,
    *,
    quick: bool,
    tell: Callable[[Row], None] = lambda _row: None,
) -> Outcome:
    """Run an engine through all of it."""
    party = counterparty(settings, world)
    prepared: list[Stage] = []

    def prepare(system: System) -> System:
        tree, actors = crashable(_forgiving(system.tree))
        changed = attrs.evolve(system, tree=tree)
        prepared.append(Stage(system=changed, party=party, links=links, actors=actors))
        return changed

    stop, rows = StopRequest(), list[Row]()

    async def script() -> None:
        while not prepared:  # noqa: ASYNC110  # the ledger is opened first
            await trio.sleep(_LOOK_S)
        [stage] = prepared
        actors = QUICK if quick else tuple(stage.actors)
        rows.extend(await play(stage, list(trials(actors)), tell))
        stop.ask("the end of the script")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(script)
        summary = await run(settings, world, party, stop=stop, adapt=prepare)
        nursery.cancel_scope.cancel()
    return Outcome(rows=rows, summary=summary)


def _forgiving(spec: SupervisorSpec) -> SupervisorSpec:
    """The same tree, in which crashes one after the other do not add up to an escalation."""
    children = tuple(
        _forgiving(child) if isinstance(child, SupervisorSpec) else child for child in spec.children
    )
    return attrs.evolve(spec, children=children, limit=_FORGIVING)


def _line(row: Row) -> str:
    def text(seconds: float | None) -> str:
        return "-" if seconds is None else f"{seconds:.2f} s"

    verdict = row.trouble or ("ok" if row.noticed_s is not None else "ok, quotes stood")
    return (
        f"{row.fault:<32} {text(row.noticed_s):>10} {text(row.withdrawn_s):>10}"
        f" {text(row.back_s):>10}  {verdict}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="crash a few actors only")
    parser.add_argument("--seed", type=int, default=1, help="of the market")
    parser.add_argument("--folder", type=Path, help="for ledger and log; else temporary")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="qw-faults-"))
    places = (f"engine.state_directory={folder}/state", f"log.file={folder}/faults.jsonl")
    settings = load(
        CONFIG,
        (*OVERRIDES, *places, f"engine.seed={given.seed}"),
        {},
        simulated_pairs=simulated_rules,
    )
    links = LinkedTcp()
    world = attrs.evolve(real_world(given.seed), network=links)
    assert settings.log.file is not None
    file = RotatingFile(world.disk, settings.log.file, rotation(settings.log))
    # On the console is the table; the log tells the story.
    logs = configure_logs(
        console=io.StringIO(),
        file=file,
        wall_clock=world.wall_clock,
        verbosity=Verbosity.QUIET,
        file_level=settings.log.level,
        colour=False,
        secrets=(),
    )
    looking = " ".join(f"--set {text}" for text in (f"engine.name={NAME}", *places))
    tell(
        f"look on meanwhile, or afterwards at the log:\n"
        f"  engine status {CONFIG} {looking} --live\n  engine logs {CONFIG} {looking}\n"
    )
    tell(f"{'fault':<32} {'noticed':>10} {'withdrawn':>10} {'back':>10}  verdict")

    async def play_all() -> Outcome:
        return await trial_run(
            settings, world, links, quick=given.quick, tell=lambda row: tell(_line(row))
        )

    with sole_engine(settings):
        outcome = trio.run(play_all)
    logs.close()
    file.close()
    summary = outcome.summary
    tell(
        f"\nended by {summary.ended_by} with exit code {int(summary.exit_code)} after"
        f" {summary.uptime_s:.0f} s and {summary.restarts} restarts;"
        f" {'nothing of ours is left' if summary.proof.proven else 'NOT PROVEN FLAT'}"
    )
    for trouble in outcome.troubles:
        tell(f"DID NOT HOLD: {trouble}")
    return ExitCode.FAILURE if outcome.troubles else ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
