"""
The one gate, of all that are shut, that keeps a side from quoting.

Several gates are shut at once as a rule, and most of them only say that it is not yet time. The
cause is what would have stopped the quote had all timers been open; a timer is one only where
nothing else is.
"""

from collections.abc import Iterable, Mapping

from trading.core.market import Side
from trading.decisions.decision import Decision, Gate
from trading.messages.gateway import Rejection, WorkingOrders

NOT_RUNNING = "strategy_not_running"
"""The gate that is shut while the strategy has no life."""

ON_THE_WAY = "on_the_way"
"""No gate is shut and no order stands: it is on its way to the venue, or nothing is wanted."""

_LOST = "order_unknown"
"""Nothing is placed while an order may or may not be there: no timer ends that."""

_PASSING: Mapping[str, int] = {
    "cancel_pending": 1,
    "fill_delay": 0,
    "refresh_running": 0,
    "tried_in_vain": 2,
    "balance_settling": 2,
    "orders_not_known": 2,
    "orders_working": 3,
}
"""Gates that open by themselves in a moment, or when their set is due; the lower ones first."""

MECHANICS = frozenset(_PASSING) - {"fill_delay", "refresh_running"} | {ON_THE_WAY}
"""Gates that are shut for the moment that a set of orders takes to be replaced."""

_HOURS = "outside_trading_window"
"""Time opens this gate as well, but by the trader's schedule: it does not count as a timer."""


def cause_of(side: Side, decision: Decision, working: WorkingOrders | None) -> str | None:
    """
    The code of what keeps a side without orders from quoting; ``None`` when nothing is shut.

    First what shuts everything, then the strategy's own reasons if they leave it nothing to want,
    then an order that is lost, then what gateway, limits and venue said of all that it last
    wanted, and only then the timers.
    """
    if working is not None and working.withdrawn:
        return working.withdrawn
    gates = [gate for gate in decision.gates if gate.side is None or gate.side is side]
    wanted = sum(quote.side is side for quote in decision.wanted)
    lasting = [gate for gate in gates if not _passes(gate)]
    if lasting and not wanted:
        return lasting[0].code
    if any(gate.code == _LOST for gate in gates):
        return _LOST
    shut_out = () if working is None else working.shut_out
    if (code := _refused(side, wanted, shut_out)) is not None:
        return code
    passing = [gate for gate in gates if _passes(gate)]
    return min(passing, key=_haste).code if passing else None


def _passes(gate: Gate) -> bool:
    if gate.code in _PASSING or gate.code == _LOST:
        return True
    return gate.opens_at is not None and gate.code != _HOURS


def _haste(gate: Gate) -> int:
    return _PASSING.get(gate.code, 0)


def _refused(side: Side, wanted: int, shut_out: Iterable[Rejection]) -> str | None:
    """Why nothing of the side's last set stands; where a part of it did, it would again."""
    found = [one for one in shut_out if one.side is side]
    whole = next((one.code for one in found if one.price is None), None)
    if whole is not None or not found:
        return whole
    refused = {(one.price, one.quantity) for one in found}
    return found[0].code if len(refused) >= wanted else None
