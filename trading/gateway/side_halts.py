"""Stops of single sides: no new orders leave there, as something happened that we do not know."""

import enum
from collections.abc import Iterable

from trading.core.identifiers import StrategyName
from trading.core.market import Side
from trading.gateway.refusals import OrderRefusals
from trading.gateway.turn import Turn

Place = tuple[StrategyName, Side]


class StopKind(enum.Enum):
    """Kinds of stops, by what ends them; the value is the code."""

    FOR_A_PERSON = "side_stopped"
    """Until a person resumes."""
    DRIFT = "balance_drift"
    """Until a comparison of balances finds no more of it."""
    SUSPECTED = "side_suspected"
    """Until the venue's lists were compared, which is due in a moment."""


class SideHalts:
    """
    The stopped sides, with their reasons.

    Args:
        refusals: Shows each stop as a reason why orders do not stand.
    """

    def __init__(self, turn: Turn, refusals: OrderRefusals) -> None:
        self._turn = turn
        self._refusals = refusals
        self._stops: dict[StopKind, dict[Place, str]] = {kind: {} for kind in StopKind}

    def why(self, strategy: StrategyName, side: Side) -> str:
        """Why no new order may leave there; empty when it may."""
        place = strategy, side
        return next((found[place] for found in self._stops.values() if place in found), "")

    def stop(self, kind: StopKind, places: Iterable[Place], reason: str) -> None:
        """Stop sides for new orders; the first reason stands."""
        for strategy, side in places:
            if (strategy, side) in self._stops[kind]:
                continue
            self._stops[kind][strategy, side] = f"{side.value} is stopped: {reason}"
            if kind is not StopKind.DRIFT:  # which is told once for all sides
                self._turn.error(kind.value, strategy=strategy, side=side.value, reason=reason)
            self._refusals.stop(strategy, side, kind.value, reason, self._turn.now)

    def open(self, kind: StopKind) -> None:
        """End all stops of a kind."""
        if self._stops[kind]:
            self._stops[kind].clear()
            self._refusals.open(kind.value)
