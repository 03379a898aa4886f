"""A strategy with its limits, which change together or not at all."""

from typing import Any

import attrs

from trading.risk.limits import RiskLimits
from trading.strategies.interface import LimitedDepth, Reconfigurable, Strategy


def _levels_seen(strategy: Strategy[Any]) -> int | None:
    return max(1, strategy.levels_seen) if isinstance(strategy, LimitedDepth) else None


@attrs.frozen(kw_only=True)
class StrategyConfig:
    """
    One strategy and its limits.

    Args:
        strategy: Decides.
        limits: What no order of it may break.
        levels_seen: At so many levels of each side it looks; ``None`` for all that are shown.
    """

    strategy: Strategy[Any]
    limits: RiskLimits
    levels_seen: int | None = attrs.field(
        init=False, default=attrs.Factory(lambda self: _levels_seen(self.strategy), takes_self=True)
    )


def carried_over(old: Strategy[Any], new: Strategy[Any], state: Any, now: float) -> Any:
    """
    The state with which a strategy goes on after another one, at ``now`` monotonic seconds.

    A ``Reconfigurable`` one takes over the state of its own class; any other begins anew.
    """
    if type(old) is type(new) and isinstance(new, Reconfigurable):
        return new.reconfigured(old, state, now)
    return new.begin(now)
