"""Which gates keep a side from quoting, told when that changes; a flood becomes a count."""

from collections.abc import Iterator, Sequence

import msgspec

from trading.core.market import Side
from trading.decisions.decision import Decision, Gate
from trading.messages.gateway import Rejection, WorkingOrders
from trading.readiness.gate_cause import MECHANICS

TOLD_MAX = 5
"""Changes of one side that are told within a second; a market maker's side makes one or two."""

_WINDOW_S = 1.0
_A_MOMENT = "a moment"


class GateChange(msgspec.Struct, frozen=True, kw_only=True):
    """
    What keeps a side from quoting since this moment.

    Args:
        codes: Of the gates that are shut, the cause first; a side that quotes may have some too.
        sentences: Of the same gates, as far as they have one.
        quoting: Whether an order of this side is at the venue.
        untold: How many changes before this one were only counted.
    """

    side: Side
    codes: tuple[str, ...]
    sentences: tuple[str, ...]
    quoting: bool
    untold: int


class GateChanges:
    """
    Compares each look with the last, side by side.

    Gates are compared by their codes, as figures in their sentences change all the time; and those
    that only replace a set of orders count as one, for they take turns within milliseconds.
    """

    def __init__(self) -> None:
        self._sides = {side: _Side() for side in Side}

    def seen(
        self,
        now: float,
        causes: Sequence[tuple[Side, str]],
        decision: Decision,
        working: WorkingOrders | None,
    ) -> Iterator[GateChange]:
        """
        Each side for which something has changed, and may be told.

        Args:
            now: Monotonic seconds.
            causes: What keeps each side out (``GateClock``); empty text while it quotes.
        """
        for side, cause in causes:
            gates = [gate for gate in decision.gates if gate.side in {None, side}]
            shut_out = [
                one for one in (() if working is None else working.shut_out) if one.side is side
            ]
            told = {gate.code: gate.sentence for gate in gates}
            told |= {one.code: one.sentence for one in shut_out}
            codes = tuple(dict.fromkeys((*filter(None, (cause,)), *told)))
            if not self._sides[side].may_be_told(now, _what(cause, gates, shut_out)):
                continue
            yield GateChange(
                side=side,
                codes=codes,
                sentences=tuple(told[code] for code in codes if code in told),
                quoting=not cause,
                untold=self._sides[side].counted(),
            )


def _what(cause: str, gates: Sequence[Gate], shut_out: Sequence[Rejection]) -> object:
    """What two looks that tell the same have in common."""
    lasting = {gate.code for gate in gates if gate.opens_at is None} - MECHANICS
    refused = {one.code for one in shut_out}
    return _A_MOMENT if cause in MECHANICS else cause, frozenset(lasting | refused)


class _Side:
    """What was told of one side last, and when."""

    def __init__(self) -> None:
        self._told: object = None
        self._moments: list[float] = []
        self._untold = 0

    def may_be_told(self, now: float, what: object) -> bool:
        if what == self._told and not self._untold:
            return False
        self._moments = [moment for moment in self._moments if now - moment < _WINDOW_S]
        if len(self._moments) >= TOLD_MAX:
            # Not remembered: the next look tells it, once the second is over.
            self._untold += what != self._told
            return False
        self._told = what
        self._moments.append(now)
        return True

    def counted(self) -> int:
        count, self._untold = self._untold, 0
        return count
