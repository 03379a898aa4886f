"""The actors that fetch prices from elsewhere for strategies."""

from collections.abc import Iterator

from actors.market.market_prices import MarketPricesActor
from actors.net.venue_rest import VenueRest
from config.settings import Settings
from config.strategies.base import StrategySettings
from config.strategies.pure_market_making import PureMarketMakingSettings
from engine.environment.price_sources import PriceSources
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.supervision.tree import ChildSpec
from engine.wiring.wires import StrategyPorts, Wires
from trading.core.identifiers import StrategyName
from trading.strategies.pure_market_making.features import PriceSource


def price_watchers(
    settings: Settings, party: VenueConnection, wires: Wires, rest: VenueRest, world: World
) -> tuple[ChildSpec, ...]:
    """One child for each price from elsewhere that a strategy is configured with."""
    sources = PriceSources(settings=settings, world=world, here=(party.venue, rest))
    return tuple(
        child
        for name, strategy in settings.strategies.items()
        for child in _watchers_of(name, strategy, wires.strategies[name], sources)
    )


def _watchers_of(
    name: StrategyName, strategy: StrategySettings, ports: StrategyPorts, sources: PriceSources
) -> Iterator[ChildSpec]:
    if not isinstance(strategy, PureMarketMakingSettings):
        return
    interval_s = strategy.custom_api_update_interval
    match strategy.price_source:
        case PriceSource.CUSTOM_API:
            from actors.market.custom_price import CustomPriceActor  # noqa: PLC0415  # it loads httpx

            assert strategy.price_source_custom_api is not None, "loading refuses it"
            custom = CustomPriceActor(
                client=sources.client,
                url=strategy.price_source_custom_api,
                interval_s=interval_s,
                price=ports.custom_price,
            )
            yield ChildSpec(name=f"custom price of {name}", actor=custom, fetches_price_for=name)
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
            yield ChildSpec(
                name=f"prices of {pair} for {name}", actor=market, fetches_price_for=name
            )
        case PriceSource.CURRENT_MARKET:
            pass
