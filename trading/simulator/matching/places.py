"""
Queue models: how much rests before an order of ours, as a market that we only look at tells it.

The names and formulas of the models are hftbacktest's (``RiskAdverseQueueModel``,
``ProbQueueModel``, ``L3FIFOQueueModel``), so that results can be compared.
"""

import math
from collections.abc import Callable, Mapping
from typing import Protocol

import attrs


class Place(Protocol):
    """One order's place in the queue of its price; quantities in lots."""

    @property
    def ahead(self) -> int:
        """Recorded lots that must go before the order is filled."""
        ...

    def is_ahead(self, order_id: int) -> bool:
        """Whether a recorded order is before ours; ``False`` where orders are not told apart."""
        ...

    def traded(self, passed: int, quantity: int) -> None:
        """
        Take a trade at the price.

        Args:
            passed: Recorded lots before the order that it took.
            quantity: The whole trade, by which the recorded level is still to shrink.
        """
        ...

    def level_changed(self, before: int, now: int) -> None:
        """Take the recorded total of the price."""
        ...

    def order_left(self, order_id: int, lots: int) -> None:
        """Take that so much of a recorded order of this price has left."""
        ...


class QueueModel(Protocol):
    """
    What is believed of a queue.

    Attributes:
        name: As ``queue_model`` reads it.
        exact: Whether it needs a recording order by order.
    """

    @property
    def name(self) -> str: ...

    @property
    def exact(self) -> bool: ...

    def joined(self, level: int, orders: Mapping[int, int]) -> Place:
        """
        Put an order at the back.

        Args:
            level: Recorded lots at its price now.
            orders: The recorded orders there by id, first comes first; empty if not told apart.
        """
        ...


@attrs.define
class _RiskAversePlace:
    ahead: int

    def is_ahead(self, order_id: int) -> bool:  # noqa: ARG002 - part of the protocol
        return False

    def traded(self, passed: int, quantity: int) -> None:  # noqa: ARG002 - part of the protocol
        self.ahead -= passed

    def level_changed(self, before: int, now: int) -> None:  # noqa: ARG002 - part of the protocol
        self.ahead = min(self.ahead, now)

    def order_left(self, order_id: int, lots: int) -> None:
        """Its level changes too, which says enough."""


@attrs.frozen
class RiskAverse:
    """Only trades advance an order; cancels are taken from behind it as far as possible."""

    name: str = "risk_averse"
    exact: bool = False

    def joined(self, level: int, orders: Mapping[int, int]) -> Place:  # noqa: ARG002 - the protocol
        return _RiskAversePlace(level)


@attrs.define
class _ProbablePlace:
    """
    Cancels leave before and behind an order, by a share that is expected of each.

    The level shrinks by the trades that were counted already; only a decrease beyond them is a
    cancel, of which f(behind) / (f(behind) + f(ahead)) leaves behind the order.
    """

    _shape: Callable[[float], float]
    _front: float
    _traded: int = 0

    @property
    def ahead(self) -> int:
        # Rounded up: less than a lot before us is still an order that has to go first.
        return math.ceil(self._front - 1e-9)

    def is_ahead(self, order_id: int) -> bool:  # noqa: ARG002 - part of the protocol
        return False

    def traded(self, passed: int, quantity: int) -> None:
        self._front = max(0.0, self._front - passed)
        self._traded += quantity

    def level_changed(self, before: int, now: int) -> None:
        cancelled = before - now - self._traded
        self._traded = 0
        if cancelled > 0:
            front = self._front
            back = max(0.0, before - front)
            behind, in_front = self._shape(back), self._shape(front)
            share = behind / (behind + in_front) if behind + in_front else 1.0
            beyond = min(0.0, back - share * cancelled)
            self._front = max(0.0, front - (1.0 - share) * cancelled + beyond)
        self._front = min(self._front, float(now))

    def order_left(self, order_id: int, lots: int) -> None:
        """Its level changes too, which says enough."""


@attrs.frozen
class Power:
    """
    Cancels are shared by ``f(x) = x ** n``; hftbacktest's ``PowerProbQueueModel``.

    Args:
        n: Above zero; the higher it is, the more of the cancels leave from the longer part.
    """

    n: float
    exact: bool = False

    @property
    def name(self) -> str:
        return f"power:{self.n:g}"

    def joined(self, level: int, orders: Mapping[int, int]) -> Place:  # noqa: ARG002 - the protocol
        return _ProbablePlace(self._shape, float(level))

    def _shape(self, lots: float) -> float:
        return float(lots**self.n)


@attrs.frozen
class Log:
    """
    Cancels are shared by ``f(x) = log(1 + x)``; hftbacktest's ``LogProbQueueModel``.

    Args:
        lot_size: A lot in base currency, in which x is counted: here the unit matters.
    """

    lot_size: float = 1.0
    name: str = "log"
    exact: bool = False

    def joined(self, level: int, orders: Mapping[int, int]) -> Place:  # noqa: ARG002 - the protocol
        return _ProbablePlace(self._shape, float(level))

    def _shape(self, lots: float) -> float:
        return math.log1p(lots * self.lot_size)


@attrs.define
class _ExactPlace:
    """Those before an order, one by one; a trade is counted once though they leave after it."""

    _orders: dict[int, int]
    _traded: int = 0

    @property
    def ahead(self) -> int:
        return max(0, sum(self._orders.values()) - self._traded)

    def is_ahead(self, order_id: int) -> bool:
        return order_id in self._orders

    def traded(self, passed: int, quantity: int) -> None:  # noqa: ARG002 - part of the protocol
        self._traded += passed

    def level_changed(self, before: int, now: int) -> None:
        """The orders themselves are told."""

    def order_left(self, order_id: int, lots: int) -> None:
        there = self._orders.get(order_id)
        if there is None:
            return
        self._traded = max(0, self._traded - min(lots, there))
        if lots >= there:
            del self._orders[order_id]
        else:
            self._orders[order_id] = there - lots


@attrs.frozen
class Exact:
    """Orders that were before ours leave one by one: nothing is guessed."""

    name: str = "l3"
    exact: bool = True

    def joined(self, level: int, orders: Mapping[int, int]) -> Place:  # noqa: ARG002 - the protocol
        return _ExactPlace(dict(orders))


RISK_AVERSE = RiskAverse()


def queue_model(text: str, lot_size: float = 1.0) -> QueueModel:
    """
    Read a model's name: ``risk_averse``, ``power:n``, ``log`` or ``l3``.

    Args:
        lot_size: Of the recording, in base currency.

    Raises:
        ValueError: There is no such model, or n is not a number above zero.
    """
    kind, _, argument = text.partition(":")
    plain: dict[str, QueueModel] = {"risk_averse": RISK_AVERSE, "log": Log(lot_size), "l3": Exact()}
    if kind == "power":
        try:
            n = float(argument)
        except ValueError:
            n = math.nan
        if not 0 < n < math.inf:
            raise ValueError(f"{text!r}: after power: comes a number above zero, as in power:2")
        return Power(n)
    if text not in plain:
        raise ValueError(f"{text!r} is no queue model; there are risk_averse, power:n, log, l3")
    return plain[text]
