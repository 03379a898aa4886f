"""Binance spot behind the interface of venues that offer market data only."""

from collections.abc import Sequence
from typing import TypeVar

import attrs

from trading.books.rules import BookRules
from trading.core.identifiers import Pair
from trading.venues.binance import codec, errors, limits, requests
from trading.venues.binance.book_rules import RULES
from trading.venues.binance.subscriptions import Subscriptions
from trading.venues.interface import Call, Handshake
from trading.venues.rate_limits import RateLimit

T = TypeVar("T")


@attrs.frozen
class Binance:
    """
    Binance's public market data.

    Args:
        book_feed: The stream of a book's changes.
    """

    book_feed: str

    server_time = staticmethod(requests.server_time)
    market_prices = staticmethod(requests.market_prices)
    decode_market = staticmethod(codec.decode_market)
    verdict = staticmethod(errors.verdict)

    def sign(self, call: Call[T]) -> Call[T]:
        assert not call.signed, "there is only public market data"
        return call

    def rate_limits(self) -> Sequence[RateLimit]:
        return limits.LIMITS

    def lanes(self, call: Call[T]) -> Sequence[str]:  # noqa: ARG002
        return limits.WEIGHT, limits.REQUESTS

    def market_handshake(self) -> Handshake:
        # Below /stream each event comes with the name of its stream.
        return Handshake(
            path="/stream", headers=dict, lanes=(limits.CONNECTIONS,), authenticated=False
        )

    def market_subscriptions(self, pairs: Sequence[Pair]) -> Subscriptions:
        return Subscriptions(pairs, self.book_feed)

    @property
    def book_rules(self) -> BookRules:
        return RULES

    def ping(self) -> None:
        """Control frames ask, in both directions: Binance sends one every 20 s."""

    def close_is_about_our_key(self, code: int, reason: str) -> bool:  # noqa: ARG002
        return False
