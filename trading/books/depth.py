"""Functions of a book's levels: volume up to a price, price for a volume, levels without ours."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from trading.core.decimals import ZERO
from trading.core.market import PriceLevel, Side
from trading.orders.order import Order


def volume_to_price(levels: Sequence[PriceLevel], side: Side, price: Decimal) -> Decimal:
    """
    How much rests on a side up to a price, that price included.

    Args:
        levels: Of one side, best first.
        side: Which side they are of.
    """
    return sum((level.quantity for level in levels if _reaches(level, side, price)), start=ZERO)


def price_for_volume(levels: Iterable[PriceLevel], volume: Decimal) -> Decimal | None:
    """
    The price of the level at which a taker of ``volume`` is done; ``None`` if there is not enough.

    Args:
        levels: Of the side that is taken from, best first.
    """
    total = ZERO
    for level in levels:
        total += level.quantity
        if total >= volume:
            return level.price
    return None


def without_own(
    levels: Sequence[PriceLevel], side: Side, own: Iterable[Order]
) -> tuple[PriceLevel, ...]:
    """
    The levels as they would be without our own working orders; levels that were ours alone go.

    Our knowledge of an order and the venue's book are never of the same moment, so what remains
    of a level is at least zero, never negative.
    """
    return tuple(others_levels(levels, side, own))


def others_levels(
    levels: Sequence[PriceLevel], side: Side, own: Iterable[Order]
) -> Iterable[PriceLevel]:
    """As ``without_own``, but lazily: level by level, as far as the reader goes."""
    ours: dict[Decimal, Decimal] = {}
    for order in own:
        if order.side is side:
            ours[order.price] = ours.get(order.price, ZERO) + order.remaining_quantity
    return _rest(levels, ours) if ours else levels


def _rest(levels: Sequence[PriceLevel], ours: Mapping[Decimal, Decimal]) -> Iterable[PriceLevel]:
    for level in levels:
        own = ours.get(level.price)
        if own is None:
            yield level
        elif level.quantity > own:
            yield PriceLevel(level.price, level.quantity - own)


def _reaches(level: PriceLevel, side: Side, price: Decimal) -> bool:
    return level.price >= price if side is Side.BUY else level.price <= price
