"""The venue connection: a real venue by its URLs, or the simulated exchange of the settings."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from random import Random
from urllib.parse import urlsplit

import attrs
import trio

from actors.net.network import Address, AddressSource
from actors.ports.ports import Latest, WallClock
from config.load.loading import MarketSettings
from config.sections.simulator import (
    FaultSettings,
    Flow,
    PairSettings,
    RuleSettings,
    SimulatorSettings,
)
from config.settings import Settings, VenueSettings
from engine.environment.world import World
from trading.core.errors import Outage
from trading.core.identifiers import Pair, base36
from trading.core.instrument import Instrument
from trading.readiness.clock_offset import ClockOffset
from trading.simulator.core.flows import RecordedFlow, SyntheticFlow
from trading.simulator.core.pair import DEFAULT_PAIRS, SimulatedPair
from trading.simulator.market.recording import MalformedRecording
from trading.venues.interface import MarketVenue, Venue
from trading.venues.kind import Key
from trading.venues.valr.simulator.core.fault_plan import Fault, FaultPlan
from trading.venues.valr.simulator.core.rules import RateLimits, VenueRules
from trading.venues.valr.simulator.core.settings import (
    DEMO_ACCOUNT,
    DemoAccount,
    ExchangeSettings,
    Fees,
)
from trading.venues.valr.simulator.exchange import SimulatedExchange

_PERCENT = Decimal(100)
_TLS_SCHEMES = frozenset({"https", "wss"})
LOOPBACK = "127.0.0.1"

_WARM_UP_S = 120.0
"""For so long a synthetic market has run when the engine starts, so that it has trades and its
depth is no longer the initial one. A recording begins at its beginning."""
_DEMO_KEY, _DEMO_SECRET = 0xACC0, 0x5EC0


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
    exchange: SimulatedExchange | None
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
    """

    venue: Venue
    identity: str
    clock_offset: Latest[ClockOffset]


def counterparty(settings: Settings, world: World) -> VenueConnection:
    """The real venue when the settings name its URLs, else a new simulated exchange."""
    if settings.venue.simulated:
        listening = Latest[int]()
        return simulated_counterparty(
            settings,
            world,
            identity=f"simulated {base36(world.wall_clock())}",
            rest=_loopback(listening),
            sockets=_loopback(listening),
            exchange=simulated_exchange(settings.simulator, settings.recording_pair, world),
            listening=listening,
        )
    clock_offset = Latest[ClockOffset]()
    credentials = settings.credentials
    assert credentials is not None, "loading refuses a real venue without a key"
    key = Key(
        api_key=credentials.api_key.reveal(),
        api_secret=credentials.api_secret.reveal(),
        subaccount_id=credentials.subaccount_id or "",
    )
    title, (rest, sockets) = settings.venue.known.title, _addresses(settings.venue)
    return VenueConnection(
        venue=_trading(settings.venue, key, venue_clock(world, clock_offset)),
        name=f"{title} at {rest.authority}",
        identity=" ".join(
            filter(None, (title, settings.venue.rest_url, credentials.subaccount_id))
        ),
        rest=lambda: rest,
        sockets=lambda: sockets,
        exchange=None,
        listening=Latest[int](),
        clock_offset=clock_offset,
    )


def simulated_counterparty(
    settings: Settings,
    world: World,
    *,
    identity: str,
    rest: AddressSource,
    sockets: AddressSource,
    exchange: SimulatedExchange | None,
    listening: Latest[int],
) -> VenueConnection:
    """
    The connection to a simulated exchange, of this process or of another.

    Args:
        exchange: The one that this process serves; ``None`` where another does.
    """
    clock_offset = Latest[ClockOffset]()
    key = Key(api_key=DEMO_ACCOUNT.api_key, api_secret=DEMO_ACCOUNT.api_secret)
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
        pair = simulator.recording_pair or DEFAULT_PAIRS[0].symbol
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
    return {pair.symbol: _instrument(pair) for pair in DEFAULT_PAIRS}


def demo_accounts(simulator: SimulatorSettings) -> tuple[DemoAccount, ...]:
    """The accounts of the simulated exchange; the engine's own is the first."""
    first = attrs.evolve(
        DEMO_ACCOUNT,
        balances=simulator.balances or DEMO_ACCOUNT.balances,
        permissions=simulator.key_permissions,
        addresses=simulator.key_addresses,
    )
    others = (
        attrs.evolve(
            first,
            api_key=f"{_DEMO_KEY + number:04x}" * 16,
            api_secret=f"{_DEMO_SECRET + number:04x}" * 16,
        )
        for number in range(1, simulator.accounts)
    )
    return (first, *others)


