"""
Everything that can be set about the simulated exchange, as values.

Percentages are held as fractions (0.001 is 0.1 %), time spans as seconds, money exactly.
"""

import enum
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated

import attrs

from config.rules.rules import (
    Choice,
    Choices,
    CurrencyCode,
    Flag,
    Number,
    OneOf,
    Origin,
    PairSymbol,
    Paths,
    Ratio,
    Seconds,
    Text,
    Whole,
    WordList,
    Words,
    percent,
)
from config.source.problems import Refused
from trading.core.decimals import ONE, ZERO
from trading.core.identifiers import Currency, Pair
from trading.core.instrument import Instrument
from trading.venues.valr.answers import (
    BAD_LOGIN,
    BATCH_REPLIES,
    CHECKSUM_QUANTITIES,
    EXECUTED,
    SOCKET_REFUSALS,
    WELCOME,
)
from trading.venues.valr.permissions import Permission
from trading.venues.valr.rules import RateLimits, VenueRules

Positive = Annotated[Decimal, Number(above=ZERO)]
"""An exact number above zero."""
PairName = Annotated[Pair, PairSymbol()]
"""A pair, in any of the ways in which people write it."""
CurrencyName = Annotated[Currency, CurrencyCode()]
Chance = Annotated[Decimal, percent(at_least=0, at_most=100)]
Wait = Annotated[float, Seconds(above=None, at_least=ZERO)]
Interval = Annotated[float, Seconds()]
Difference = Annotated[float, Seconds(above=None, at_least=Decimal(-86_400))]
Rate = Annotated[float, Ratio(at_most=Decimal(1000))]
Count = Annotated[int, Whole(at_least=0, at_most=1_000_000)]
AnyText = Annotated[str, Words()]
WordsList = Annotated[tuple[str, ...], WordList()]


_USUAL_QUEUE = "risk_averse"


class Through(enum.Enum):
    """How much of an order a recorded trade through its price fills."""

    QUANTITY = "quantity"
    WHOLE = "whole"


class Flow(enum.Enum):
    """Where the simulated exchange's market comes from."""

    SYNTHETIC = "synthetic"
    RECORDING = "recording"
    LIVE = "live"


@attrs.frozen(kw_only=True)
class PairSettings:
    """
    One pair of the simulated exchange, in the exchange's own words.

    Args:
        tick_size: Price step, in quote currency.
        base_decimal_places: Of quantities.
        min_base: Smallest order, in base currency.
        max_base: Largest order, in base currency.
        min_quote: Smallest price times quantity, in quote currency.
        max_quote: Largest price times quantity, in quote currency.
        start_price: Where its synthetic market begins, in quote currency.
        typical_notional: Median size of a synthetic order, in quote currency.
    """

    base: CurrencyName
    quote: CurrencyName
    tick_size: Positive
    base_decimal_places: Annotated[int, Whole(at_least=0, at_most=8)]
    min_base: Positive
    max_base: Positive
    min_quote: Positive
    max_quote: Positive
    start_price: Positive
    typical_notional: Positive = Decimal(200)
    active: Annotated[bool, Flag()] = True

    @property
    def lot_size(self) -> Decimal:
        """Quantity step, in base currency."""
        return ONE.scaleb(-self.base_decimal_places)

    def instrument(self, pair: Pair) -> Instrument:
        return Instrument(
            pair=pair,
            base=self.base,
            quote=self.quote,
            tick_size=self.tick_size,
            lot_size=self.lot_size,
            quantity_min=self.min_base,
            quantity_max=self.max_base,
            notional_min=self.min_quote,
            notional_max=self.max_quote,
            active=self.active,
        )

    def contradictions(self) -> Iterator[Refused]:
        for subject in ("base", "quote"):
            if getattr(self, f"min_{subject}") > getattr(self, f"max_{subject}"):
                yield Refused(
                    f"is above max_{subject}", "swap them or widen", key=(f"min_{subject}",)
                )
        exponent = self.tick_size.normalize().as_tuple().exponent
        assert isinstance(exponent, int)
        places_max = 16  # Price times quantity must stay exact within a Decimal's 28 digits.
        if max(0, -exponent) + self.base_decimal_places > places_max:
            yield Refused(
                "and base_decimal_places have too many decimal places together",
                f"keep them within {places_max}",
                key=("tick_size",),
            )
        if self.start_price < 100 * self.tick_size:
            yield Refused(
                "is less than 100 ticks: there is no room for a book below it",
                "choose a smaller tick_size or a higher start_price",
                key=("start_price",),
            )


