"""What came of a backtest, and where it was: shared by both paths."""

from collections.abc import Mapping

import attrs

from config.load.checks import simulated_instruments
from config.settings import Settings
from engine.backtest.markets import Recorded
from engine.environment.simulated_venue import built_in_rules, demo_accounts
from trading.backtest.as_run import Ground, starts
from trading.core.identifiers import Currency, Pair, StrategyName
from trading.research.result import Run


@attrs.frozen(kw_only=True)
class Came:
    """
    What came of a backtest.

    Args:
        runs: One for each strategy.
        halted: Why nothing was quoted any more before the end; empty if nothing broke.
        looks: How often the strategies looked; ``None`` where that is not counted.
        violation: What must never be, and was.
        ledger: The whole ledger as a file of SQLite; ``None`` where there is none.
    """

    runs: tuple[Run, ...]
    halted: str = ""
    looks: int | None = None
    violation: str = ""
    ledger: bytes | None = None


def grounds_of(
    settings: Settings, markets: Mapping[Pair, Recorded]
) -> Mapping[StrategyName, Ground]:
    """
    Where each strategy is tested.

    Raises:
        NoBacktest: A dataset is damaged.
    """
    listed = simulated_instruments(built_in_rules(), settings.simulator)
    strategies = settings.strategies
    rules = {name: listed[strategy.pair] for name, strategy in sorted(strategies.items())}
    balances = demo_accounts(settings.simulator)[0].balances
    began = starts(rules, {Currency(name): amount for name, amount in balances.items()})
    return {
        name: Ground(instrument=instrument, mids=markets[instrument.pair].mids(), start=began[name])
        for name, instrument in rules.items()
    }
