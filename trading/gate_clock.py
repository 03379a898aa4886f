"""How long each gate was shut, and how long that kept a side from quoting."""

from collections.abc import Iterable, Mapping

import attrs

from trading.market import Side
from trading.orders import AT_VENUE, Order
from trading.strategies.interface import Gate

NOT_RUNNING = "strategy_not_running"
"""The gate that is shut while no life of the strategy looks at anything."""


@attrs.frozen(kw_only=True)
class SideTimes:
    """
    One side's time, in seconds.

    Args:
        shut: For how long each gate was shut, by code. Several may be shut at once, and a side may
            quote with gates shut: for other levels, or for the next set of orders.
        kept_out: For how much of that the side had no order at the venue.
        idle: Without any gate shut and without an order: on the way to the venue, or not wanted.
    """

    shut: Mapping[str, float]
    kept_out: Mapping[str, float]
    idle: float


class GateClock:
    """
    Charges time to gates; whoever looks at them tells it each time.

    It outlives the lives of a strategy, and is cheap while nothing changes.

    Args:
        now: Monotonic seconds.
    """

    def __init__(self, now: float) -> None:
        self._since = now
        self._gates: tuple[Gate, ...] = ()
        self._sides = {side: _Side() for side in Side}
        self.looked_at = now

    def look(self, now: float, gates: tuple[Gate, ...], orders: Iterable[Order]) -> None:
        """These gates are shut from ``now`` on, and these orders are not terminal."""
        self.looked_at = now
        quoting = {order.side for order in orders if order.status in AT_VENUE}
        same = gates is self._gates or gates == self._gates
        if same and all(one.quoting == (side in quoting) for side, one in self._sides.items()):
            return
        self._charge(now)
        self._gates = gates
        for side, one in self._sides.items():
            # A gate may be shut for several levels; its time passes once.
            one.codes = tuple({g.code: None for g in gates if g.side is None or g.side is side})
            one.quoting = side in quoting

    def stop(self, now: float) -> None:
        """Nobody looks any more; orders may stand for a moment, and do not count."""
        self._charge(now)
        self._gates = ()
        for one in self._sides.values():
            one.codes, one.quoting = (NOT_RUNNING,), False

    def times(self, now: float) -> Mapping[Side, SideTimes]:
        """Up to ``now``."""
        self._charge(now)
        return {
            side: SideTimes(shut=dict(one.shut), kept_out=dict(one.kept_out), idle=one.idle)
            for side, one in self._sides.items()
        }

    def _charge(self, now: float) -> None:
        seconds, self._since = now - self._since, now
        for one in self._sides.values():
            one.charge(seconds)


class _Side:
    """One side since the last change."""

    def __init__(self) -> None:
        self.codes: tuple[str, ...] = (NOT_RUNNING,)
        self.quoting = False
        self.shut: dict[str, float] = {}
        self.kept_out: dict[str, float] = {}
        self.idle = 0.0

    def charge(self, seconds: float) -> None:
        for code in self.codes:
            self.shut[code] = self.shut.get(code, 0.0) + seconds
            if not self.quoting:
                self.kept_out[code] = self.kept_out.get(code, 0.0) + seconds
        if not self.codes and not self.quoting:
            self.idle += seconds
