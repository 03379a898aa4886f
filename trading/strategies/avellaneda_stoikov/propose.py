"""The quotes for one view, from the estimates of the market."""

import math
from decimal import Decimal

from trading.core.decimals import ONE, ZERO
from trading.core.market import Side
from trading.decisions.decision import Quote
from trading.strategies.avellaneda_stoikov.formula import Market, Optimum, hummingbot, textbook
from trading.strategies.avellaneda_stoikov.parameters import Parameters
from trading.strategies.avellaneda_stoikov.session import seconds_left, share_left
from trading.strategies.avellaneda_stoikov.state import Estimates
from trading.strategies.interface import View
from trading.strategies.pure_market_making.gates import gate
from trading.strategies.pure_market_making.inventory import Inventory
from trading.strategies.pure_market_making.modifiers.prices import (
    optimised,
    with_transaction_costs,
)
from trading.strategies.pure_market_making.proposal import Proposal

_PLACES = 15
"""Of a price as a fraction of the mid price: about what a float holds."""


def optimum(view: View, estimates: Estimates, parameters: Parameters) -> Optimum | None:
    """Reservation price and spread, in quote currency; ``None`` where the formula has no answer."""
    curve = estimates.curve
    if curve is None or curve.kappa <= 0:
        return None
    mid, gamma = float(view.top.mid_price), float(parameters.risk_factor)
    if parameters.compat is not None:
        sigma = estimates.volatility.per_sample
        if sigma == 0 or curve.alpha == 0:
            return None
        found = hummingbot(
            Market(mid=mid, sigma=sigma, kappa=curve.kappa),
            gamma=gamma,
            inventory=float(beyond_target(view, parameters)),
            time_left=share_left(view, parameters.trading_window),
        )
        return found if found.finite else None
    left = seconds_left(view, parameters.trading_window)
    relative = textbook(
        Market(mid=1.0, sigma=estimates.volatility.per_second / mid, kappa=curve.kappa * mid),
        gamma=gamma,
        inventory=float(_orders_beyond_target(view, parameters)),
        time_left=parameters.risk_horizon if left is None else left,
    )
    found = Optimum(reservation=relative.reservation * mid, spread=relative.spread * mid)
    return found if found.finite else None


def target_quotes(best: Optimum, view: View, parameters: Parameters) -> Proposal:
    """The exact quotes, before the venue's rules and the budget."""
    mid = view.top.mid_price
    half, least = _exact(best.spread / 2, mid), mid * parameters.min_spread / 2
    reservation = _exact(best.reservation, mid)
    ask = max(reservation + half, mid + least)
    bid = min(reservation - half, mid - least)
    if bid <= ZERO or ask <= ZERO:
        return Proposal(gates=(_NOT_POSITIVE,))
    step = half * parameters.level_distances / 100
    share = float(beyond_target(view, parameters))
    proposal = Proposal(
        buys=tuple(
            _quote(Side.BUY, bid - level * step, level, parameters, share)
            for level in range(parameters.order_levels)
            if bid > level * step
        ),
        sells=tuple(
            _quote(Side.SELL, ask + level * step, level, parameters, share)
            for level in range(parameters.order_levels)
        ),
    )
    if parameters.order_optimization is not None:
        proposal = optimised(view, parameters.order_optimization)(proposal)
    if parameters.add_transaction_costs:
        proposal = with_transaction_costs(view.fees.maker)(proposal)
    return proposal


def beyond_target(view: View, parameters: Parameters) -> Decimal:
    """Base currency beyond the target, as a share of everything held: from -1 to 1."""
    held = Inventory.of(view, view.top.mid_price)
    if held.value <= ZERO:
        return ZERO
    return held.base_share - parameters.inventory_target_base


def _orders_beyond_target(view: View, parameters: Parameters) -> Decimal:
    held = Inventory.of(view, view.top.mid_price)
    target = held.value * parameters.inventory_target_base / held.price
    return (held.base - target) / parameters.order_amount


def _quote(side: Side, price: Decimal, level: int, parameters: Parameters, share: float) -> Quote:
    leads_away = share > 0 if side is Side.BUY else share < 0
    shape = (
        math.exp(-float(parameters.order_amount_shape_factor) * abs(share)) if leads_away else 1.0
    )
    amount = parameters.order_amount
    if shape != 1.0:
        amount *= min(ONE, Decimal(f"{shape:.{_PLACES}f}"))
    return Quote(side=side, price=price, quantity=amount, level=level)


_NOT_POSITIVE = gate("price_not_positive", None, "a quote would not be above zero")


def _exact(price: float, mid: Decimal) -> Decimal:
    return Decimal(f"{price / float(mid):.{_PLACES}f}") * mid
