"""Queue models whose cancels are drawn, so that several tries say how likely a fill is."""

import math
from collections.abc import Callable, Mapping
from random import Random

import attrs

from trading.simulator.matching.places import Place

Shape = Callable[[float], float]
"""f of f(behind) / (f(behind) + f(ahead)), of lots."""


@attrs.define
class _DrawnPlace:
    """
    Each cancel leaves as a whole, before or behind an order.

    It is behind with the chance that ``power:n`` and ``log`` take as its share.
    """

    _shape: Shape
    _random: Random
    _front: int
    _traded: int = 0

    @property
    def ahead(self) -> int:
        return self._front

    def is_ahead(self, order_id: int) -> bool:  # noqa: ARG002 - part of the protocol
        return False

    def traded(self, passed: int, quantity: int) -> None:
        self._front = max(0, self._front - passed)
        self._traded += quantity

    def level_changed(self, before: int, now: int) -> None:
        cancelled = before - now - self._traded
        self._traded = 0
        if cancelled > 0:
            back = max(0, before - self._front)
            behind, ahead = self._shape(back), self._shape(self._front)
            share = behind / (behind + ahead) if behind + ahead else 1.0
            if self._random.random() < share:
                self._front -= max(0, cancelled - back)
            else:
                self._front -= min(cancelled, self._front)
        self._front = max(0, min(self._front, now))

    def order_left(self, order_id: int, lots: int) -> None:
        """Its level changes too, which says enough."""


@attrs.frozen
class ByChance:
    """
    A model with drawn cancels.

    Args:
        random: What they are drawn with.
    """

    name: str
    shape: Shape
    random: Random
    exact: bool = False

    def joined(self, level: int, orders: Mapping[int, int]) -> Place:  # noqa: ARG002 - the protocol
        return _DrawnPlace(self.shape, self.random, level)


def power_shape(n: float) -> Shape:
    """Of ``power:n``."""
    return lambda lots: float(lots**n)


def log_shape(lot_size: float) -> Shape:
    """Of ``log``; a lot in base currency."""
    return lambda lots: math.log1p(lots * lot_size)
