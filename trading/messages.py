"""Every message that actors exchange: frozen values, named for what happened."""

import enum
from decimal import Decimal

import attrs
import msgspec

from trading.identifiers import ClientOrderId, Pair, StrategyName, VenueOrderId
from trading.market import Balance, PriceLevel, Side, Trade
from trading.opening import Opening
from trading.orders import Fill, Order, OrderEvent
from trading.strategies.interface import Amend, CompletedOrders, Quote

# From the venue, on any socket.


@attrs.frozen
class Authenticated:
    """The venue knows who we are."""


@attrs.frozen
class Heartbeat:
    """The venue answered a ping."""


@attrs.frozen
class VenueComplaint:
    """The venue did not like something that cannot be tied to one request."""

    message: str


@attrs.frozen
class Unrecognised:
    """A well-formed message of a kind we do not know: counted, reported, otherwise ignored."""

    kind: str


# Market data. Book changes are by far the most frequent messages, and a tenth as dear to make as
# attrs values; holding nothing but texts and numbers they can be in no cycle (gc).


class BookSnapshot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    A whole book. Prices and quantities stay the wire's own text: the checksum needs it.

    Args:
        bids: (price, quantity), in any order.
        asks: (price, quantity), in any order.
        received_at: Monotonic seconds.
    """

    pair: Pair
    bids: tuple[tuple[str, str], ...]
    asks: tuple[tuple[str, str], ...]
    sequence: int
    checksum: int | None
    received_at: float


class BookDiff(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Changed levels: the new quantity at each price, ``"0"`` where the level is gone."""

    pair: Pair
    bids: tuple[tuple[str, str], ...]
    asks: tuple[tuple[str, str], ...]
    sequence: int
    checksum: int | None
    received_at: float


LevelChange = BookSnapshot | BookDiff

QueuedLevel = tuple[str, tuple[tuple[VenueOrderId, str], ...]]
"""A price and the (order id, quantity) entries at it, in the wire's own text and order."""


class QueueSnapshot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A whole book, order by order in the order of the queues."""

    pair: Pair
    bids: tuple[QueuedLevel, ...]
    asks: tuple[QueuedLevel, ...]
    sequence: int
    checksum: int | None
    received_at: float


class QueueDiff(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Changed orders: the new quantity of each, ``"0"`` where the order is gone."""

    pair: Pair
    bids: tuple[QueuedLevel, ...]
    asks: tuple[QueuedLevel, ...]
    sequence: int
    checksum: int | None
    received_at: float

    @property
    def entries(self) -> int:
        """How many order entries it has, by which the sequence advances."""
        return sum(len(orders) for _, orders in (*self.bids, *self.asks))


QueueChange = QueueSnapshot | QueueDiff

BookChange = LevelChange | QueueChange
"""A change of one pair's book, of whichever kind the feed is."""


@attrs.frozen
class BookGarbled:
    """Something about a book came that cannot be read: the book is a guess from here on."""

    reason: str


BookNews = BookChange | BookGarbled | Heartbeat
"""All that the keeper of a book is told."""


@attrs.frozen
class TradeHappened:
    trade: Trade


@attrs.frozen
class Subscribed:
    """The venue will send an event for a pair."""

    event: str
    pair: Pair


@attrs.frozen
class Unsubscribed:
    event: str
    pair: Pair


@attrs.frozen
class SubscriptionRefused:
    """The venue has no such event for a pair; the other pairs of the request are not concerned."""

    event: str
    pair: Pair


@attrs.frozen(kw_only=True)
class DepthShown:
    """The best levels of a book, whole, without sequence or checksum."""

    pair: Pair
    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]
    changed_at_ms: int


@attrs.frozen(kw_only=True)
class SummaryChanged:
    """A pair's prices as the venue sums them up; zero where there is none."""

    pair: Pair
    best_bid: Decimal
    best_ask: Decimal
    last_price: Decimal
    created_at_ms: int


@attrs.frozen
class MarkPriceChanged:
    pair: Pair
    price: Decimal


@attrs.frozen(kw_only=True)
class CandleChanged:
    """Trades of one span of time, ``start_ms`` on the venue's wall clock; volume in base."""

    pair: Pair
    period_s: int
    start_ms: int
    open_price: Decimal
    high_price: Decimal
    low_price: Decimal
    close_price: Decimal
    volume: Decimal


@attrs.frozen
class OrderTypesChanged:
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

# The account's stream.


@attrs.frozen(kw_only=True)
class OrderReport:
    """
    What the venue says about one order, from whichever message or list.

    Args:
        event: What its status means for an order of ours; ``None`` for a status we do not know.
        updated_at_ms: The venue's wall clock.
    """

    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    pair: Pair
    side: Side
    price: Decimal
    quantity: Decimal
    remaining_quantity: Decimal
    event: OrderEvent | None
    status_text: str
    reason: str = ""
    updated_at_ms: int = 0


@attrs.frozen
class BalanceChanged:
    """The new absolute balance of one currency."""

    balance: Balance


@attrs.frozen
class OpenOrdersListed:
    """Some orders that were open at some moment. Presence is evidence, absence is none."""

    reports: tuple[OrderReport, ...]


@attrs.frozen
class OrderReported:
    report: OrderReport


