"""The simulated exchange on a real venue's public market data: paper trading on live prices."""

import attrs

from actors.market.live_feed import LiveFeed, LiveFeedActor
from actors.market.recorder import RecorderActor
from actors.ports.ports import Latest
from config.load.checks import simulated_instruments
from config.settings import Settings
from engine.environment.live_market import LiveMarkets
from engine.environment.simulated_venue import built_in_rules, simulated_exchange
from engine.environment.venue_clients import venue_clients
from engine.environment.venue_connection import (
    MarketConnection,
    VenueConnection,
    address_of,
    served_counterparty,
)
from engine.environment.world import World
from trading.datasets.importers.scale import Scale
from trading.recorded.tally import Tally


def live_counterparty(settings: Settings, world: World) -> VenueConnection:
    """
    A simulated exchange whose market is a real one, with what carries that over.

    Our orders wait in it behind everything that is shown at their price when they come.
    """
    listed = simulated_instruments(built_in_rules(), settings.simulator)
    pairs = [strategy.pair for strategy in settings.strategies.values()]
    markets = LiveMarkets(
        {pair: Scale(listed[pair].tick_size, listed[pair].lot_size) for pair in pairs}
    )
    exchange = simulated_exchange(
        settings.simulator, settings.recording_pair, world, set(pairs), live=markets.clocks
    )
    markets.attach(exchange, world)
    recorder = RecorderActor(
        socket=venue_clients(_source(settings), settings.venue, world).socket,
        pairs=pairs,
        wall_clock=world.wall_clock,
        write=markets.write,
        tally=Tally(),
    )
    actor = LiveFeedActor(recorder=recorder, lost=markets.lost)
    party = served_counterparty(settings, world, exchange)
    return attrs.evolve(party, live=LiveFeed(actor=actor, stirred=markets.stirred))


def _source(settings: Settings) -> MarketConnection:
    """The venue whose public market data is traded on."""
    kind, simulator = settings.venue.known, settings.simulator
    rest = address_of(simulator.live_rest_url or kind.rest_url)
    sockets = address_of(simulator.live_websocket_url or kind.websocket_url)
    return MarketConnection(
        venue=kind.market(settings.venue.feed),
        name=f"{kind.title} at {sockets.authority}",
        rest=lambda: rest,
        sockets=lambda: sockets,
        exchange=None,
        listening=Latest[int](),
    )
