"""The venue connection: a real venue by its URLs, or the simulated exchange of the settings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs
import trio

from actors.net.network import Address, AddressSource
from actors.ports.ports import Latest, WallClock
from config.load.loading import MarketSettings
from config.settings import Settings, VenueSettings
from engine.environment.world import World
from trading.core.errors import Outage
from trading.core.identifiers import base36
from trading.core.instrument import Instrument
from trading.readiness.clock_offset import ClockOffset
from trading.venues.interface import MarketVenue, Venue
from trading.venues.kind import Key

if TYPE_CHECKING:
    from actors.market.live_feed import LiveFeed
    from trading.venues.valr.simulator.exchange import SimulatedExchange

_TLS_SCHEMES = frozenset({"https", "wss"})
LOOPBACK = "127.0.0.1"


@attrs.frozen(kw_only=True)
class MarketConnection:
    """
    A venue for public market data, with its addresses.

    Args:
        venue: Its protocol.
        name: For people.
        rest: Where its REST interface is.
        sockets: Where its WebSockets are.
        exchange: The simulated exchange that this process has to serve; ``None`` for any other
            venue.
        listening: The port on which it is served, once it is.
    """

    venue: MarketVenue
    name: str
    rest: AddressSource
    sockets: AddressSource
    exchange: "SimulatedExchange | None"
    listening: Latest[int]


@attrs.frozen(kw_only=True)
class VenueConnection(MarketConnection):
    """
    A venue to trade with.

    Args:
        venue: Its protocol, with our key.
        identity: The venue's name in the ledger: connections of the same name see the same orders.
            A new simulated exchange has no orders, so each has a name of its own.
        clock_offset: Of the venue's clock, once known; signatures are dated by it.
        live: Where the simulated exchange's market comes from, if it is live.
    """

    venue: Venue
    identity: str
    clock_offset: Latest[ClockOffset]
    live: "LiveFeed | None" = None


def counterparty(settings: Settings, world: World) -> VenueConnection:
    """The real venue when the settings name its URLs, else a new simulated exchange."""
    if settings.venue.simulated:
        from engine.environment.simulated_venue import simulated_exchange  # noqa: PLC0415  # not in a live run

        exchange = simulated_exchange(settings.simulator, settings.recording_pair, world)
        return served_counterparty(settings, world, exchange)
    clock_offset = Latest[ClockOffset]()
    credentials = settings.credentials
    assert credentials is not None, "loading refuses a real venue without a key"
    key = Key(
        api_key=credentials.api_key.reveal(),
        api_secret=credentials.api_secret.reveal(),
        subaccount_id=credentials.subaccount_id or "",
    )
    title, (rest, sockets) = settings.venue.known.title, _addresses(settings.venue)
    identity = venue_identity(settings)
    assert identity is not None, "it is a real one"
    return VenueConnection(
        venue=_trading(settings.venue, key, venue_clock(world, clock_offset)),
        name=f"{title} at {rest.authority}",
        identity=identity,
        rest=lambda: rest,
        sockets=lambda: sockets,
        exchange=None,
        listening=Latest[int](),
        clock_offset=clock_offset,
    )


def venue_identity(settings: Settings) -> str | None:
    """A real venue's name in the ledger; ``None`` for an exchange that is new with each run."""
    if settings.venue.simulated or settings.credentials is None:
        return None
    parts = (
        settings.venue.known.title,
        settings.venue.rest_url,
        settings.credentials.subaccount_id,
    )
    return " ".join(filter(None, parts))


def served_counterparty(
    settings: Settings, world: World, exchange: "SimulatedExchange"
) -> VenueConnection:
    """The connection to a new simulated exchange that this process serves."""
    listening = Latest[int]()
    return simulated_counterparty(
        settings,
        world,
        identity=f"simulated {base36(world.wall_clock())}",
        rest=_loopback(listening),
        sockets=_loopback(listening),
        exchange=exchange,
        listening=listening,
    )


