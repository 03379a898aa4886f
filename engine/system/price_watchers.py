"""Who fetches the prices that strategies ask for beyond their own book."""

from collections.abc import Iterator

import attrs

from actors.market.custom_price import CustomPriceActor
from actors.market.market_prices import MarketPricesActor
from actors.net.http_client import HttpClient
from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from config.settings import Settings
from config.strategies.base import StrategySettings
from config.strategies.pure_market_making import PureMarketMakingSettings
from engine.environment.venue_connection import VenueConnection, address_of
from engine.environment.world import World
from engine.supervision.tree import ChildSpec
from engine.wiring.wires import StrategyPorts, Wires
from trading.core.identifiers import StrategyName
from trading.strategies.pure_market_making.features import PriceSource
from trading.venues.interface import MarketVenue
from trading.venues.rate_limits import RateBudget
from trading.venues.registry import venue_kind


def price_watchers(
    settings: Settings, party: VenueConnection, wires: Wires, rest: VenueRest, world: World
) -> tuple[ChildSpec, ...]:
    """One child for each price from elsewhere that a strategy is configured with."""
    sources = _Sources(settings=settings, world=world, here=(party.venue, rest))
    return tuple(
        child
        for name, strategy in settings.strategies.items()
        for child in _watchers_of(name, strategy, wires.strategies[name], sources)
    )


@attrs.frozen(kw_only=True)
class _Sources:
    """
    Where prices are asked for.

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


def _watchers_of(
    name: StrategyName, strategy: StrategySettings, ports: StrategyPorts, sources: _Sources
) -> Iterator[ChildSpec]:
    if not isinstance(strategy, PureMarketMakingSettings):
        return
    interval_s = strategy.custom_api_update_interval
    match strategy.price_source:
        case PriceSource.CUSTOM_API:
            assert strategy.price_source_custom_api is not None, "loading refuses it"
            custom = CustomPriceActor(
                client=sources.client,
                url=strategy.price_source_custom_api,
                interval_s=interval_s,
                price=ports.custom_price,
            )
            yield ChildSpec(name=f"custom price of {name}", actor=custom)
        case PriceSource.EXTERNAL_MARKET:
            assert strategy.price_source_market is not None, "loading refuses it"
            pair = strategy.price_source_market
            venue, rest = sources.market(strategy)
            market = MarketPricesActor(
                venue=venue,
                rest=rest,
                pair=pair,
                interval_s=interval_s,
                prices=ports.other_market,
            )
            yield ChildSpec(name=f"prices of {pair} for {name}", actor=market)
        case PriceSource.CURRENT_MARKET:
            pass
