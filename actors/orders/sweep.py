"""A sweep of our orders where no core runs: list, cancel, list again, until there is none."""

from collections.abc import Callable, Iterable

from actors.net.venue_rest import VenueRest
from actors.orders.playing import ScriptPlayer
from trading.core.identifiers import ClientOrderId
from trading.gateway import sweep as scripts
from trading.messages.account import OrderReport
from trading.orders.order import Order
from trading.venues.interface import Venue


async def sweep(
    rest: VenueRest,
    venue: Venue,
    owns: Callable[[ClientOrderId | None], bool],
    *,
    pause_s: float,
    left: list[OrderReport] | None = None,
    known: Iterable[Order] = (),
) -> None:
    """
    Cancel all our orders by REST, until the venue's own list shows none, twice.

    ``trading.gateway.sweep`` describes the arguments.

    Raises:
        Fatal: The venue refuses our key.
    """
    player = ScriptPlayer(rest)
    await player.play(
        scripts.sweep(player.turn, venue, owns, pause_s=pause_s, left=left, known=known)
    )