@attrs.frozen(kw_only=True)
class OrderProcessed:
    """The matching engine's yes or no to a placement."""

    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    success: bool
    reason: str


@attrs.frozen(kw_only=True)
class RequestAcknowledged:
    """The venue took a request and queued it. An acknowledgement is not an outcome."""

    request_id: str
    venue_order_id: VenueOrderId | None
    client_order_id: ClientOrderId | None


@attrs.frozen(kw_only=True)
class RequestRefused:
    """The venue did not take a request at all."""

    request_id: str
    reason: str
    rate_limited: bool = False


@attrs.frozen(kw_only=True)
class AnswerUnclear:
    """The venue answered a request with neither a name nor an error: what became of it is open."""

    request_id: str
    reason: str


@attrs.frozen(kw_only=True)
class OrderAmended:
    """The matching engine's yes or no to a change of a working order."""

    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    success: bool
    reason: str = ""


@attrs.frozen(kw_only=True)
class BatchLeg:
    """What became of one request of a batch; accepted means queued, no more."""

    accepted: bool
    venue_order_id: VenueOrderId | None
    client_order_id: ClientOrderId | None
    reason: str = ""


@attrs.frozen
class BatchAnswered:
    """The venue took a batch; its legs in the order of the requests, where it tells them."""

    request_id: str
    legs: tuple[BatchLeg, ...]


@attrs.frozen
class CancelRefused:
    """The venue could not cancel: the order may be gone, filled, or still there."""

    venue_order_id: VenueOrderId
    reason: str


@attrs.frozen
class CancelOnDisconnectSet:
    armed: bool


@attrs.frozen
class FillReported:
    """
    A fill of ours.

    Args:
        listed: Whether it stands in the venue's list of fills; else the stream tells it.
    """

    fill: Fill
    listed: bool = False


@attrs.frozen
class OrderNotFound:
    """The venue answered that it knows no such order; soon after a placement this proves little."""

    client_order_id: ClientOrderId


@attrs.frozen
class NewsGarbled:
    """Something came on the account's stream that cannot be read: what it said must be asked."""

    reason: str


@attrs.frozen
class AccountSessionOpened:
    """The account's stream begins (again): what happened before it must be looked up."""


@attrs.frozen
class AccountSessionLost:
    """The account's stream ended: answers to what was sent on it will not come."""


OrderNews = (
    OpenOrdersListed
    | OrderReported
    | OrderProcessed
    | OrderAmended
    | BatchAnswered
    | RequestAcknowledged
    | RequestRefused
    | AnswerUnclear
    | CancelRefused
    | FillReported
    | OrderNotFound
    | NewsGarbled
    | AccountSessionOpened
    | AccountSessionLost
)
"""What the order gateway must hear, all of it, in order."""

AccountEvent = (
    OrderNews
    | BalanceChanged
    | CancelOnDisconnectSet
    | Authenticated
    | Heartbeat
    | VenueComplaint
    | Unrecognised
)

# Between strategy and gateway.


@attrs.frozen(kw_only=True)
class Instruction:
    """
    A strategy's decision on its way to the gateway; cancels go first.

    Args:
        amends: Orders to make smaller in their place.
        number: Counts up within a life of the strategy; the gateway's view of the working orders
            says which instruction it already contains.
    """

    strategy: StrategyName
    number: int
    cancels: tuple[ClientOrderId, ...]
    places: tuple[Quote, ...]
    amends: tuple[Amend, ...] = ()


class ShutBy(enum.Enum):
    """Who kept an order, or a whole side, from the venue's book."""

    GATEWAY = "gateway"
    LIMITS = "limits"
    VENUE = "venue"


@attrs.frozen(kw_only=True)
class ShutOut:
    """
    Why an order of a side does not stand: what became of the last instruction for that side.

    Args:
        code: A stable word: a limit's of docs/risk.md, ``not_permitted``, ``not_sent``,
            ``venue_rejected``, ``side_stopped``, ``side_suspected`` or ``balance_drift``.
        sentence: For a person, with the figures in it.
        at: Monotonic seconds.
        price: Of the order, in quote currency; ``None`` where the whole side is shut.
        quantity: Of the order, in base currency.
        opening: What would let it through.
    """

    by: ShutBy
    side: Side
    code: str
    sentence: str
    at: float
    price: Decimal | None = None
    quantity: Decimal | None = None
    opening: Opening | None = None


@attrs.frozen(kw_only=True)
class WorkingOrders:
    """
    A strategy's orders that are not terminal, oldest first, as the gateway knows them.

    Args:
        instruction: The number of the last instruction that is contained in this view.
        reconciled: Whether the venue's own lists have been compared since the stream began.
        shut_out: Why orders that were instructed do not stand; for whoever asks, not to decide by.
    """

    orders: tuple[Order, ...]
    completed: CompletedOrders
    instruction: int
    reconciled: bool
    shut_out: tuple[ShutOut, ...] = ()


@attrs.frozen(kw_only=True)
class FlatProof:
    """
    Whether the venue's own list of open orders shows that nothing of ours is left.

    Args:
        left: What it still showed when last read.
        trouble: Why there is no proof, in words; empty when there is.
    """

    proven: bool
    left: tuple[OrderReport, ...] = ()
    trouble: str = ""
