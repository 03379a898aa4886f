"""Remarks on percentages that look like fractions: 0.001 where 0.1 was meant."""

from collections.abc import Mapping
from decimal import Decimal

from config.hummingbot.given import Given
from config.hummingbot.importing import Importing
from trading.core.decimals import ZERO, decimal_text

SPREAD_DOUBTED = Decimal("0.02")
"""In percent: closer to the market hardly any fee leaves a profit; 2 % are usual."""

_DOUBTED: Mapping[str, Decimal] = {
    "bid_spread": SPREAD_DOUBTED,
    "ask_spread": SPREAD_DOUBTED,
    "minimum_spread": SPREAD_DOUBTED,
    "min_spread": SPREAD_DOUBTED,
    "order_level_spread": SPREAD_DOUBTED,
    "bid_order_level_spreads": SPREAD_DOUBTED,
    "ask_order_level_spreads": SPREAD_DOUBTED,
    "price_ceiling_pct": SPREAD_DOUBTED,
    "price_floor_pct": SPREAD_DOUBTED,
    "order_refresh_tolerance_pct": Decimal("0.005"),
    "hanging_orders_cancel_pct": Decimal("0.2"),
    "inventory_target_base_pct": Decimal(1),
}
"""Up to which percentage the value of each key is doubted; 0 never is."""

_SWITCHES: Mapping[str, str] = {
    "price_ceiling_pct": "moving_price_band_enabled",
    "price_floor_pct": "moving_price_band_enabled",
    "hanging_orders_cancel_pct": "hanging_orders_enabled",
}


def doubt(
    importing: Importing, key: str, given: Given, value: Decimal, limit: Decimal | None = None
) -> None:
    """
    Remark on a percentage that may have been meant as a fraction; it is converted as it stands.

    Args:
        limit: Up to which it is doubted, in percent; ``None`` for the usual one of the key.
    """
    most = limit if limit is not None else _DOUBTED.get(key, ZERO)
    switch = _SWITCHES.get(key)
    if not ZERO < abs(value) <= most or (switch is not None and not importing.switched_on(switch)):
        return
    meant = decimal_text(value * 100)
    importing.doubted(
        key,
        given,
        f"{decimal_text(value)} means {decimal_text(value)} %, for Hummingbot's are percentages; as"
        f" a fraction it would be {meant} %",
        cure=f'if a fraction was meant, write "{meant} %"',
    )
