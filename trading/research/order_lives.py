"""Lives of orders: how much of them was filled, how long they stood, and what the queue did."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.market import SIDES
from trading.research.exact import exact
from trading.research.quantiles import quantile
from trading.research.result import Run, RunOrder
from trading.research.stated import NotStated

_QUANTILES = (0.1, 0.5, 0.9)
_BANDS_BPS = (5, 10, 20, 50)
_BPS = 10_000


@attrs.frozen(kw_only=True)
class Lives:
    """
    A group of orders that were at the venue.

    Args:
        orders: How many.
        whole: How many were filled whole.
        touched: How many were filled at all.
        fill_ratio: Σ filled / Σ quantity, by quantity.
        lifetimes_s: 10 %, 50 % and 90 % quantiles of the time from when an order was known to be
            at the venue to when it was known to have ended, in seconds.
        filled_s: The same of those that were filled whole.
    """

    orders: int
    whole: int
    touched: int
    fill_ratio: float
    lifetimes_s: tuple[float, float, float] | NotStated
    filled_s: tuple[float, float, float] | NotStated


@attrs.frozen(kw_only=True)
class Cancels:
    """
    What became of cancels.

    Args:
        asked: Orders that were asked to be cancelled.
        lost_race: Of these, how many were filled further all the same.
        lost_quantity: By how much, in base currency.
    """

    asked: int
    lost_race: int
    lost_quantity: Decimal


@attrs.frozen(kw_only=True)
class OrderLives:
    """
    All orders of a run.

    Args:
        never_there: Orders that were never known to be at the venue: refused, or given up.
        groups: By side, and by level; where levels are not written down by the distance from the
            mid price of the decision. The first is of all.
        by_level: Whether the last groups are levels.
    """

    never_there: int
    groups: Mapping[str, Lives]
    by_level: bool
    cancels: Cancels | NotStated


def order_lives(run: Run) -> OrderLives:
    """What became of the orders of a run."""
    there = [order for order in run.orders if order.placed_ns is not None]
    groups: dict[str, Sequence[RunOrder]] = {"all": there}
    for side in SIDES:
        groups[side.value] = [order for order in there if order.side is side]
    by_level = bool(there) and all(order.level is not None for order in there)
    groups.update(_grouped(there, _level if by_level else _band))
    return OrderLives(
        never_there=len(run.orders) - len(there),
        groups={name: lives(orders) for name, orders in groups.items()},
        by_level=by_level,
        cancels=_cancels(run),
    )


def _cancels(run: Run) -> Cancels | NotStated:
    if not run.tells_cancels:
        return NotStated("cancels are not recorded")
    asked = [order for order in run.orders if order.cancel_sent_ns is not None]
    with exact():
        lost = [order.filled - (order.filled_at_cancel or ZERO) for order in asked]
        lost_quantity = sum((more for more in lost if more > ZERO), ZERO)
    return Cancels(
        asked=len(asked),
        lost_race=sum(1 for more in lost if more > ZERO),
        lost_quantity=lost_quantity,
    )


def lives(orders: Sequence[RunOrder]) -> Lives:
    """What became of a group of orders, all of which were at the venue."""
    with exact():
        quantity = sum((order.quantity for order in orders), ZERO)
        filled = sum((order.filled for order in orders), ZERO)
    return Lives(
        orders=len(orders),
        whole=sum(1 for order in orders if _whole(order)),
        touched=sum(1 for order in orders if order.filled > ZERO),
        fill_ratio=float(filled) / float(quantity) if quantity else 0.0,
        lifetimes_s=_lifetimes(orders),
        filled_s=_lifetimes(order for order in orders if _whole(order)),
    )


def _whole(order: RunOrder) -> bool:
    return order.quantity > ZERO and order.filled >= order.quantity


def _lifetimes(orders: Iterable[RunOrder]) -> tuple[float, float, float] | NotStated:
    seconds = sorted(
        (order.ended_ns - order.placed_ns) / 1e9
        for order in orders
        if order.placed_ns is not None and order.ended_ns is not None
    )
    if not seconds:
        return NotStated("no such order has ended")
    low, middle, high = (quantile(seconds, share) for share in _QUANTILES)
    return low, middle, high


def _grouped(
    orders: Sequence[RunOrder], name_of: Callable[[RunOrder], tuple[int, str]]
) -> dict[str, Sequence[RunOrder]]:
    found: dict[tuple[int, str], list[RunOrder]] = {}
    for order in orders:
        found.setdefault(name_of(order), []).append(order)
    return {name: found[place, name] for place, name in sorted(found)}


def _level(order: RunOrder) -> tuple[int, str]:
    assert order.level is not None, "levels are written down"
    return order.level, f"level {order.level + 1}"


def _band(order: RunOrder) -> tuple[int, str]:
    if order.mid_price is None or order.mid_price <= ZERO:
        return len(_BANDS_BPS) + 1, "distance not known"
    bps = float(abs(order.price - order.mid_price)) / float(order.mid_price) * _BPS
    for place, bound in enumerate(_BANDS_BPS):
        if bps <= bound:
            return place, f"up to {bound} bps"
    return len(_BANDS_BPS), f"beyond {_BANDS_BPS[-1]} bps"


_ONLY_AT_PLACING = NotStated("what is ahead is told when an order is placed alone")


@attrs.frozen(kw_only=True)
class QueueFigures:
    """
    What was ahead of orders at their price, in base currency.

    Args:
        known: ``exact``, or the model's name.
        orders: Of how many it is known.
        at_placing: 10 %, 50 % and 90 % quantiles when they were placed.
        best: The same of the least there ever was.
        reached_front: How many of these had nothing ahead at some time.
    """

    known: str
    orders: int
    at_placing: tuple[float, float, float]
    best: tuple[float, float, float] | NotStated
    reached_front: int | NotStated


def queue_figures(run: Run) -> QueueFigures | NotStated:
    """The queue of a run, where it is known."""
    ahead = sorted(float(one.queue_ahead) for one in run.orders if one.queue_ahead is not None)
    best = sorted(float(one.queue_best) for one in run.orders if one.queue_best is not None)
    if not ahead:
        return NotStated(
            "what was ahead of the orders is not recorded; a backtest tells it, by its model"
        )
    return QueueFigures(
        known=run.queue,
        orders=len(ahead),
        at_placing=_three(ahead),
        best=_three(best) if best else _ONLY_AT_PLACING,
        reached_front=sum(1 for one in best if one <= 0) if best else _ONLY_AT_PLACING,
    )


def _three(ordered: Sequence[float]) -> tuple[float, float, float]:
    low, middle, high = (quantile(ordered, share) for share in _QUANTILES)
    return low, middle, high
