"""
Every field of Hummingbot's Avellaneda market making, and what becomes of it here.

Two forms are known: the flat one of templates 1 to 8, and that of versions from 1.5 on, whose
tables ``execution_timeframe_mode``, ``order_levels_mode`` and ``hanging_orders_mode`` hold what
were flat keys before.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from config.hummingbot import values
from config.hummingbot.converters import (
    TIMES_OF_A_SET,
    Convert,
    exchange,
    nothing,
    pair,
    plain_flag,
    plain_number,
    plain_percent,
)
from config.hummingbot.given import Given
from config.hummingbot.importing import Importing, Matter, Remark
from trading.core.decimals import ONE, ZERO, decimal_text

_INTENSITY_MAX = Decimal(1000)
_VOLATILITY_MIN = Decimal(2)


def levels_mode(importing: Importing, key: str, given: Given) -> None:
    """A table of ``order_levels`` and ``level_distances``; empty, or a word, for one level."""
    if isinstance(given.value, dict):
        _inside(importing, key, given.value, {"order_levels": levels, "level_distances": distances})
    elif given.value != "single_level":
        importing.refused(
            key,
            given,
            f"{given.shown} is no table of order_levels and level_distances",
            cure="correct it in the original, or write order_levels and level_distances here",
        )


def hanging_mode(importing: Importing, key: str, given: Given) -> None:
    """A table of ``hanging_orders_cancel_pct``; an empty one, or a word, for none."""
    if isinstance(given.value, dict):
        if given.value:
            importing.write("hanging_orders_enabled", "true")
        _inside(importing, key, given.value, {"hanging_orders_cancel_pct": plain_percent})
    elif given.value == "track_hanging_orders":
        importing.write("hanging_orders_enabled", "true")
    elif given.value != "ignore_hanging_orders":
        importing.refused(
            key,
            given,
            f"{given.shown} is no table of hanging_orders_cancel_pct",
            cure="correct it in the original, or write hanging_orders_enabled here",
        )


def _inside(
    importing: Importing, key: str, table: Mapping[str, Given], fields: Mapping[str, Convert]
) -> None:
    for name, given in table.items():
        if name in fields:
            fields[name](importing, name, given)
        else:
            importing.unknown(f"{key}.{name}", given, fields)


def levels(importing: Importing, key: str, given: Given) -> None:
    importing.write(key, decimal_text(values.number(given)))


def distances(importing: Importing, key: str, given: Given) -> None:
    distance = values.number(given)
    importing.write(key, decimal_text(distance))
    several = Decimal(importing.lines.get("order_levels", "1")) > ONE
    if distance == ZERO and several:
        importing.refused(
            key,
            given,
            "0 puts all levels at the same price",
            cure="give a distance in hundredths of half of the optimal spread, or one level",
        )


def volatility_samples(importing: Importing, key: str, given: Given) -> None:
    count = values.number(given)
    if count < _VOLATILITY_MIN:
        importing.changed(key, given, f"{decimal_text(count)} samples hold no move: 2")
        count = _VOLATILITY_MIN
    importing.write(key, decimal_text(count))


def intensity_seconds(importing: Importing, key: str, given: Given) -> None:
    count = values.number(given)
    if count > _INTENSITY_MAX:
        importing.changed(
            key, given, f"{decimal_text(count)} is more than the 1000 seconds that are kept: 1000"
        )
        count = _INTENSITY_MAX
    importing.write(key, decimal_text(count))


def own_levels(importing: Importing, key: str, given: Given) -> None:
    if given.value in ({}, []):
        return
    importing.refused(
        key,
        given,
        "orders of one's own in place of the formula's are not known to this strategy",
        cure='leave them out, or use kind = "pure_market_making", which has them',
    )


def of_the_spread_scheme(importing: Importing, key: str, given: Given) -> None:
    """Keys of templates up to 3, which could work parameters out from spreads."""
    if key == "parameters_based_on_spread" and not values.flag(given):
        return
    importing.changed(
        key,
        given,
        "belonged to templates that worked parameters out from spreads, as no version has since"
        " 0.44: left out",
        cure="choose risk_factor: docs/avellaneda-stoikov.md",
    )


FIELDS: dict[str, Convert] = {
    "template_version": nothing,
    "strategy": nothing,
    "exchange": exchange,
    "market": pair,
    "order_amount": plain_number,
    "risk_factor": plain_number,
    "order_amount_shape_factor": plain_number,
    "min_spread": plain_percent,
    "order_levels": levels,
    "level_distances": distances,
    "order_levels_mode": levels_mode,
    **TIMES_OF_A_SET,
    "inventory_target_base_pct": plain_percent,
    "volatility_buffer_size": volatility_samples,
    "trading_intensity_buffer_size": intensity_seconds,
    "hanging_orders_enabled": plain_flag,
    "hanging_orders_cancel_pct": plain_percent,
    "hanging_orders_mode": hanging_mode,
    "order_optimization_enabled": plain_flag,
    "add_transaction_costs": plain_flag,
    "order_override": own_levels,
    "parameters_based_on_spread": of_the_spread_scheme,
    "max_spread": of_the_spread_scheme,
    "vol_to_spread_multiplier": of_the_spread_scheme,
    "volatility_sensibility": of_the_spread_scheme,
    "inventory_risk_aversion": of_the_spread_scheme,
    "order_book_depth_factor": of_the_spread_scheme,
    "closing_time": of_the_spread_scheme,
}
"""In the order in which our file has them."""

DEFAULTS = {
    "risk_factor": "1",
    "order_refresh_tolerance_pct": "0",
    "order_optimization_enabled": "true",
}
"""Where a field that is left out means something else there than here."""

WAITING: Mapping[str, str] = {"hanging_orders_cancel_pct": "hanging_orders_enabled"}
"""Fields without effect until their feature is switched on, with its switch."""

_DIFFERENCES = (
    "prices in the buffers have 64 bits, not 32",
    "kappa and A are the least squares of all, found anew, not from where the last search ended",
    "cancels come first, and two sets never overlap; quotes are withdrawn while anything is stale",
    "until both buffers are full nothing stands, not even for lack of a reason to cancel it",
)


def differences(_: Importing) -> Iterator[Remark]:
    """What is done differently, whatever the settings: ``docs/avellaneda-stoikov.md``."""
    for text in _DIFFERENCES:
        yield Remark(matter=Matter.DIFFERENT, text=text)