@attrs.frozen(kw_only=True)
class RuleSettings(VenueRules):
    """
    The rules of the simulated exchange, each with the values that it may have.

    Args:
        authentication_failure_status: HTTP status of a refused key or signature: 401 or 403.
        timestamp_window_s: Largest difference between a request's timestamp and the exchange's
            clock; ``None`` accepts any.
        idle_limit_s: A socket that says nothing for so long is cut.
        unauthenticated_limit_s: A socket without a key is cut after so long.
    """

    authentication_failure_status: Annotated[int, Whole(at_least=401, at_most=403)] = 401
    authentication_failure_code: Annotated[int, Whole(at_least=-99_999, at_most=-1)] = -11252
    timestamp_window_s: Interval | None = None
    idle_limit_s: Interval = 60.0
    unauthenticated_limit_s: Interval = 900.0
    refused_placement_status: Annotated[int, Whole(at_least=201, at_most=400)] = 400
    tell_resting_orders: Annotated[bool, Flag()] = False
    order_feed_batch_min_s: Wait = 0.04
    order_feed_batch_max_s: Wait = 0.28
    level_feed_batch_s: Wait = 0.0
    mark_price_interval_s: Interval = 3.0
    summary_interval_s: Interval = 1.0
    depth_interval_s: Interval = 0.5
    slippage_band: Annotated[Decimal, percent(above=0, at_most=1000)] = Decimal("0.1")
    mirrored_stops: Annotated[bool, Flag()] = True
    cancel_on_disconnect_delay_s: Wait = 0.0
    html_when_limited: Annotated[bool, Flag()] = True
    retry_after_when_limited: Annotated[bool, Flag()] = True
    age_header: Annotated[bool, Flag()] = False
    read_only_after_s: Wait | None = None
    read_only_for_s: Interval | None = None
    deactivations: Mapping[PairName, Wait] = attrs.field(factory=dict)
    texts: Mapping[str, AnyText] = attrs.field(factory=dict)
    shapes: Mapping[str, WordsList] = attrs.field(factory=dict)
    refusals: Mapping[str, AnyText] = attrs.field(factory=dict)
    caching: Mapping[str, AnyText] = attrs.field(factory=dict)
    headers: Mapping[str, AnyText] = attrs.field(factory=dict)
    inactive_books: AnyText = ""
    aggregated_depth: Annotated[int, Whole(at_least=1, at_most=1000)] = 40
    trade_socket_without_key: Annotated[bool, Flag()] = True
    tell_login_on_trade_socket: Annotated[bool, Flag()] = True
    subscribe_adds: Annotated[bool, Flag()] = False
    take_mixed_lists: Annotated[bool, Flag()] = True
    take_lower_case: Annotated[bool, Flag()] = True
    snapshot_when_repeated: Annotated[bool, Flag()] = False
    level_sequence_step: Annotated[int, Whole(at_least=1, at_most=1000)] = 1
    count_orders: Annotated[bool, Flag()] = True
    checksum_depth: Annotated[int, Whole(at_least=1, at_most=1000)] = 25
    quantity_decimals: Annotated[int, Whole(at_least=0, at_most=18)] = 0
    checksum_quantities: Annotated[str, OneOf(lambda: CHECKSUM_QUANTITIES)] = "written"
    trades_late_s: Wait = 0.0
    clock_ahead_s: Difference = 0.0
    welcome: WordsList = WELCOME
    bad_login: AnyText = BAD_LOGIN
    take_account_subscriptions: Annotated[bool, Flag()] = True
    status_on_demand: Annotated[bool, Flag()] = False
    event_order: WordsList = ()
    lookup_delay_s: Wait = 0.0
    modified_status: AnyText = "Order Modified"
    tell_failed_cancels: Annotated[bool, Flag()] = True
    cancel_status: Annotated[int, Whole(at_least=200, at_most=202)] = 202
    take_duplicate_names: Annotated[bool, Flag()] = False
    names_once: Annotated[bool, Flag()] = False
    socket_refusals: Annotated[str, OneOf(lambda: SOCKET_REFUSALS)] = "response"
    batch_reply: Annotated[str, OneOf(lambda: BATCH_REPLIES)] = "data"
    cancel_on_disconnect: Annotated[bool, Flag()] = True
    show_unfilled_cancels: Annotated[bool, Flag()] = False
    tell_fees: Annotated[bool, Flag()] = True
    tell_trade_ids: Annotated[bool, Flag()] = True
    executed: Annotated[str, OneOf(lambda: EXECUTED)] = "event"

    def contradictions(self) -> Iterator[Refused]:
        if self.order_feed_batch_min_s > self.order_feed_batch_max_s:
            yield Refused(
                "is above order_feed_batch_max_s",
                "swap them or widen",
                key=("order_feed_batch_min_s",),
            )
        for key, allowed in (
            ("authentication_failure_status", (401, 403)),
            ("refused_placement_status", (400, 201)),
        ):
            if getattr(self, key) not in allowed:
                words = " or ".join(map(str, allowed))
                yield Refused(f"is neither {words}", f"give {words}", key=(key,))


