"""The doctor's step that fetches the prices from elsewhere."""

from decimal import Decimal

import trio

from actors.market.custom_price import ask_for_a_price
from config.rules.rules import percent_text
from config.strategies.base import StrategySettings
from config.strategies.pure_market_making import PureMarketMakingSettings
from engine.doctor.context import DoctorContext
from engine.doctor.findings import Finding, failure, fine, warning
from engine.environment.price_sources import PriceSources
from engine.process.exit_codes import ExitCode
from trading.core.decimals import ZERO, decimal_text
from trading.core.errors import Outage, Rejected, VenueFault
from trading.core.market import MarketPrices
from trading.strategies.interface import Prices, ReferencePrice
from trading.strategies.pure_market_making.features import PriceSource
from trading.strategies.pure_market_making.reference import prices_from_elsewhere

_CURE = (
    "look at price_source_market, price_source_exchange and its URL, or at"
    " price_source_custom_api: without this price the strategy quotes nothing"
)


async def check_price_sources(examination: DoctorContext) -> Finding:
    """Whether each price from elsewhere is there, and could be quoted around."""
    await trio.lowlevel.checkpoint()  # a step is a step, however quick
    sources = PriceSources(
        settings=examination.settings,
        world=examination.world,
        here=(examination.party.venue, examination.rest),
    )
    said, wrong, odd, code = [], [], [], ExitCode.FAILURE
    for name, strategy in examination.settings.strategies.items():
        if not _asks_elsewhere(strategy):
            continue
        assert isinstance(strategy, PureMarketMakingSettings)
        about = f"{name}: {_source(strategy, sources)}"
        try:
            price = await _price(strategy, sources)
        except (Outage, VenueFault) as trouble:
            wrong.append(f"{about}: {trouble}")
            if isinstance(trouble, Rejected):
                code = ExitCode.CONFIGURATION
            continue
        said.append(f"{about}: {decimal_text(price)}")
        odd += _far_away(about, price, strategy, examination)
    if wrong:
        return failure("; ".join(wrong), _CURE, code=code, blocks=False)
    if odd:
        return warning(
            "; ".join(odd), "look whether it is the price of the same pair of currencies"
        )
    return fine("; ".join(said) or "not used: every strategy quotes around its own book")


def _asks_elsewhere(strategy: StrategySettings) -> bool:
    return (
        isinstance(strategy, PureMarketMakingSettings)
        and strategy.price_source is not PriceSource.CURRENT_MARKET
    )


def _source(strategy: PureMarketMakingSettings, sources: PriceSources) -> str:
    if strategy.price_source is PriceSource.CUSTOM_API:
        return str(strategy.price_source_custom_api)
    return f"{strategy.price_source_market} of {sources.market_name(strategy)}"


async def _price(strategy: PureMarketMakingSettings, sources: PriceSources) -> Decimal:
    """
    The price that the strategy would quote around.

    Raises:
        Outage: The source does not answer, or not with the price that is needed.
        VenueFault: The source refuses, as for a pair that it does not list.
    """
    if strategy.price_source is PriceSource.CUSTOM_API:
        assert strategy.price_source_custom_api is not None, "loading refuses it"
        return await ask_for_a_price(sources.client, strategy.price_source_custom_api)
    assert strategy.price_source_market is not None, "loading refuses it"
    venue, rest = sources.market(strategy)
    seen = await rest.call(venue.market_prices(strategy.price_source_market))
    used = prices_from_elsewhere(_as_seen(seen), strategy.parameters)
    values = [price.value for price in used if price is not None and price.value > ZERO]
    if len(values) < len(used):
        raise Outage(f"it has no {strategy.price_type.value} now")
    return sum(values, ZERO) / len(values)


def _as_seen(prices: MarketPrices) -> Prices:
    now = trio.current_time()
    bid, ask, last = (
        None if price is None else ReferencePrice(price, now)
        for price in (prices.best_bid, prices.best_ask, prices.last_trade)
    )
    return Prices(external_bid=bid, external_ask=ask, external_last_trade=last)


def _far_away(
    about: str, price: Decimal, strategy: PureMarketMakingSettings, examination: DoctorContext
) -> list[str]:
    """A price that the collar around the traded market would not let through."""
    mid_price = examination.learnt.prices.get(strategy.pair)
    collar = strategy.risk_limits.price_collar
    if mid_price is None or abs(price - mid_price) <= collar * mid_price:
        return []
    words = (
        f"{about} is {decimal_text(price)}, and {strategy.pair} stands at"
        f" {decimal_text(mid_price)}: no order around it would pass the price collar of"
        f" {percent_text(collar)}"
    )
    return [words]
