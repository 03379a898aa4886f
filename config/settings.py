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
from config.rules.rules import (
    Choice,
    Flag,
    OneOf,
    Origin,
    Seconds,
    Span,
    Text,
    nearest_cure,
    shown,
)
from config.sections.alerts import AlertSettings
from config.sections.engine import EngineSettings
from config.sections.log import LogSettings
from config.sections.recording import RecordingSettings
from config.sections.simulator import SimulatorSettings
from config.source.problems import Refused
from config.source.source import Source
from config.strategies.base import StrategySettings
from trading.core.identifiers import Pair, StrategyName
from trading.readiness.clock_offset import ClockLimits
from trading.venues.kind import VenueKind
from trading.venues.registry import venue_kind, venue_names


class OrderEntry(enum.Enum):
    """The way that new orders go; the other one stands in where the first certainly failed."""

    SOCKET = "socket"
    REST = "rest"


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
        rest_url: Scheme, host and port; ``None`` (with websocket_url) for the simulated exchange,
            or for the venue's own address where the simulated exchange does not speak its protocol.
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
            ``None`` for the venue's usual one.
        order_entry: The way that new orders go.
        reconciliation_s: Between two comparisons of our orders and fills with the venue's lists.
        clock_refresh_s: Between two looks at the venue's clock.
        clock_age_max_s: A clock not compared for so long stops the quotes.
        clock_uncertainty_max_s: A clock known less surely stops the quotes.
        clock_offset_max_s: A clock of ours that is further off stops the quotes.
        allow_withdraw_permission: Whether to trade with a key that could send the money away.
    """

    kind: Annotated[str, OneOf(venue_names)]
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
    book_feed: Annotated[str, Text()] | None = None
    order_entry: Annotated[OrderEntry, Choice(OrderEntry)] = OrderEntry.SOCKET
    reconciliation_s: Span = 60.0
    clock_refresh_s: Span = 60.0
    clock_age_max_s: Span = 300.0
    clock_uncertainty_max_s: Span = 0.5
    clock_offset_max_s: Span = 1.0
    allow_withdraw_permission: Annotated[bool, Flag()] = False

    @property
    def simulated(self) -> bool:
        """Whether the engine starts an exchange of its own to trade with."""
        return self.known.simulated and self.rest_url is None and self.websocket_url is None

    @property
    def known(self) -> VenueKind:
        """What is known of such a venue."""
        return venue_kind(self.kind)

    @property
    def feed(self) -> str:
        """Where order books come from, by the venue's name."""
        return self.book_feed or self.known.usual_feed

    @property
    def clock_limits(self) -> ClockLimits:
        """The limits for a clock that is sure enough."""
        return ClockLimits(
            uncertainty_max_ms=self.clock_uncertainty_max_s * 1000,
            offset_max_ms=self.clock_offset_max_s * 1000,
        )

    def contradictions(self) -> Iterator[Refused]:
        feeds = self.known.feeds.values()
        if self.feed not in feeds:
            yield Refused(
                f"{shown(self.feed)} is not known",
                nearest_cure(self.feed, feeds),
                key=("book_feed",),
            )
        if (self.rest_url is None) != (self.websocket_url is None):
            given, absent = ("rest_url", "websocket_url")
            if self.rest_url is None:
                given, absent = absent, given
            yield Refused(
                f"is given, but {absent} is not",
                "give both for a real exchange, none for the simulated one"
                if self.known.simulated
                else f"give both, or none for {self.known.title}'s own addresses",
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
class Settings:
    """
    A whole configuration in which nothing is wrong.

    Args:
        strategies: By name; several may trade one pair.
        credentials: ``None`` with the simulated exchange, whatever the file names.
        source: Where each setting was written, for problems that are found later.
    """

    engine: EngineSettings
    log: LogSettings
    venue: VenueSettings
    simulator: SimulatorSettings
    recording: RecordingSettings
    alerts: AlertSettings
    strategies: Mapping[StrategyName, StrategySettings]
    credentials: Credentials | None
    source: Source = attrs.field(eq=False, repr=False)

    @property
    def recording_pair(self) -> Pair:
        """The pair that a recording is replayed as."""
        return self.simulator.recording_pair or next(iter(self.strategies.values())).pair