@attrs.frozen(kw_only=True)
class LimitSettings(RateLimits):
    """How often anybody may ask the simulated exchange, each limit with the values it may have."""

    enabled: Annotated[bool, Flag()] = True
    per_key_per_minute: Count = 2000
    per_address_per_minute: Count = 1200
    public_per_minute: Count = 30
    public_together: Annotated[bool, Flag()] = False
    fast_public_per_s: Count = 20
    places_per_s: Count = 400
    modifies_per_s: Count = 400
    batches_per_s: Count = 400
    cancels_per_s: Count = 450
    connections_per_minute: Count = 60


@attrs.frozen(kw_only=True)
class FaultSettings:
    """
    How likely each fault of the simulated exchange is, at each occasion for it.

    What each of them does is in docs/simulator.md.

    Args:
        delay_max_s: Longest delay of an event.
        late_lookup_s: How young an order must be not to be found.
    """

    drop: Chance = ZERO
    delay: Chance = ZERO
    duplicate: Chance = ZERO
    reorder: Chance = ZERO
    cut: Chance = ZERO
    half_open: Chance = ZERO
    wrong_checksum: Chance = ZERO
    sequence_gap: Chance = ZERO
    missing_snapshot: Chance = ZERO
    lost_acknowledgement: Chance = ZERO
    fill_before_acknowledgement: Chance = ZERO
    fill_races_cancel: Chance = ZERO
    fill_races_modify: Chance = ZERO
    stale_open_orders: Chance = ZERO
    rate_limited: Chance = ZERO
    server_error: Chance = ZERO
    server_error_after_acceptance: Chance = ZERO
    html_after_acceptance: Chance = ZERO
    cut_after_acceptance: Chance = ZERO
    late_lookup: Chance = ZERO
    bad_signature: Chance = ZERO
    upgrade_forbidden: Chance = ZERO
    upgrade_limited: Chance = ZERO
    upgrade_unavailable: Chance = ZERO
    pong_withheld: Chance = ZERO
    late_cancel_on_disconnect: Chance = ZERO
    no_cancel_on_disconnect: Chance = ZERO
    book_twice: Chance = ZERO
    late_snapshot: Chance = ZERO
    crossed_book: Chance = ZERO
    impossible_number: Chance = ZERO
    far_trade: Chance = ZERO
    late_acknowledgement: Chance = ZERO
    other_fill_id: Chance = ZERO
    late_balance: Chance = ZERO
    partial_fill_races_cancel: Chance = ZERO
    failed_after_acceptance: Chance = ZERO
    post_only_crosses: Chance = ZERO
    batch_leg_refused: Chance = ZERO
    place_limited: Chance = ZERO
    cancel_limited: Chance = ZERO
    unknown_status: Chance = ZERO
    unknown_message: Chance = ZERO
    unknown_enum: Chance = ZERO
    extra_fields: Chance = ZERO
    missing_field: Chance = ZERO
    number_as_number: Chance = ZERO
    html_answer: Chance = ZERO
    truncated_answer: Chance = ZERO
    wrong_charset: Chance = ZERO
    wrong_content_type: Chance = ZERO
    redirect: Chance = ZERO
    stale_answer: Chance = ZERO
    history_hides_cancels: Chance = ZERO
    pages_shift: Chance = ZERO
    delay_max_s: Interval = 2.0
    late_lookup_s: Interval = 2.0


@attrs.frozen(kw_only=True)
class BackgroundFlowSettings:
    """
    How busy the background flow of a synthetic market is; each pair has its own.

    Args:
        limit_orders_per_s: New resting orders, both sides together.
        lifetime_s: How long one of them stays before it is cancelled, on average.
        market_orders_per_s: Orders that take what rests.
    """

    limit_orders_per_s: Rate = 12.0
    lifetime_s: Interval = 20.0
    market_orders_per_s: Rate = 0.9


