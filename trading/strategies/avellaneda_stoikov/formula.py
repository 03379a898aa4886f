"""
The formulas, on plain floats in any consistent units.

Avellaneda and Stoikov, High-frequency trading in a limit order book, Quantitative Finance 8 (2008),
equations 29 and 30, and the form in which Hummingbot has them.
"""

import math

import attrs


@attrs.frozen(kw_only=True)
class Market:
    """
    What the formulas take.

    Args:
        mid: The mid price.
        sigma: Volatility, in units of price for one unit of time under the square root.
        kappa: How fast fills get rarer with the distance, per unit of price; above 0.
    """

    mid: float
    sigma: float
    kappa: float


@attrs.frozen(kw_only=True)
class Optimum:
    """
    What to quote around, and how far apart.

    Args:
        reservation: What the inventory makes of the mid price.
        spread: From bid to ask.
    """

    reservation: float
    spread: float

    @property
    def finite(self) -> bool:
        return math.isfinite(self.reservation) and math.isfinite(self.spread)


def textbook(market: Market, *, gamma: float, inventory: float, time_left: float) -> Optimum:
    """
    The published form: risk grows with the variance that is still to come.

    Args:
        market: Of now.
        gamma: Risk aversion, per unit of price; above 0.
        inventory: Beyond the target, in orders.
        time_left: In units of time.
    """
    risk = gamma * market.sigma**2 * time_left
    return Optimum(
        reservation=market.mid - inventory * risk,
        spread=risk + 2 / gamma * math.log1p(gamma / market.kappa),
    )


def hummingbot(market: Market, *, gamma: float, inventory: float, time_left: float) -> Optimum:
    """
    Hummingbot's form: the volatility itself in place of the variance.

    Args:
        market: Of now; sigma and kappa in quote currency.
        gamma: Risk aversion; above 0.
        inventory: Beyond the target, as a share of everything that is held, from -1 to 1.
        time_left: As a share of the session, from 0 to 1.
    """
    risk = gamma * market.sigma * time_left
    return Optimum(
        reservation=market.mid - inventory * risk,
        spread=risk + 2 / gamma * math.log1p(gamma / market.kappa),
    )
