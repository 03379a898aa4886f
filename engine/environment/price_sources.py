"""Where prices beyond a strategy's own book are asked for: another market, or an address."""

import attrs

from actors.net.http_client import HttpClient
from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from config.settings import Settings
from config.strategies.pure_market_making import PureMarketMakingSettings
from engine.environment.venue_connection import address_of
from engine.environment.world import World
from trading.venues.interface import MarketVenue
from trading.venues.rate_limits import RateBudget
from trading.venues.registry import venue_kind


@attrs.frozen(kw_only=True)
class PriceSources:
    """
    The venues and addresses that are asked.

    Args:
        here: The venue that is traded on.
        elsewhere: The other venues that somebody looks at; each has one budget of requests.
    """

    settings: Settings
    world: World
    here: tuple[MarketVenue, VenueRest]
    elsewhere: dict[str, tuple[MarketVenue, RateGate]] = attrs.field(factory=dict)

    @property
    def client(self) -> HttpClient:
        return HttpClient(
            self.world.network, answer_deadline_s=self.settings.venue.answer_deadline_s
        )

    def market(self, strategy: PureMarketMakingSettings) -> tuple[MarketVenue, VenueRest]:
        """The venue whose market a strategy looks at, and the way to ask it."""
        name = strategy.price_source_exchange
        if name is None or name == self.settings.venue.kind:
            return self.here
        kind = venue_kind(name)
        if name not in self.elsewhere:
            made = kind.market(kind.usual_feed)
            self.elsewhere[name] = made, RateGate(RateBudget(made.rate_limits()))
        venue, gate = self.elsewhere[name]
        address = address_of(strategy.price_source_exchange_url or kind.rest_url)
        rest = VenueRest(
            venue,
            self.world.network,
            lambda: address,
            answer_deadline_s=self.settings.venue.answer_deadline_s,
            gate=gate,
        )
        return venue, rest

    def market_name(self, strategy: PureMarketMakingSettings) -> str:
        """Whose market a strategy looks at, in words."""
        name = strategy.price_source_exchange or self.settings.venue.kind
        where = strategy.price_source_exchange_url
        title = venue_kind(name).title
        return title if where is None else f"{title} at {where}"
