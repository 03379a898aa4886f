"""
The interface of a venue to the actors: a codec, handshakes and REST calls, all as values.

A market venue is one whose markets can be looked at; a venue can be traded with as well.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import attrs
import msgspec

from trading.books.rules import BookRules
from trading.core.fees import Fees
from trading.core.identifiers import ClientOrderId, Pair, VenueOrderId
from trading.core.instrument import Instrument
from trading.core.listed import Listed, ListedBy
from trading.core.market import Balance, MarketPrices
from trading.messages.account import AccountEvent, OrderReport
from trading.messages.market import MarketEvent, SubscriptionRefused
from trading.orders.order import Fill, Order
from trading.orders.request_ids import Request
from trading.risk import CheckedAmendment, CheckedOrder
from trading.venues.rate_limits import RateLimit
from trading.venues.standing import KeyInfo, VenueStatus

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Call(Generic[T]):
    """
    One REST request and the way to read its answer.

    Args:
        verb: GET, POST or DELETE, upper case.
        path: From the first slash after the host, with the query.
        body: The exact text to send; empty for none.
        headers: What is sent besides; the venue's ``sign`` adds its own.
        signed: Whether it needs our key.
        decode: Reads the body of a success; raises ``MalformedFrame``.
        weight: Its weight in those of the venue's rate limits that are weighted.
    """

    verb: str
    path: str
    decode: Callable[[bytes], T]
    body: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    signed: bool = True
    weight: int = 1

    @property
    def harmless(self) -> bool:
        """Whether sending it again, or not knowing if it arrived, changes nothing."""
        return self.verb == "GET"


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a WebSocket upgrade asks for, and the rate limits it counts in.

    Args:
        headers: Signs, so it is called at the moment of sending and not before: a signature that
            has waited for its turn or for a connection may be too old for the venue.
        authenticated: Whether it has our key, which the venue is then to confirm.
        must_be_confirmed: Whether nothing is asked for before that; otherwise it is only waited
            for as long as it may take.
    """

    path: str
    headers: Callable[[], Mapping[str, str]]
    lanes: tuple[str, ...] = ()
    authenticated: bool = True
    must_be_confirmed: bool = True


Opening = Handshake | Call[Handshake]
"""How a connection begins; a call where the venue has to be asked by REST first."""


class Fetch(msgspec.Struct, frozen=True, kw_only=True):
    """
    A frame of market data that is asked for by REST.

    Args:
        call: Its answer is the text of a frame, which ``decode_market`` reads.
        refused: The event that a refusal by the venue amounts to.
    """

    call: Call[str]
    refused: SubscriptionRefused


Asked = str | Fetch
"""Something to ask for: a frame to send, or one to fetch."""


FillList = Callable[[int, Fill | None], Call[Listed[Fill]]]
"""
A list of our fills, newest first: the page after so many rows, the last of which was this fill.

Some venues count rows (``skip``), some go on from the id of a trade; no answer may be empty before
the list's end.
"""


class MarketSubscriptions(Protocol):
    """One connection's subscriptions to market data. Each method returns what to ask for."""

    def has_book(self, pair: Pair) -> bool:
        """Whether a pair's book may be waited for; a suspended one may have none."""
        ...

    def opening(self) -> Sequence[str]:
        """Subscribe to everything, once authenticated."""
        ...

    def renew(self, pair: Pair) -> Sequence[Asked]:
        """Ask for a fresh snapshot of a pair's book, safely."""
        ...

    def heard(self, event: MarketEvent) -> Sequence[Asked]:
        """
        The requests that follow from an event; differences of books need not be passed.

        Raises:
            Outage: No pair has a book to subscribe to.
        """
        ...