def simulated_counterparty(
    settings: Settings,
    world: World,
    *,
    identity: str,
    rest: AddressSource,
    sockets: AddressSource,
    exchange: "SimulatedExchange | None",
    listening: Latest[int],
) -> VenueConnection:
    """
    The connection to a simulated exchange, of this process or of another.

    Args:
        exchange: The one that this process serves; ``None`` where another does.
    """
    from engine.environment.simulated_venue import demo_key  # noqa: PLC0415  # not in a live run

    clock_offset, key = Latest[ClockOffset](), demo_key()
    return VenueConnection(
        venue=_trading(settings.venue, key, venue_clock(world, clock_offset)),
        name=f"simulated {settings.venue.known.title}",
        identity=identity,
        rest=rest,
        sockets=sockets,
        exchange=exchange,
        listening=listening,
        clock_offset=clock_offset,
    )


def _trading(venue: VenueSettings, key: Key, clock: WallClock) -> Venue:
    trading = venue.known.trading
    assert trading is not None, "loading refuses a venue that cannot be traded with"
    return trading(key, clock, venue.feed)


def _addresses(venue: VenueSettings) -> tuple[Address, Address]:
    """The addresses of REST and of the sockets: those of the settings, or the venue's own."""
    known = venue.known
    return address_of(venue.rest_url or known.rest_url), address_of(
        venue.websocket_url or known.websocket_url
    )


def venue_clock(world: World, clock_offset: Latest[ClockOffset]) -> WallClock:
    """Our clock, corrected by the offset of the venue's."""

    def clock() -> int:
        offset = clock_offset.read()
        return world.wall_clock() + (0 if offset is None else round(offset.offset_ms * 1e6))

    return clock


def public_counterparty(market: MarketSettings, world: World) -> MarketConnection:
    """The connection for market data alone: without a key, and without the venue's clock."""
    listening, kind = Latest[int](), market.venue.known
    venue, simulator = market.venue, market.simulator
    if venue.simulated:
        from engine.environment.simulated_venue import (  # noqa: PLC0415  # not in a live run
            USUAL_PAIR,
            simulated_exchange,
        )

        pair = simulator.recording_pair or USUAL_PAIR
        return MarketConnection(
            venue=kind.market(venue.feed),
            name=f"simulated {kind.title}",
            rest=_loopback(listening),
            sockets=_loopback(listening),
            exchange=simulated_exchange(simulator, pair, world),
            listening=listening,
        )
    rest, sockets = _addresses(venue)
    return MarketConnection(
        venue=kind.market(venue.feed),
        name=f"{kind.title} at {sockets.authority}",
        rest=lambda: rest,
        sockets=lambda: sockets,
        exchange=None,
        listening=listening,
    )


def _loopback(listening: Latest[int]) -> AddressSource:
    """The address on which the simulated exchange is served, as soon as it is."""

    def address() -> Address:
        port = listening.read()
        if port is None:
            raise Outage("the simulated exchange is not being served")
        return Address(host=LOOPBACK, port=port, tls=False)

    return address


def simulated_rules() -> Mapping[str, Instrument]:
    """The trading rules of the pairs that the simulated exchange has by itself."""
    from engine.environment.simulated_venue import built_in_rules  # noqa: PLC0415  # not in a live run

    return built_in_rules()


def began_at(exchange: "SimulatedExchange", world: World) -> float:
    """
    Monotonic seconds at which an exchange's time was zero, so that its clock shows the time of day.

    Time that has passed since the exchange was made has passed at the exchange too.
    """
    return trio.current_time() - (world.wall_clock() - exchange.epoch_ns) / 1e9


def address_of(url: str) -> Address:
    """The address in a URL of scheme, host and port."""
    parts = urlsplit(url)
    tls = parts.scheme in _TLS_SCHEMES
    assert parts.hostname is not None, "loading refuses a URL without a host"
    return Address(host=parts.hostname, port=parts.port or (443 if tls else 80), tls=tls)
