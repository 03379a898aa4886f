"""
Market data messages from the venue.

Book changes are by far the most frequent ones. As structs they are ten times cheaper to make than
attrs values; holding nothing but texts and numbers they can be in no cycle (gc). Their prices and
quantities stay the wire's own text, which the checksum needs; that they are plain numbers is
checked once, when the message is made.
"""

from decimal import Decimal

import msgspec

from trading.core.decimals import PositiveNumbers, is_plain_number
from trading.core.identifiers import Pair, VenueOrderId
from trading.core.market import PriceLevel, Trade
from trading.messages.sockets import Authenticated, Heartbeat, Unrecognised, VenueComplaint

Rows = tuple[tuple[str, str], ...]
"""Prices, of more than zero, and the quantities at them, of zero or more."""

_is_price = PositiveNumbers()


class BookSnapshot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    A whole book.

    Args:
        bids: (price, quantity), in any order.
        asks: (price, quantity), in any order.
        received_at: Monotonic seconds.
        stands_alone: Every frame of its feed is a whole book, and no differences follow.

    Raises:
        ValueError: A price or quantity is not a plain positive decimal number.
    """

    pair: Pair
    bids: Rows
    asks: Rows
    sequence: int
    checksum: int | None
    received_at: float
    stands_alone: bool = False

    def __post_init__(self) -> None:
        for price, quantity in self.bids + self.asks:
            if not (_is_price[price] and (quantity == "0" or is_plain_number(quantity))):
                raise _impossible(price, quantity)


class BookDiff(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    Changed levels: the new quantity at each price, ``"0"`` where the level is gone.

    Args:
        sequence: The number of its last change.
        first: The number of its first change; ``None`` where each difference is one change.

    Raises:
        ValueError: A price or quantity is not a plain positive decimal number.
    """

    pair: Pair
    bids: Rows
    asks: Rows
    sequence: int
    checksum: int | None
    received_at: float
    first: int | None = None

    def __post_init__(self) -> None:
        for price, quantity in self.bids + self.asks:
            if not (_is_price[price] and (quantity == "0" or is_plain_number(quantity))):
                raise _impossible(price, quantity)


LevelChange = BookSnapshot | BookDiff

QueuedLevel = tuple[str, tuple[tuple[VenueOrderId, str], ...]]
"""A price and the (order id, quantity) entries at it, in the wire's own text and order."""


class QueueSnapshot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    A whole book, order by order in the order of the queues.

    Raises:
        ValueError: A price or quantity is not a plain positive decimal number.
    """

    pair: Pair
    bids: tuple[QueuedLevel, ...]
    asks: tuple[QueuedLevel, ...]
    sequence: int
    checksum: int | None
    received_at: float

    def __post_init__(self) -> None:
        _check_queues(self.bids + self.asks)


class QueueDiff(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    Changed orders: the new quantity of each, ``"0"`` where the order is gone.

    Raises:
        ValueError: A price or quantity is not a plain positive decimal number.
    """

    pair: Pair
    bids: tuple[QueuedLevel, ...]
    asks: tuple[QueuedLevel, ...]
    sequence: int
    checksum: int | None
    received_at: float

    def __post_init__(self) -> None:
        _check_queues(self.bids + self.asks)

    @property
    def entries(self) -> int:
        """How many order entries it has, by which the sequence advances."""
        return sum([len(orders) for _, orders in self.bids + self.asks])


QueueChange = QueueSnapshot | QueueDiff


def _check_queues(levels: tuple[QueuedLevel, ...]) -> None:
    for price, orders in levels:
        if not _is_price[price]:
            raise _impossible(price, "".join([quantity for _, quantity in orders[:1]]))
        for _, quantity in orders:
            if quantity != "0" and not is_plain_number(quantity):
                raise _impossible(price, quantity)


def _impossible(price: str, quantity: str) -> ValueError:
    return ValueError(
        f"no level of a book: {quantity[:60]!r} at a price of {price[:60]!r}, not plain numbers"
    )


BookChange = LevelChange | QueueChange
"""A change of one pair's book, of whichever kind the feed is."""


class BookGarbled(msgspec.Struct, frozen=True):
    """Something about a book came that cannot be read: the book is a guess from here on."""

    reason: str


BookNews = BookChange | BookGarbled | Heartbeat
"""All that the keeper of a book is told."""


class TradeHappened(msgspec.Struct, frozen=True):
    trade: Trade


class Subscribed(msgspec.Struct, frozen=True):
    """The venue will send an event for a pair."""

    event: str
    pair: Pair


class Unsubscribed(msgspec.Struct, frozen=True):
    event: str
    pair: Pair


class SubscriptionRefused(msgspec.Struct, frozen=True):
    """The venue has no such event for a pair; the other pairs of the request are not concerned."""

    event: str
    pair: Pair


class DepthShown(msgspec.Struct, frozen=True, kw_only=True):
    """
    The best levels of a book, whole, without sequence or checksum.

    Args:
        changed_at_ms: The venue's wall clock; ``None`` where it does not say.
    """

    pair: Pair
    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]
    changed_at_ms: int | None


class SummaryChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A pair's prices as the venue sums them up; zero where there is none."""

    pair: Pair
    best_bid: Decimal
    best_ask: Decimal
    last_price: Decimal
    created_at_ms: int


class MarkPriceChanged(msgspec.Struct, frozen=True):
    pair: Pair
    price: Decimal


class CandleChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Trades of one span of time, ``start_ms`` on the venue's wall clock; volume in base."""

    pair: Pair
    period_s: int
    start_ms: int
    open_price: Decimal
    high_price: Decimal
    low_price: Decimal
    close_price: Decimal
    volume: Decimal


class OrderTypesChanged(msgspec.Struct, frozen=True):
    """The kinds of order that a pair takes from now on; none means that it is suspended."""

    pair: Pair
    types: frozenset[str]


MarketEvent = (
    BookSnapshot
    | BookDiff
    | QueueSnapshot
    | QueueDiff
    | DepthShown
    | TradeHappened
    | SummaryChanged
    | MarkPriceChanged
    | CandleChanged
    | OrderTypesChanged
    | Subscribed
    | Unsubscribed
    | SubscriptionRefused
    | Authenticated
    | Heartbeat
    | VenueComplaint
    | Unrecognised
)
