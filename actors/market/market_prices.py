"""An actor that polls a market's best and last prices, without keeping its book."""

import attrs
import trio

from actors.net.venue_rest import VenueRest
from actors.ports.ports import Latest
from trading.core.identifiers import Pair
from trading.core.market import SeenPrices
from trading.venues.interface import MarketVenue


@attrs.frozen(kw_only=True)
class MarketPricesActor:
    """
    Polls a pair's prices, and shows them with the moment they were asked for.

    After a failure the last prices stay shown; their age tells the readers.

    Ports:
        prices: The newest ones.

    Args:
        interval_s: Between two looks; the venue may answer with what it summed up seconds ago.

    Raises:
        Outage: The venue did not answer, or nothing that can be read.
    """

    venue: MarketVenue
    rest: VenueRest
    pair: Pair
    interval_s: float
    prices: Latest[SeenPrices]

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        while True:
            asked_at = trio.current_time()
            prices = await self.rest.call(self.venue.market_prices(self.pair))
            self.prices.put(SeenPrices(prices, asked_at))
            await trio.sleep_until(max(asked_at + self.interval_s, trio.current_time()))