class MarketVenue(Protocol):
    """A venue as far as its market data goes; all of it is public."""

    # REST
    def sign(self, call: Call[T]) -> Call[T]:
        """
        Sign a request at the moment at which it leaves.

        A signature may be a header or a part of the query. Only path and headers change.
        """
        ...

    def rate_limits(self) -> Sequence[RateLimit]:
        """How often we may ask, lane by lane."""
        ...

    def lanes(self, call: Call[T]) -> Sequence[str]:
        """The rate limits that a REST call counts in."""
        ...

    def verdict(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
        """
        The body of a success.

        Args:
            body: What has come of it: a status that says enough stands without its body.
            headers: The answer's, with their names in lower case.

        Raises:
            Rejected: The venue refused, and nothing happened.
            OutcomeUnknown: The answer does not tell whether something happened.
            RateLimited: The venue asks for fewer requests; nothing happened.
            Outage: The venue is away; nothing happened.
            KeyRefused: Our key or its permissions will not do.
        """
        ...

    def server_time(self) -> Call[int]:
        """The venue's clock, nanoseconds since the epoch."""
        ...

    def market_prices(self, pair: Pair) -> Call[MarketPrices]:
        """Best and last prices of any pair, traded or not."""
        ...

    # Sockets
    def market_handshake(self) -> Opening: ...

    def market_subscriptions(self, pairs: Sequence[Pair]) -> MarketSubscriptions:
        """What a new connection subscribes to; a value of that connection."""
        ...

    @property
    def book_rules(self) -> BookRules:
        """How its books' changes follow on each other, and how a book is verified."""
        ...

    def decode_market(self, frame: str, received_at: float) -> Sequence[MarketEvent]:
        """
        Translate one frame.

        Raises:
            MalformedFrame: The frame is not of the protocol.
        """
        ...

    def ping(self) -> str | None:
        """The message that asks for a sign of life; ``None`` where a control frame asks."""
        ...

    def close_is_about_our_key(self, code: int, reason: str) -> bool:
        """Whether the close of a WebSocket means that our key or signature was refused."""
        ...


class Venue(MarketVenue, Protocol):
    """Everything venue-specific that an actor needs to trade."""

    # REST
    def status(self) -> Call[VenueStatus]:
        """Whether the venue takes orders at all."""
        ...

    def key_info(self) -> Call[KeyInfo]:
        """What our key may do."""
        ...

    def instruments(self) -> Call[ListedBy[Pair, Instrument]]: ...

    def order_types(self) -> Call[ListedBy[Pair, frozenset[str]]]:
        """The kinds of order that each pair takes."""
        ...

    def takes_quotes(self, types: frozenset[str]) -> bool:
        """Whether a pair that takes these kinds of order takes ours."""
        ...

    def speaks_of_rules(self, reason: str) -> bool:
        """Whether a refusal of an order may mean that the pair's rules have changed."""
        ...

    def balances(self) -> Call[Listed[Balance]]: ...

    def fees(self) -> Call[ListedBy[Pair, Fees]]: ...

    def open_orders(self) -> Call[Listed[OrderReport]]: ...

    def order_status(self, pair: Pair, order_id: ClientOrderId) -> Call[OrderReport]:
        """
        The report of one order.

        An order that the venue does not know is answered by ``Rejected``, which soon after a
        placement proves nothing.
        """
        ...

    def ended_orders(self) -> Call[Listed[OrderReport]]:
        """The newest orders that have ended, those cancelled unfilled among them."""
        ...

    def fill_lists(self, pairs: Collection[Pair]) -> Sequence[FillList]:
        """The lists with all our fills of these pairs: one of the account, or one of each pair."""
        ...

    def place(self, order: CheckedOrder) -> Call[VenueOrderId]:
        """Queue a new order; its success is no outcome."""
        ...

    def amend(self, amendment: CheckedAmendment) -> Call[VenueOrderId]:
        """
        Queue a change of a named order's quantity.

        Its success is no outcome, and names the change, not the order.
        """
        ...

    def cancel(
        self,
        pair: Pair,
        venue_order_id: VenueOrderId | None,
        client_order_id: ClientOrderId | None,
    ) -> Call[None]:
        """Queue a cancel, by the venue's id where there is one; its success ends nothing."""
        ...

    # Sockets
    def account_handshake(self) -> Opening: ...

    def account_opening(self) -> Sequence[str]: ...

    def decode_account(self, frame: str) -> Sequence[AccountEvent]:
        """
        Translate one frame.

        Raises:
            MalformedFrame: The frame is not of the protocol.
        """
        ...

    def request_lanes(self, request: Request) -> Sequence[str]:
        """The rate limits that a request about an order counts in, on the socket."""
        ...

    def place_frame(self, order: CheckedOrder, request_id: str) -> str: ...

    def cancel_frame(self, order: Order, request_id: str) -> str: ...

    def amend_frame(self, amendment: CheckedAmendment, request_id: str) -> str: ...