def simulated_exchange(
    simulator: SimulatorSettings,
    recording_pair: Pair,
    world: World,
    traded: Collection[Pair] | None = None,
) -> SimulatedExchange:
    """
    A new simulated exchange.

    Args:
        recording_pair: What a recording is replayed as, if one is.
        traded: The pairs in which anything happens; the others are listed as inactive. ``None``
            for all.
    """
    own = {pair.symbol: pair for pair in DEFAULT_PAIRS}
    added = {symbol: _simulated_pair(symbol, pair) for symbol, pair in simulator.pairs.items()}
    pairs: Iterable[SimulatedPair] = {**own, **added}.values()
    if traded is not None:
        pairs = [attrs.evolve(p, active=p.active and p.symbol in traded) for p in pairs]
    window_s = simulator.rules.timestamp_window_s
    exchange_settings = ExchangeSettings(
        pairs=tuple(pairs),
        accounts=demo_accounts(simulator),
        fees=Fees(
            maker_percentage=simulator.maker_fee * _PERCENT,
            taker_percentage=simulator.taker_fee * _PERCENT,
        ),
        synthetic=SyntheticFlow(**attrs.asdict(simulator.crowd)),
        recorded=RecordedFlow(
            speed=simulator.speed,
            tick_size=simulator.recording_tick_size,
            lot_size=simulator.recording_lot_size,
        ),
        authentication_failure_status=simulator.rules.authentication_failure_status,
        timestamp_window_ms=None if window_s is None else round(window_s * 1000),
        idle_limit_s=simulator.rules.idle_limit_s,
        unauthenticated_limit_s=simulator.rules.unauthenticated_limit_s,
        rules=_rules(simulator.rules),
        limits=RateLimits(**attrs.asdict(simulator.limits)),
        faults=_fault_plan(simulator.faults),
    )
    recordings: dict[Pair, Iterator[bytes]] = {}
    if simulator.flow is Flow.RECORDING:
        recordings[recording_pair] = _recorded_lines(simulator, world)
    chance = Random(world.random.getrandbits(64))  # noqa: S311  # a market, not a secret
    warm_up_s = 0.0 if recordings else _WARM_UP_S
    epoch_ns = world.wall_clock() - round(warm_up_s * 1e9)
    exchange = SimulatedExchange(exchange_settings, chance, epoch_ns, recordings)
    exchange.advance(warm_up_s)
    return exchange


def _recorded_lines(simulator: SimulatorSettings, world: World) -> Iterator[bytes]:
    try:
        yield from world.disk.lines(simulator.recording)
    except OSError as error:
        named = "" if error.filename is None else f"{error.filename}: "
        raise MalformedRecording(f"{named}{error.strerror or error}") from error


def began_at(exchange: SimulatedExchange, world: World) -> float:
    """
    Monotonic seconds at which an exchange's time was zero, so that its clock shows the time of day.

    Time that has passed since the exchange was made has passed at the exchange too.
    """
    return trio.current_time() - (world.wall_clock() - exchange.epoch_ns) / 1e9


def _rules(rules: RuleSettings) -> VenueRules:
    names = {field.name for field in attrs.fields(VenueRules)}
    given = attrs.asdict(rules, recurse=False)
    return VenueRules(**{name: given[name] for name in given if name in names})


def _fault_plan(faults: FaultSettings) -> FaultPlan:
    chances = {fault: float(getattr(faults, fault.value)) for fault in Fault}
    return FaultPlan(
        probabilities={fault: chance for fault, chance in chances.items() if chance},
        delay_max_s=faults.delay_max_s,
        late_lookup_s=faults.late_lookup_s,
    )


def _simulated_pair(symbol: Pair, pair: PairSettings) -> SimulatedPair:
    return SimulatedPair(symbol=symbol, **attrs.asdict(pair, recurse=False))


def _instrument(pair: SimulatedPair) -> Instrument:
    return Instrument(
        pair=pair.symbol,
        base=pair.base,
        quote=pair.quote,
        tick_size=pair.tick_size,
        lot_size=Decimal(1).scaleb(-pair.base_decimal_places),
        quantity_min=pair.min_base,
        quantity_max=pair.max_base,
        notional_min=pair.min_quote,
        notional_max=pair.max_quote,
        active=pair.active,
    )


def address_of(url: str) -> Address:
    """The address in a URL of scheme, host and port."""
    parts = urlsplit(url)
    tls = parts.scheme in _TLS_SCHEMES
    assert parts.hostname is not None, "loading refuses a URL without a host"
    return Address(host=parts.hostname, port=parts.port or (443 if tls else 80), tls=tls)
