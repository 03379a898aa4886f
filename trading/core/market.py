"""Words of the market: sides, levels, the top of a book, trades."""

import enum
from decimal import Decimal

import attrs
import msgspec

from trading.core.enumeration import TableKey
from trading.core.identifiers import Currency, Pair, TradeId


class Side(TableKey):
    """Whether an order, or the taker of a trade, buys or sells the base currency."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


SIDES = (Side.BUY, Side.SELL)
"""Both, in the order in which quotes are placed; to go through an enumeration takes longer."""


class TimeInForce(enum.Enum):
    """How long an order works: until cancelled, or only against what rests right now."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class PriceLevel(msgspec.Struct, frozen=True, gc=False):
    """
    All that rests at one price; a struct, for twenty of them are made for each change of a book.

    Args:
        price: In quote currency.
        quantity: In base currency.
    """

    price: Decimal
    quantity: Decimal


class TopOfBook(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    The best of a book that is in sequence, verified and not crossed; a struct, as levels are.

    Args:
        bids: Best first, at least one.
        asks: Best first, at least one.
        sequence: The venue's number of the last change applied.
        received_at: Monotonic seconds at which that change was read.
    """

    pair: Pair
    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]
    sequence: int
    received_at: float

    @property
    def best_bid(self) -> Decimal:
        return self.bids[0].price

    @property
    def best_ask(self) -> Decimal:
        return self.asks[0].price

    @property
    def mid_price(self) -> Decimal:
        return (self.best_bid + self.best_ask) / 2


@attrs.frozen(kw_only=True)
class Trade:
    """
    Anyone's trade.

    Args:
        taker_side: What the aggressor did.
        traded_at_ms: The venue's wall clock, milliseconds since the epoch.
    """

    pair: Pair
    price: Decimal
    quantity: Decimal
    taker_side: Side
    trade_id: TradeId | None
    traded_at_ms: int


class MarketPrices(msgspec.Struct, frozen=True, kw_only=True):
    """A market's prices, as its venue sums them up; ``None`` where there is none."""

    best_bid: Decimal | None
    best_ask: Decimal | None
    last_trade: Decimal | None


class SeenPrices(msgspec.Struct, frozen=True):
    """
    Prices with their age.

    Args:
        at: Monotonic seconds at which the venue was asked.
    """

    prices: MarketPrices
    at: float


@attrs.frozen(kw_only=True)
class Balance:
    """
    What the account holds of one currency.

    Args:
        available: Free to use in new orders.
        reserved: Held by working orders.
        updated_at_ms: The venue's wall clock; tells the newer of two apart.
    """

    currency: Currency
    available: Decimal
    reserved: Decimal
    updated_at_ms: int = 0

    @property
    def total(self) -> Decimal:
        return self.available + self.reserved
