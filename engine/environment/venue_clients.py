"""What speaks to a venue: its REST interface and its sockets, within one set of rate limits."""

from typing import TYPE_CHECKING

import attrs

from actors.net.key_standing import KeyStanding
from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from actors.net.venue_socket import VenueSocket
from actors.ports.ports import Latest, Wakeup
from actors.ports.stalls import Stalls
from actors.ports.tap import Tap
from config.settings import VenueSettings
from engine.environment.venue_connection import MarketConnection, began_at
from engine.environment.world import World
from trading.venues.rate_limits import RateBudget

if TYPE_CHECKING:
    from actors.simulated_exchange import SimulatedExchangeActor


@attrs.frozen(kw_only=True)
class VenueClients:
    """
    The clients of one venue.

    Args:
        gate: One for all that leaves: the venue counts by key and by address, not by actor.
    """

    gate: RateGate
    rest: VenueRest
    socket: VenueSocket


def venue_clients(
    party: MarketConnection,
    settings: VenueSettings,
    world: World,
    *,
    key: KeyStanding | None = None,
    stalls: Stalls | None = None,
    tap: Tap | None = None,
) -> VenueClients:
    """
    Clients with a gate of their own.

    Args:
        key: What to make of it if our key is refused; ``None`` for one that never worked.
        stalls: After one, connections end; ``None`` where the loop is not watched.
        tap: Takes each REST answer for the session's recording; ``None`` where none is made.
    """
    gate = RateGate(RateBudget(party.venue.rate_limits()))
    rest = VenueRest(
        party.venue,
        world.network,
        party.rest,
        answer_deadline_s=settings.answer_deadline_s,
        gate=gate,
        key=key,
        tap=tap,
    )
    socket = VenueSocket(
        venue=party.venue,
        network=world.network,
        address=party.sockets,
        connect_deadline_s=settings.connect_deadline_s,
        ping_interval_s=settings.ping_interval_s,
        pong_deadline_s=settings.pong_deadline_s,
        rest=rest,
        gate=gate,
        stalls=stalls or Stalls(),
        key=key or KeyStanding(),
    )
    return VenueClients(gate=gate, rest=rest, socket=socket)


def exchange_server(
    party: MarketConnection,
    world: World,
    ended: Latest[str],
    stirred: Wakeup | None = None,
) -> "SimulatedExchangeActor | None":
    """
    What serves the simulated exchange; ``None`` where the venue is a real one.

    Args:
        ended: Shows the end of a recording that is replayed as its market.
        stirred: Rung by whoever acts upon the exchange itself.
    """
    if party.exchange is None:
        return None
    from actors.simulated_exchange import SimulatedExchangeActor  # noqa: PLC0415  # not in a live run

    return SimulatedExchangeActor(
        network=world.network,
        exchange=party.exchange,
        listening=party.listening,
        ended=ended,
        began_at=began_at(party.exchange, world),
        stirred=stirred or Wakeup(),
    )
