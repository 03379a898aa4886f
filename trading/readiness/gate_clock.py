"""Measures how long each side quoted, and what kept it from quoting the rest of the time."""

from collections.abc import Mapping, Sequence

import msgspec

from trading.core.market import Side
from trading.decisions.decision import Decision
from trading.messages.gateway import WorkingOrders
from trading.orders.order import AT_VENUE
from trading.readiness.gate_cause import NOT_RUNNING, ON_THE_WAY, cause_of

_NOTHING = Decision()


class SideTimes(msgspec.Struct, frozen=True, kw_only=True):
    """
    One side's time, in seconds.

    Args:
        quoting: With an order at the venue.
        kept_out: Without one, each moment charged to its one cause (``cause_of``), by code; with
            ``quoting`` it makes up all of the time.
        shut: For how long each gate was shut, by code. Several may be shut at once, and a side may
            quote with gates shut: for other levels, or for the next set of orders.
        cause: What keeps the side out now; empty while it quotes.
    """

    quoting: float
    kept_out: Mapping[str, float]
    shut: Mapping[str, float]
    cause: str


class GateClock:
    """
    Charges a strategy's time to quoting, or to the gates in its way, from decision to decision.

    One clock outlives the strategy's lives; a look at which nothing has changed is cheap.

    Args:
        now: Monotonic seconds.
    """

    def __init__(self, now: float) -> None:
        self._since = now
        self._decision = _NOTHING
        self._working: WorkingOrders | None = None
        self._sides = {side: _Side() for side in Side}
        self.looked_at = now

    def look(self, now: float, decision: Decision, working: WorkingOrders | None) -> None:
        """From ``now`` on this decision holds, with these working orders."""
        self.looked_at = now
        if decision is self._decision and working is self._working:
            return
        self._charge(now)
        self._decision, self._working = decision, working
        orders = () if working is None else working.orders
        quoting = {order.side for order in orders if order.status in AT_VENUE}
        for side, one in self._sides.items():
            # A gate may be shut for several levels; its time passes once.
            gates = [gate.code for gate in decision.gates if gate.side in {None, side}]
            one.codes = tuple(dict.fromkeys(gates))
            one.cause = ""
            if side not in quoting:
                one.cause = cause_of(side, decision, working) or ON_THE_WAY

    def stop(self, now: float) -> None:
        """The strategy's life is over; orders may still stand for a moment, but do not count."""
        self._charge(now)
        self._decision, self._working = _NOTHING, None
        for one in self._sides.values():
            one.codes, one.cause = (NOT_RUNNING,), NOT_RUNNING

    def times(self, now: float) -> Mapping[Side, SideTimes]:
        """Up to ``now``."""
        self._charge(now)
        return {
            side: SideTimes(
                quoting=one.quoting,
                kept_out=dict(one.kept_out),
                shut=dict(one.shut),
                cause=one.cause,
            )
            for side, one in self._sides.items()
        }

    def causes(self) -> Sequence[tuple[Side, str]]:
        """What keeps each side out since the last look; empty text for a side that quotes."""
        return tuple((side, one.cause) for side, one in self._sides.items())

    def _charge(self, now: float) -> None:
        seconds, self._since = now - self._since, now
        for one in self._sides.values():
            one.charge(seconds)


class _Side:
    """One side since the last change."""

    def __init__(self) -> None:
        self.codes: tuple[str, ...] = (NOT_RUNNING,)
        self.cause = NOT_RUNNING
        self.quoting = 0.0
        self.kept_out: dict[str, float] = {}
        self.shut: dict[str, float] = {}

    def charge(self, seconds: float) -> None:
        for code in self.codes:
            self.shut[code] = self.shut.get(code, 0.0) + seconds
        if self.cause:
            self.kept_out[self.cause] = self.kept_out.get(self.cause, 0.0) + seconds
        else:
            self.quoting += seconds
