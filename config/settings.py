"""
Everything that can be set, as values.

Percentages are held as fractions (0.001 is 0.1 %), time spans as seconds, money exactly.
"""

import enum
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated

import attrs

from config.credentials import Credentials, Reference, SecretReference
from config.limit_settings import Quoting, RiskLimitSettings
from config.problems import Refused
from config.rules import (
    Choice,
    Name,
    Number,
    Origin,
    Seconds,
    Text,
    Whole,
    percent,
    percent_text,
)
from config.simulator_settings import PairName, Positive, SimulatorSettings
from config.source import Source
from trading.decimals import ONE, ZERO, decimal_text
from trading.identifiers import Pair, StrategyName
from trading.risk.limits import RiskLimits
from trading.venues.valr.subscriptions import BookFeed

Span = Annotated[float, Seconds()]
SpreadAboveZero = Annotated[Decimal, percent(above=0, below=100)]


class LogLevel(enum.Enum):
    """The least that is written down."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class VenueKind(enum.Enum):
    VALR = "valr"


class StrategyKind(enum.Enum):
    PURE_MARKET_MAKING = "pure_market_making"


@attrs.frozen(kw_only=True)
class EngineSettings:
    """
    The engine itself.

    Args:
        name: Part of every client order id: by it the engine knows its own orders again.
        state_directory: What is kept from run to run lies here, in a folder with the engine's name.
        seed: Of everything that is random.
        stop_deadline_s: How long a stop may take to prove that no order is left.
        give_up_after_s: How long to try a venue that was never reached.
        minimum_order_refresh_time: No strategy may refresh faster than this many seconds.
    """

    name: Annotated[str, Name()]
    state_directory: Annotated[str, Text()] = "state"
    seed: Annotated[int, Whole(at_least=0, at_most=2**53 - 1)] = 1
    stop_deadline_s: Annotated[float, Seconds(at_least=Decimal(1), at_most=Decimal(60))] = 8.0
    give_up_after_s: Annotated[float, Seconds(at_least=Decimal(1))] = 60.0
    minimum_order_refresh_time: Span = 1.0


@attrs.frozen(kw_only=True)
class LogSettings:
    """
    Where the log goes.

    Args:
        file: One JSON object a line is appended here; ``None`` for the console only.
        level: The least that the file holds.
    """

    file: Annotated[str, Text()] | None = None
    level: Annotated[LogLevel, Choice(LogLevel)] = LogLevel.INFO


@attrs.frozen(kw_only=True)
class CredentialReferences:
    """
    Where the venue's key is kept.

    Args:
        subaccount_id: The subaccount that a primary account's key acts for.
    """

    api_key: Annotated[SecretReference, Reference()]
    api_secret: Annotated[SecretReference, Reference()]
    subaccount_id: Annotated[str, Text()] | None = None


@attrs.frozen(kw_only=True)
class VenueSettings:
    """
    The exchange, and how long its silence is borne.

    Args:
        rest_url: Scheme, host and port; ``None`` (with websocket_url) for the simulated exchange.
        websocket_url: Scheme, host and port.
        connect_deadline_s: For opening a connection, handshake included.
        answer_deadline_s: For the answer to one request; afterwards its outcome is unknown.
        ping_interval_s: Between two pings on one socket.
        pong_deadline_s: From a ping to the end of a session without a pong.
        rules_refresh_s: Between two looks at the trading rules.
        rules_age_max_s: Trading rules older than this stop the quotes.
        balance_refresh_s: Between two reconciliations of the balances.
        balance_age_max_s: Balances not confirmed for so long stop the quotes.
        book_age_max_s: A book not confirmed for so long stops the quotes.
        book_feed: Where order books come from; a pair that has no such feed gets the next best.
        clock_refresh_s: Between two looks at the venue's clock.
        clock_age_max_s: A clock not compared for so long stops the quotes.
        clock_uncertainty_max_s: A clock known less surely stops the quotes.
        clock_offset_max_s: A clock of ours that is further off stops the quotes.
    """

    kind: Annotated[VenueKind, Choice(VenueKind)]
    rest_url: Annotated[str, Origin(secure="https", plain="http")] | None = None
    websocket_url: Annotated[str, Origin(secure="wss", plain="ws")] | None = None
    credentials: CredentialReferences | None = None
    connect_deadline_s: Annotated[float, Seconds(at_most=Decimal(60))] = 10.0
    answer_deadline_s: Annotated[float, Seconds(at_most=Decimal(60))] = 10.0
    ping_interval_s: Annotated[float, Seconds(at_most=Decimal(30))] = 15.0
    pong_deadline_s: Annotated[float, Seconds(at_most=Decimal(30))] = 10.0
    rules_refresh_s: Span = 300.0
    rules_age_max_s: Span = 900.0
    balance_refresh_s: Span = 30.0
    balance_age_max_s: Span = 90.0
    book_age_max_s: Span = 30.0
    book_feed: Annotated[BookFeed, Choice(BookFeed)] = BookFeed.L1
    clock_refresh_s: Span = 60.0
    clock_age_max_s: Span = 300.0
    clock_uncertainty_max_s: Span = 0.5
    clock_offset_max_s: Span = 1.0

    @property
    def simulated(self) -> bool:
        """Whether the engine starts an exchange of its own to trade with."""
        return self.rest_url is None and self.websocket_url is None

    def contradictions(self) -> Iterator[Refused]:
        if (self.rest_url is None) != (self.websocket_url is None):
            given, absent = ("rest_url", "websocket_url")
            if self.rest_url is None:
                given, absent = absent, given
            yield Refused(
                f"is given, but {absent} is not",
                "give both for a real exchange, none for the simulated one",
                key=(given,),
            )
        for subject in ("rules", "balance", "clock"):
            refresh: float = getattr(self, f"{subject}_refresh_s")
            if getattr(self, f"{subject}_age_max_s") <= refresh:
                yield Refused(
                    f"is not longer than {subject}_refresh_s ({refresh:g} s)",
                    "give it at least twice that, or quotes would stop between two looks",
                    key=(f"{subject}_age_max_s",),
                )


@attrs.frozen(kw_only=True)
class PureMarketMakingSettings:
    """
    One pure-market-making strategy.

    Args:
        order_amount: Of the level next to the market, in base currency.
        bid_spread: Distance of the first bid below the mid price, as a fraction.
        ask_spread: Distance of the first ask above the mid price, as a fraction.
        minimum_spread: An order closer to the mid price than this fraction is cancelled; ``None``
            for off.
        order_levels: On each side.
        order_level_spread: Added to the spread with each level, as a fraction.
        order_level_amount: Added to the amount with each level, in base currency.
        order_refresh_time: How long a set of orders is meant to stand, in seconds.
        order_refresh_tolerance: A set is kept while no price would move more than this fraction;
            ``None`` to replace it always. The key is ``order_refresh_tolerance_pct``.
        filled_order_delay: Pause after an order is filled whole, in seconds.
        max_order_age: An order older than this many seconds ends its set.
        limits: What it may do at most.
    """

    kind: Annotated[StrategyKind, Choice(StrategyKind)]
    pair: PairName
    order_amount: Positive
    bid_spread: SpreadAboveZero
    ask_spread: SpreadAboveZero
    minimum_spread: Annotated[Decimal, percent(at_least=0, below=100)] | None = None
    order_levels: Annotated[int, Whole(at_least=1, at_most=50)] = 1
    order_level_spread: SpreadAboveZero = Decimal("0.01")
    order_level_amount: Annotated[Decimal, Number()] = ZERO
    order_refresh_time: Span
    order_refresh_tolerance: Annotated[Decimal, percent(at_least=0, at_most=10)] | None = (
        attrs.field(default=None, metadata={"key": "order_refresh_tolerance_pct"})
    )
    filled_order_delay: Annotated[float, Seconds(above=None, at_least=ZERO)] = 60.0
    max_order_age: Span = 1800.0
    limits: RiskLimitSettings = attrs.field(factory=RiskLimitSettings)

    @property
    def risk_limits(self) -> RiskLimits:
        """What every order of this strategy is held against."""
        return self.limits.limits(self._quoting)

    @property
    def _quoting(self) -> Quoting:
        nearest = max(self.bid_spread, self.ask_spread)
        return Quoting(
            amounts=self.amounts,
            farthest_spread=nearest + (self.order_levels - 1) * self.order_level_spread,
            refresh_s=self.order_refresh_time,
        )

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        """The order amount of each level, in base currency, nearest to the market first."""
        return tuple(
            self.order_amount + level * self.order_level_amount
            for level in range(self.order_levels)
        )

    def contradictions(self) -> Iterator[Refused]:
        last_spread = self.bid_spread + (self.order_levels - 1) * self.order_level_spread
        if last_spread >= ONE:
            yield Refused(
                f"puts the last bid {percent_text(last_spread)} below the mid price",
                "use fewer levels or a smaller order_level_spread",
                key=("order_level_spread",),
            )
        if self.amounts[-1] <= ZERO:
            yield Refused(
                f"leaves the last level {decimal_text(self.amounts[-1])}",
                "use fewer levels or shrink the amounts more slowly",
                key=("order_level_amount",),
            )
        nearest = min(self.bid_spread, self.ask_spread)
        if self.minimum_spread is not None and self.minimum_spread >= nearest:
            yield Refused(
                f"of {percent_text(self.minimum_spread)} is not below the spread of "
                f"{percent_text(nearest)}: every order would be cancelled at once",
                "keep it below bid_spread and ask_spread, or leave it out",
                key=("minimum_spread",),
            )
        yield from self.limits.hindrances(self._quoting)


@attrs.frozen(kw_only=True)
class Settings:
    """
    A whole configuration in which nothing is wrong.

    Args:
        strategies: By name; each on a pair of its own.
        credentials: ``None`` with the simulated exchange, whatever the file names.
        source: Where each setting was written, for problems that are found later.
    """

    engine: EngineSettings
    log: LogSettings
    venue: VenueSettings
    simulator: SimulatorSettings
    strategies: Mapping[StrategyName, PureMarketMakingSettings]
    credentials: Credentials | None
    source: Source = attrs.field(eq=False, repr=False)

    @property
    def recording_pair(self) -> Pair:
        """The pair that a recording is replayed as."""
        return self.simulator.recording_pair or next(iter(self.strategies.values())).pair
