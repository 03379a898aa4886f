"""A backtest by the direct path."""

from collections.abc import Mapping
from pathlib import Path
from random import Random

import attrs

from config.sections.simulator import LimitSettings
from config.settings import Settings
from engine.backtest.came import Came, grounds_of
from engine.backtest.forking import Taken, take_over
from engine.backtest.markets import Advance, Recorded, tape_of
from engine.backtest.measured import latency_of
from engine.backtest.session_market import recorded_session
from engine.backtest.task import BacktestTask
from engine.control.reloading import strategy_config_of
from engine.environment.simulated_venue import demo_key, exchange_settings, recorded_flow
from trading.backtest.as_run import runs_of_outcome
from trading.backtest.direct import DirectBacktest, Subject, Terrain
from trading.core.identifiers import Pair
from trading.venues.valr.signing import Signer
from trading.venues.valr.simulator.exchange import SimulatedExchange
from trading.venues.valr.venue import Valr

_FOREVER = float("inf")


def run_directly(
    task: BacktestTask, settings: Settings, markets: Mapping[Pair, Recorded], advance: Advance
) -> Came:
    """
    Run strategies, limits, gateway and exchange as values.

    Raises:
        NoBacktest: A dataset is damaged, or the latency cannot be had.
        MalformedRecording: It cannot be traded on after all.
    """
    taken = None if task.fork is None else _taken(task.fork, settings)
    if taken is not None:
        simulator = attrs.evolve(settings.simulator, balances=taken.balances)
        settings = attrs.evolve(settings, simulator=simulator)
    tape = tape_of(markets, advance, with_own_trades=taken is not None)
    rules = attrs.evolve(settings.simulator.rules, idle_limit_s=_FOREVER)
    limits = LimitSettings(enabled=False)
    simulator = attrs.evolve(settings.simulator, rules=rules, limits=limits)
    exchange = SimulatedExchange(
        exchange_settings(simulator, set(markets), tape),
        Random(task.seed),  # noqa: S311  # to be repeated
        None if taken is None else taken.epoch_ns,
        tape.rows,
        by_wall_clock=taken is not None,
    )
    key = demo_key()
    signer = Signer(key.api_key, key.api_secret, lambda: exchange.epoch_ns)
    terrain = Terrain(
        exchange=exchange,
        venue=Valr(signer),
        api_key=key.api_key,
        flow=recorded_flow(simulator, tape),
        latency=latency_of(task.latency),
        engine=settings.engine.name,
        fork=None if taken is None else taken.fork,
    )
    subjects = {
        name: Subject(pair=strategy.pair, config=strategy_config_of(strategy))
        for name, strategy in settings.strategies.items()
    }
    outcome = DirectBacktest(terrain, subjects).run()
    return Came(
        runs=tuple(runs_of_outcome(outcome, grounds_of(settings, markets))),
        halted=outcome.halted,
        looks=sum(outcome.decisions.values()),
    )


def _taken(fork: tuple[str, int], settings: Settings) -> Taken:
    path, at_ns = fork
    return take_over(recorded_session(Path(path)), at_ns, settings)
