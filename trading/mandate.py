"""What a strategy is to do, and within which limits: both change together or not at all."""

from typing import Any

import attrs

from trading.risk.limits import RiskLimits
from trading.strategies.interface import Reconfigurable, Strategy


@attrs.frozen(kw_only=True)
class Mandate:
    """
    One strategy's.

    Args:
        strategy: Decides.
        limits: What no order of it may break.
    """

    strategy: Strategy[Any]
    limits: RiskLimits


def carried_over(old: Strategy[Any], new: Strategy[Any], state: Any, now: float) -> Any:
    """
    The state with which a strategy goes on after another one, at ``now`` monotonic seconds.

    One that says how takes over the state of its like; any other begins anew.
    """
    if type(old) is type(new) and isinstance(new, Reconfigurable):
        return new.reconfigured(old, state, now)
    return new.begin(now)
