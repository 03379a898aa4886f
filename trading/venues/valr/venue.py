"""
VALR as a ``Venue``: the interface that the actors use.

Members that need neither our key nor a setting are functions of the codec, not methods.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

import attrs
import msgspec

from trading.books.rules import BookRules
from trading.core.identifiers import ClientOrderId, Pair, VenueOrderId
from trading.orders.order import Order
from trading.orders.request_ids import Request
from trading.risk import CheckedAmendment, CheckedOrder
from trading.venues.interface import Call, FillList, Handshake
from trading.venues.rate_limits import RateLimit
from trading.venues.valr import errors, limits, order_frames
from trading.venues.valr.book_rules import RULES
from trading.venues.valr.codec.account import decode_account
from trading.venues.valr.codec.market import decode_market
from trading.venues.valr.rest import account as requests
from trading.venues.valr.rest import market as market_requests
from trading.venues.valr.rest import orders as order_requests
from trading.venues.valr.signing import Signer
from trading.venues.valr.subscriptions import BookFeed, Subscriptions

T = TypeVar("T")

_TRADE_PATH = "/ws/trade"
_LANES = {
    Request.PLACE: limits.PLACE,
    Request.AMEND: limits.MODIFY,
    Request.CANCEL: limits.CANCEL,
}
_NO_KEY = "without a key there is only public market data"
_CLOSE_INVALID_DATA, _CLOSE_POLICY = 1007, 1008


@attrs.frozen
class Valr:
    """
    VALR's protocol with our key.

    Args:
        signer: Signs both handshakes and every private request; with ``None`` there is nothing but
            public market data.
        book_feed: The feed of the books; a pair without that feed gets the next best.
    """

    signer: Signer | None
    book_feed: BookFeed = BookFeed.L1

    server_time = staticmethod(market_requests.server_time)
    status = staticmethod(market_requests.status)
    market_prices = staticmethod(market_requests.market_prices)
    order_types = staticmethod(market_requests.order_types)
    instruments = staticmethod(requests.instruments)
    balances = staticmethod(requests.balances)
    fees = staticmethod(requests.fees)
    open_orders = staticmethod(requests.open_orders)
    order_status = staticmethod(requests.order_status)
    ended_orders = staticmethod(order_requests.history)
    key_info = staticmethod(order_requests.key_info)

    decode_market = staticmethod(decode_market)
    decode_account = staticmethod(decode_account)
    verdict = staticmethod(errors.verdict)
    speaks_of_rules = staticmethod(errors.speaks_of_rules)

    def sign(self, call: Call[T]) -> Call[T]:
        headers = self._signed(call.verb, call.path, call.body) if call.signed else {}
        if call.body:
            # Without it VALR answers 403; on a DELETE with a body it is sent as well.
            headers = {**headers, "Content-Type": "application/json"}
        return attrs.evolve(call, headers=headers)

    def rate_limits(self) -> Sequence[RateLimit]:
        return limits.LIMITS

    def lanes(self, call: Call[T]) -> Sequence[str]:
        return limits.lanes_of(call.verb, call.path, signed=call.signed)

    def takes_quotes(self, types: frozenset[str]) -> bool:
        return "LIMIT_POST_ONLY" in types

    def fill_lists(self, pairs: Collection[Pair]) -> Sequence[FillList]:  # noqa: ARG002
        """The account's, which is over all pairs."""
        return (lambda read, _last: requests.fills(skip=read),)

    def place(self, order: CheckedOrder) -> Call[VenueOrderId]:
        return order_requests.place_limit(order_requests.limit_payload(order.order))

    def amend(self, amendment: CheckedAmendment) -> Call[VenueOrderId]:
        return order_requests.modify(_amendment(amendment))

    def cancel(
        self,
        pair: Pair,
        venue_order_id: VenueOrderId | None,
        client_order_id: ClientOrderId | None,
    ) -> Call[None]:
        payload = order_requests.cancel_payload(pair, venue_order_id, client_order_id)
        return order_requests.cancel(payload)

    def market_handshake(self) -> Handshake:
        if self.signer is None:
            # This works too, but is cut after 15 minutes.
            return Handshake(
                path=_TRADE_PATH, headers=dict, lanes=(limits.CONNECTION,), authenticated=False
            )
        # What is told there is public: with or without a word about our key it is the same.
        return msgspec.structs.replace(self._handshake(_TRADE_PATH), must_be_confirmed=False)

    def account_handshake(self) -> Handshake:
        assert self.signer is not None, _NO_KEY
        return self._handshake("/ws/account")

    @property
    def book_rules(self) -> BookRules:
        return RULES

    def market_subscriptions(self, pairs: Sequence[Pair]) -> Subscriptions:
        return Subscriptions(pairs, self.book_feed)

    def account_opening(self) -> Sequence[str]:
        # Everything else on this socket is subscribed by VALR itself. Should the connection drop,
        # VALR is asked to cancel for us; we never count on it.
        armed = {"type": "CANCEL_ON_DISCONNECT", "payload": {"cancelOnDisconnect": True}}
        return (_text(armed),)

    def ping(self) -> str:
        return '{"type":"PING"}'

    def close_is_about_our_key(self, code: int, reason: str) -> bool:
        # A bad signature is answered by an upgrade followed by 1007 with this reason.
        return code == _CLOSE_POLICY or (
            code == _CLOSE_INVALID_DATA and "signature" in reason.lower()
        )

    def request_lanes(self, request: Request) -> Sequence[str]:
        return (_LANES[request],)

    def place_frame(self, order: CheckedOrder, request_id: str) -> str:
        return order_frames.place_limit(order_requests.limit_payload(order.order), request_id)

    def cancel_frame(self, order: Order, request_id: str) -> str:
        payload = order_requests.cancel_payload(
            order.pair, order.venue_order_id, order.client_order_id
        )
        return order_frames.cancel(payload, request_id)

    def amend_frame(self, amendment: CheckedAmendment, request_id: str) -> str:
        return order_frames.modify(_amendment(amendment), request_id)

    def _handshake(self, path: str) -> Handshake:
        return Handshake(
            path=path, headers=lambda: self._signed("GET", path), lanes=(limits.CONNECTION,)
        )

    def _signed(self, verb: str, path: str, body: str = "") -> Mapping[str, str]:
        assert self.signer is not None, _NO_KEY
        return self.signer.headers(verb, path, body)


def _amendment(amendment: CheckedAmendment) -> order_requests.Payload:
    order = amendment.order
    assert order.venue_order_id is not None, "an order without a name cannot be changed"
    return order_requests.modify_payload(
        order.pair,
        order.venue_order_id,
        # The price stays, so it cannot cross; should VALR see it otherwise, the order is kept.
        strategy=order_requests.MatchStrategy.RETAIN_ORIGINAL,
        # The total is exact, whatever is filled while the request is on its way.
        total_quantity=amendment.amended.quantity,
    )


def _text(frame: object) -> str:
    return msgspec.json.encode(frame).decode()
