"""The exchange's rules where the real one's are unknown or may change, and its rate limits."""

from collections.abc import Mapping
from decimal import Decimal

import attrs
from attrs import validators

from trading.core.identifiers import Pair

_not_negative = validators.ge(0.0)


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
