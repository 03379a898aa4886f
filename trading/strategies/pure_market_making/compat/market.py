"""The input of one tick of the original, and the requests that it sends."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import attrs
import msgspec

from trading.core.market import PriceLevel, Side


class ProposalFailed(Exception):
    """The original's tick ends here with an exception: nothing more is done in it (Q2)."""


@attrs.frozen(kw_only=True)
class Book:
    """
    A market's book and its last trade.

    Args:
        bids: Best first; may be empty.
        asks: Best first; may be empty.
        last_trade: ``None`` while there was none.
    """

    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]
    last_trade: Decimal | None = None


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that one tick looks at.

    Args:
        now: Seconds; whole seconds in the original.
        own: The market that is traded.
        reference: Another market to take the price from; ``None`` for the own one.
        custom_price: Of the custom source, where that is configured.
        inventory_cost: Of one unit of base currency; ``None`` while not known.
        base: Available, in base currency.
        quote: Available, in quote currency.
        fee: Of the maker, as a fraction of the notional.
    """

    now: float
    own: Book
    reference: Book | None = None
    custom_price: Decimal | None = None
    inventory_cost: Decimal | None = None
    base: Decimal
    quote: Decimal
    fee: Decimal
    tick_size: Decimal
    lot_size: Decimal

    def to_tick(self, price: Decimal) -> Decimal:
        """Down, for both sides (Q10)."""
        return (price / self.tick_size).to_integral_value(ROUND_FLOOR) * self.tick_size

    def to_lot(self, quantity: Decimal) -> Decimal:
        return (quantity / self.lot_size).to_integral_value(ROUND_FLOOR) * self.lot_size

    def ticks_beyond(self, price: Decimal, side: Side) -> Decimal:
        """One tick better than a price of that side of the book."""
        count = price / self.tick_size
        if side is Side.BUY:
            return (count.to_integral_value(ROUND_CEILING) + 1) * self.tick_size
        return (count.to_integral_value(ROUND_FLOOR) - 1) * self.tick_size


class Cancel(msgspec.Struct, frozen=True):
    """A request to cancel an order, by the number it was created with."""

    number: int


class Create(msgspec.Struct, frozen=True, kw_only=True):
    """A request for an order; the venue rounds price and quantity down."""

    number: int
    side: Side
    price: Decimal
    quantity: Decimal


Command = Cancel | Create
