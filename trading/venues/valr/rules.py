"""The exchange's rules where the real one's are unknown or may change, and its rate limits."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

import attrs
from attrs import validators

from trading.core.identifiers import Pair
from trading.venues.valr.answers import (
    BAD_LOGIN,
    BATCH_REPLIES,
    CHECKSUM_QUANTITIES,
    EXECUTED,
    SOCKET_REFUSALS,
    WELCOME,
)

_not_negative = validators.ge(0.0)

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "subscribed": "{event}:{pair}",
        "unsubscribed": "{event}:{pair}",
        "invalid_pair": "Channel {event}, pair {pair} combination invalid",
        "invalid_event": "Channel {event}, pair {pair} combination invalid",
        "invalid_json": "Invalid message - Invalid JSON",
        "unsupported": "Unsupported type field",
        "unsupported_command": "Unsupported type field",
        "quiet_pong": "NO_SUBSCRIPTIONS",
        "pong": "",
        "account_pong": "",
        "unauthorized": "UNAUTHORIZED",
        "listening": "{event}",
        "muted": "{event}",
    }
)
"""What the sockets say where they say it in words; braces stand for what it is about."""


@attrs.frozen(kw_only=True)
class VenueRules:
    """
    The rules to choose; each default is what the protocol's description calls true or likely.

    Args:
        authentication_failure_code: Error number of a refused key or signature.
        refused_placement_status: HTTP status of an order that version 2 refuses; 201 is the other.
        tell_resting_orders: Whether an order that simply rests has an ORDER_STATUS_UPDATE.
        order_feed_batch_min_s: Order-level and aggregated books are sent this long after a change
            at the earliest.
        order_feed_batch_max_s: And this long after it at the latest.
        level_feed_batch_s: OB_L1_DIFF comes this long after a change; 0 is at every change.
        mark_price_interval_s: Between two MARK_PRICE_UPDATEs.
        summary_interval_s: Between two MARKET_SUMMARY_UPDATEs, if anything changed.
        depth_interval_s: Between two OB_L1_D*_SNAPSHOTs, if anything changed.
        slippage_band: A market order trades no further than this fraction from the best price;
            ``None`` for no limit.
        mirrored_stops: Whether a stop-loss that buys fires when the price rises, and a take-profit
            that buys when it falls; otherwise both sides fire alike.
        cancel_on_disconnect_delay_s: From the end of a connection to the end of its orders.
        html_when_limited: Whether the body of a 429 is HTML; otherwise it is empty.
        retry_after_when_limited: Whether a 429 says when to come again.
        age_header: Whether cached answers say how old they are.
        read_only_after_s: The venue takes nothing but GET from then on; ``None`` for never.
        read_only_for_s: So long; ``None`` for ever.
        deactivations: When pairs stop being traded, in seconds after the first client came.
        texts: Words of the sockets, by the names of ``TEXTS``, where they are not the usual ones.
        shapes: Edits of answers (``GET /v1/public/time``) and of frames (``NEW_TRADE``), as
            ``trading.venues.valr.shapes`` writes them.
        refusals: Other words for a refusal (``400 -21``): a status, a code and a text.
        caching: Another cache-control header of a route; empty for none.
        headers: What every answer carries besides.
        inactive_books: How the book of an inactive pair is refused: ``400 -32``; empty shows an
            empty book.
        aggregated_depth: Levels a side of the aggregated book.
        trade_socket_without_key: Whether the trade socket stays open for clients without a key.
        tell_login_on_trade_socket: Whether it says AUTHENTICATED to those with one.
        subscribe_adds: Whether a later SUBSCRIBE leaves the pairs of earlier ones.
        take_mixed_lists: Whether the good pairs of a list with a bad one are subscribed.
        take_lower_case: Whether pairs may be written in lower case.
        snapshot_when_repeated: Whether an unchanged SUBSCRIBE brings a new snapshot.
        level_sequence_step: From one OB_L1_DIFF to the next.
        count_orders: Whether the order-level feed is numbered by orders; otherwise by frames.
        checksum_depth: Levels, or orders, a side that a checksum covers.
        quantity_decimals: Quantities of books are written with at least so many decimals.
        checksum_quantities: What a checksum takes of them: the text as it is ``written``, or the
            ``shortest``, without trailing zeros.
        trades_late_s: How long after a trade NEW_TRADE comes.
        clock_ahead_s: How far the venue's clock is ahead of the true time.
        welcome: What an account socket is sent first, by type.
        bad_login: What becomes of a socket with a bad signature: a close code and its reason, or
            the status of a refused upgrade.
        take_account_subscriptions: Whether a SUBSCRIBE on the account socket is taken.
        status_on_demand: Whether ORDER_STATUS_UPDATE comes only to those who subscribed to it.
        event_order: Which of the frames of one moment come first, by type; others come after.
        lookup_delay_s: How old an order must be to be found by its id.
        modified_status: What the status of a modified order is called.
        tell_failed_cancels: Whether a cancel that finds nothing is told about.
        cancel_status: HTTP status of a cancel that was taken.
        take_duplicate_names: Whether an order may have the name of an open one.
        names_once: Whether a name is refused also after its order has ended.
        socket_refusals: How a request is refused on a socket: ``response`` is the usual answer
            with an error, ``invalid`` an INVALID_*_REQUEST, ``error`` an ERROR, ``nameless`` one
            that does not say which request it is about.
        batch_reply: How BATCH_ORDERS is answered: ``data`` holds the outcomes, or the frame itself
            (``frame``), or each has a frame (``each``).
        cancel_on_disconnect: Whether it does anything.
        show_unfilled_cancels: Whether the history shows them unasked.
        tell_fees: Whether NEW_ACCOUNT_TRADE has its fee.
        tell_trade_ids: Whether it has its id.
        executed: What ``executed*`` of an order's status mean: this ``event``, the ``total``, or
            they are ``absent``.
    """

    authentication_failure_code: int = -11252
    refused_placement_status: int = attrs.field(default=400, validator=validators.in_((400, 201)))
    tell_resting_orders: bool = False
    order_feed_batch_min_s: float = attrs.field(default=0.04, validator=_not_negative)
    order_feed_batch_max_s: float = attrs.field(default=0.28, validator=_not_negative)
    level_feed_batch_s: float = attrs.field(default=0.0, validator=_not_negative)
    mark_price_interval_s: float = attrs.field(default=3.0, validator=validators.gt(0.0))
    summary_interval_s: float = attrs.field(default=1.0, validator=validators.gt(0.0))
    depth_interval_s: float = attrs.field(default=0.5, validator=validators.gt(0.0))
    slippage_band: Decimal | None = Decimal("0.1")
    mirrored_stops: bool = True
    cancel_on_disconnect_delay_s: float = attrs.field(default=0.0, validator=_not_negative)
    html_when_limited: bool = True
    retry_after_when_limited: bool = True
    age_header: bool = False
    read_only_after_s: float | None = None
    read_only_for_s: float | None = None
    deactivations: Mapping[Pair, float] = attrs.field(factory=dict)
    texts: Mapping[str, str] = attrs.field(factory=dict)
    shapes: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    refusals: Mapping[str, str] = attrs.field(factory=dict)
    caching: Mapping[str, str] = attrs.field(factory=dict)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    inactive_books: str = ""
    aggregated_depth: int = 40
    trade_socket_without_key: bool = True
    tell_login_on_trade_socket: bool = True
    subscribe_adds: bool = False
    take_mixed_lists: bool = True
    take_lower_case: bool = True
    snapshot_when_repeated: bool = False
    level_sequence_step: int = 1
    count_orders: bool = True
    checksum_depth: int = 25
    quantity_decimals: int = 0
    checksum_quantities: str = attrs.field(
        default="written", validator=validators.in_(CHECKSUM_QUANTITIES)
    )
    trades_late_s: float = attrs.field(default=0.0, validator=_not_negative)
    clock_ahead_s: float = 0.0
    welcome: tuple[str, ...] = WELCOME
    bad_login: str = BAD_LOGIN
    take_account_subscriptions: bool = True
    status_on_demand: bool = False
    event_order: tuple[str, ...] = ()
    lookup_delay_s: float = attrs.field(default=0.0, validator=_not_negative)
    modified_status: str = "Order Modified"
    tell_failed_cancels: bool = True
    cancel_status: int = 202
    take_duplicate_names: bool = False
    names_once: bool = False
    socket_refusals: str = attrs.field(
        default="response", validator=validators.in_(SOCKET_REFUSALS)
    )
    batch_reply: str = attrs.field(default="data", validator=validators.in_(BATCH_REPLIES))
    cancel_on_disconnect: bool = True
    show_unfilled_cancels: bool = False
    tell_fees: bool = True
    tell_trade_ids: bool = True
    executed: str = attrs.field(default="event", validator=validators.in_(EXECUTED))

    def text(self, name: str, **parts: object) -> str:
        """Words of a socket, by a name of ``TEXTS``."""
        return (self.texts.get(name) or TEXTS[name]).format(**parts)


@attrs.frozen(kw_only=True)
class RateLimits:
    """
    The venue's published limits.

    Args:
        enabled: Whether any of them is enforced.
        per_key_per_minute: Requests with one key, but for those with a limit of their own.
        per_address_per_minute: Requests from one address, likewise; all clients count as one.
        public_per_minute: Requests without a key on one path.
        public_together: Whether all public paths share that budget; it is not known.
        fast_public_per_s: Requests for the time, the status, or candles.
        places_per_s: New orders of one key, on REST and on sockets each.
        modifies_per_s: Changes of orders, likewise.
        batches_per_s: Batches, likewise.
        cancels_per_s: Cancels, likewise.
        connections_per_minute: New sockets.
    """

    enabled: bool = True
    per_key_per_minute: int = 2000
    per_address_per_minute: int = 1200
    public_per_minute: int = 30
    public_together: bool = False
    fast_public_per_s: int = 20
    places_per_s: int = 400
    modifies_per_s: int = 400
    batches_per_s: int = 400
    cancels_per_s: int = 450
    connections_per_minute: int = 60
