"""The price to quote around: which one, from where, and whether it still holds."""

from decimal import Decimal

import msgspec

from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.decisions.decision import Gate
from trading.strategies.interface import Prices, ReferencePrice, View
from trading.strategies.pure_market_making.features import PriceSource, PriceType
from trading.strategies.pure_market_making.gates import gate
from trading.strategies.pure_market_making.parameters import Parameters


class Reference(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    What each side is quoted around.

    Args:
        price: Of the configured type and source.
        sell_price: At least what the inventory has cost, where that is asked for; ``None`` where
            that is not known.
    """

    price: Decimal
    sell_price: Decimal | None


def find_reference(
    view: View, parameters: Parameters, last_own_price: Decimal | None
) -> Reference | Gate:
    """The reference, or why there is none: then nothing may stand either."""
    found = _found(view, parameters, last_own_price)
    if isinstance(found, Gate):
        return found
    if parameters.price_type is not PriceType.INVENTORY_COST:
        return Reference(price=found, sell_price=found)
    cost = view.prices.inventory_cost
    if cost is None:
        cost = parameters.inventory_price
    held = view.balances.get(view.instrument.base)
    if cost is None and held is not None and held.total > ZERO:
        return Reference(price=found, sell_price=None)
    return Reference(price=found, sell_price=max(found, cost or ZERO))


def reference_lapses_at(view: View, parameters: Parameters) -> float | None:
    """Monotonic seconds at which time alone takes the reference away; ``None`` if never."""
    if parameters.price_source is PriceSource.CURRENT_MARKET:
        return None
    used = prices_from_elsewhere(view.prices, parameters)
    known = [price.at + parameters.price_age_max for price in used if price is not None]
    return min((moment for moment in known if moment > view.now), default=None)


def inventory_cost_gate(view: View) -> Gate:
    held = view.balances[view.instrument.base].total
    return gate(
        "inventory_cost_unknown",
        Side.SELL,
        "what the {held} {base} that are held have cost is not known: give an inventory_price",
        held=held,
        base=view.instrument.base,
    )


def _found(view: View, parameters: Parameters, last_own_price: Decimal | None) -> Decimal | Gate:
    if parameters.price_type is PriceType.LAST_OWN_TRADE_PRICE and last_own_price is not None:
        return last_own_price
    if parameters.price_source is not PriceSource.CURRENT_MARKET:
        return _elsewhere(view, parameters)
    top = view.top
    match parameters.price_type:
        case PriceType.BEST_BID:
            return top.best_bid
        case PriceType.BEST_ASK:
            return top.best_ask
        case PriceType.LAST_PRICE if view.prices.last_trade is not None:
            return view.prices.last_trade.value
        case _:
            return top.mid_price


def _elsewhere(view: View, parameters: Parameters) -> Decimal | Gate:
    values: list[Decimal] = []
    for price in prices_from_elsewhere(view.prices, parameters):
        if price is None or price.value <= ZERO:
            return gate(
                "price_unknown",
                None,
                "the {source} has not given a price yet",
                source=parameters.price_source.value,
            )
        age = view.now - price.at
        # Added up as in reference_lapses_at, so that a look at that moment finds it lapsed.
        if price.at + parameters.price_age_max <= view.now:
            return gate(
                "price_lapsed",
                None,
                "the price of {price} from the {source} is {age} s old, {limit} s are allowed",
                price=price.value,
                source=parameters.price_source.value,
                age=age,
                limit=parameters.price_age_max,
            )
        values.append(price.value)
    return sum(values, ZERO) / len(values)


def prices_from_elsewhere(
    prices: Prices, parameters: Parameters
) -> tuple[ReferencePrice | None, ...]:
    """All that the configured type needs of a source elsewhere; their mean is the price."""
    match parameters.price_source, parameters.price_type:
        case PriceSource.CUSTOM_API, _:
            return (prices.custom,)
        case _, PriceType.BEST_BID:
            return (prices.external_bid,)
        case _, PriceType.BEST_ASK:
            return (prices.external_ask,)
        case _, PriceType.LAST_PRICE if prices.external_last_trade is not None:
            return (prices.external_last_trade,)
        case _:
            return (prices.external_bid, prices.external_ask)