@attrs.frozen(kw_only=True)
class SimulatorSettings:
    """
    The simulated exchange; without effect while the venue is a real one.

    Args:
        recording: Files of one recorded market, in order; only with the recording flow.
        recording_pair: The pair it is replayed as; ``None`` for the first strategy's.
        recording_tick_size: The recording's price step: one becomes one tick of the pair.
        recording_lot_size: The recording's quantity step: one becomes one lot of the pair.
        live_rest_url: Whose public market data is traded on with the live flow; ``None`` (with
            live_websocket_url) for the venue's own address.
        live_websocket_url: Likewise.
        queue: What is believed of the queue before an order in a recorded market: ``risk_averse``,
            ``power:n``, ``log``, or ``l3`` where the recording tells orders one by one.
        through: How much of an order a recorded trade through its price fills.
        speed: Recorded seconds per second.
        maker_fee: Fraction of the notional; negative is a rebate.
        taker_fee: Fraction of the notional.
        accounts: How many demo accounts there are, each with a key of its own.
        balances: What each of them begins with; empty for the simulator's own.
        key_permissions: What the demo keys may do, in VALR's words.
        key_addresses: The CIDR that they say they are bound to; ``None`` for none. Nobody is
            turned away for it.
        pairs: Besides the simulator's own, or instead of those of the same name.
        crowd: How busy synthetic markets are.
        rules: How it behaves where the real exchange's ways are unknown.
        limits: How often anybody may ask.
        faults: What goes wrong on purpose.
        as_bundle: A bundle of ``engine conformance``: the rules are as they were seen there, but
            for those that are given here.
    """

    flow: Annotated[Flow, Choice(Flow)] = Flow.SYNTHETIC
    recording: Annotated[tuple[str, ...], Paths()] = ()
    recording_pair: PairName | None = None
    recording_tick_size: Positive = Decimal("0.01")
    recording_lot_size: Positive = Decimal("0.00001")
    live_rest_url: Annotated[str, Origin(secure="https", plain="http")] | None = None
    live_websocket_url: Annotated[str, Origin(secure="wss", plain="ws")] | None = None
    queue: Annotated[str, Text()] = _USUAL_QUEUE
    through: Annotated[Through, Choice(Through)] = Through.QUANTITY
    speed: Annotated[float, Ratio(at_most=Decimal(10_000))] = 1.0
    maker_fee: Annotated[Decimal, percent(at_least=-10, at_most=10)] = ZERO
    taker_fee: Annotated[Decimal, percent(at_least=0, at_most=10)] = Decimal("0.001")
    accounts: Annotated[int, Whole(at_least=1, at_most=20)] = 2
    balances: Mapping[CurrencyName, Annotated[Decimal, Number(at_least=ZERO)]] = attrs.field(
        factory=dict
    )
    key_permissions: Annotated[tuple[Permission, ...], Choices(Permission)] = (
        Permission.VIEW,
        Permission.TRADE,
    )
    key_addresses: Annotated[str, Text()] | None = None
    pairs: Mapping[PairName, PairSettings] = attrs.field(factory=dict)
    crowd: BackgroundFlowSettings = attrs.field(factory=BackgroundFlowSettings)
    rules: RuleSettings = attrs.field(factory=RuleSettings)
    limits: LimitSettings = attrs.field(factory=LimitSettings)
    faults: FaultSettings = attrs.field(factory=FaultSettings)
    as_bundle: Annotated[str, Text()] | None = attrs.field(default=None, metadata={"key": "as"})

    def contradictions(self) -> Iterator[Refused]:
        if self.queue != _USUAL_QUEUE:
            # Not in a live run, which has no use for it.
            from trading.simulator.matching.places import queue_model  # noqa: PLC0415

            try:
                queue_model(self.queue)
            except ValueError as error:
                yield Refused(
                    f"is not understood: {error}",
                    f'name one of them: simulator.queue = "{_USUAL_QUEUE}"',
                    key=("queue",),
                )
        if (self.live_rest_url is None) != (self.live_websocket_url is None):
            given = "live_websocket_url" if self.live_rest_url is None else "live_rest_url"
            yield Refused("is given alone", "give both, or none", key=(given,))
        if self.flow is Flow.RECORDING and not self.recording:
            yield Refused(
                "is recording, but no recording is named",
                'name its file: simulator.recording = "PATH"',
                key=("flow",),
            )
