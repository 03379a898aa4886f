"""The original's inventory skew, in binary floats as there."""


def skew_ratios(
    *, base: float, quote: float, price: float, target: float, base_range: float
) -> tuple[float, float]:
    """
    The factors of bids and of asks, each from 0 to 2; both 0 without portfolio or range (Q9).

    Args:
        base: All of it, in base currency.
        quote: All of it, in quote currency.
        price: Quote currency for one unit of base currency.
        target: Share of the portfolio's value that is to be base currency.
        base_range: In base currency.
    """
    base_value = base * price
    portfolio = base_value + quote
    if portfolio <= 0 or base_range <= 0:
        return 0.0, 0.0
    wanted = portfolio * target
    value_range = min(base_range * price, portfolio * 0.5)
    if base_value < wanted:
        lowest = max(wanted - value_range, 0.0)
        bid = 2.0 if base_value <= lowest else 1.0 + (wanted - base_value) / (wanted - lowest)
    else:
        bid = max(0.0, 1.0 - (base_value - wanted) / value_range)
    return bid, 2.0 - bid
