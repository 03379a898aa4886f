"""A backtest on the wire: the whole engine in virtual time, with a recorded market as its venue."""

import contextlib
import sqlite3
from collections.abc import Mapping
from functools import partial

import msgspec

from config.settings import Settings
from engine.backtest.came import Came, grounds_of
from engine.backtest.markets import Advance, Recorded, tape_of
from engine.backtest.measured import latency_of
from engine.backtest.task import BacktestTask
from engine.backtest.venue_watch import VenueWatch
from engine.environment.state_folder import ledger_path
from engine.reports.session import NoSession, session_result
from engine.simulation.breaking_off import BrokenOff, nobody
from engine.simulation.simulation import Stage, simulated_site
from engine.simulation.site import Conditions, Site
from engine.simulation.swarm import Plan
from engine.simulation.trace import Trace
from trading.backtest.as_run import Ground, queue_name
from trading.core.identifiers import Pair, StrategyName
from trading.journal.tables import Query
from trading.journal.whole import Whole
from trading.orders.order import OrderStatus
from trading.research.result import Run, RunOrder

_NS = 1_000_000_000


def run_on_the_wire(
    task: BacktestTask,
    settings: Settings,
    markets: Mapping[Pair, Recorded],
    advance: Advance,
    broken_off: BrokenOff = nobody,
) -> Came:
    """
    Run the engine to the recordings' end.

    Raises:
        NoBacktest: A dataset is damaged, or the latency cannot be had.
        MalformedRecording: It cannot be traded on after all.
    """
    began_ns = min(market.began_ns for market in markets.values())
    ended_ns = max(market.ended_ns for market in markets.values())
    conditions = Conditions(
        orders=latency_of(task.latency), feed_s=0.0, commit_s=0.0, epoch_ns=began_ns
    )
    watches: list[VenueWatch] = []
    stage = Stage(
        tape=tape_of(markets, advance), prepare=lambda site: watches.append(VenueWatch(site))
    )
    plan = Plan(length_s=(ended_ns - began_ns) / _NS, conditions=conditions)
    trace = Trace(broken_off=broken_off)
    site, _ = simulated_site(settings, task.seed, plan, trace, stage=stage)
    [watch] = watches
    runs = _runs(site, ended_ns)
    wanted = grounds_of(settings, markets)
    return Came(
        runs=tuple(
            _run(
                runs.get(name), name, ground, watch, (began_ns, ended_ns), settings.simulator.queue
            )
            for name, ground in wanted.items()
        ),
        violation="" if site.violation is None else str(site.violation),
        ledger=_ledger(site),
    )


def _runs(site: Site, ended_ns: int) -> Mapping[str, Run]:
    def read(query: Query) -> Mapping[str, Run]:
        whole = Whole(query)
        try:
            result = session_result(whole, None, ended_ns)
        except NoSession:
            return {}
        return {run.strategy: run for run in result.runs}

    found: Mapping[str, Run] = site.ledger(read)
    return found


def _run(
    told: Run | None,
    name: StrategyName,
    ground: Ground,
    watch: VenueWatch,
    span: tuple[int, int],
    queue: str,
) -> Run:
    """A run as the ledger has it, with what the exchange alone knows of it."""
    instrument = ground.instrument
    orders = () if told is None else told.orders
    return Run(
        strategy=name,
        pair=instrument.pair,
        base=instrument.base,
        quote=instrument.quote,
        from_ns=span[0],
        to_ns=span[1],
        orders=tuple(map(partial(_order, watch=watch, ended_ns=span[1]), orders)),
        fills=tuple(fill for fill in watch.fills_of(name) if fill.at_ns <= span[1]),
        tick=instrument.tick_size,
        mids=ground.mids,
        start=ground.start,
        queue=queue_name(queue),
    )


def _order(order: RunOrder, watch: VenueWatch, ended_ns: int) -> RunOrder:
    """An order with the exchange's own times; what the stop after the end did to it is undone."""
    seen = watch.orders.get(order.order_id)
    if seen is None:
        return msgspec.structs.replace(order, placed_ns=None)
    told = msgspec.structs.replace(
        order,
        placed_ns=seen.arrived_ns,
        ended_ns=seen.ended_ns,
        queue_ahead=seen.ahead,
        queue_best=seen.best_ahead,
    )
    if seen.ended_ns is not None and seen.ended_ns <= ended_ns:
        return told
    if told.cancel_sent_ns is not None and told.cancel_sent_ns > ended_ns:
        told = msgspec.structs.replace(told, cancel_sent_ns=None, filled_at_cancel=None)
    return msgspec.structs.replace(
        told, ended_ns=None, status=OrderStatus.OPEN.value, reason="", queue_best=None
    )


def _ledger(site: Site) -> bytes:
    database = site.ledgers.database(ledger_path(site.settings.engine))
    with contextlib.closing(sqlite3.connect(":memory:")) as copy:
        database.copy_to(copy)
        return copy.serialize()
