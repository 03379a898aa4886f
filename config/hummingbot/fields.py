"""Every field of Hummingbot's pure market making, and what becomes of it here."""

from collections.abc import Mapping
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
    plain_text,
    span,
)
from config.hummingbot.doubts import doubt
from config.hummingbot.given import Given
from config.hummingbot.importing import Importing
from config.hummingbot.overrides import override
from config.hummingbot.values import percent, quoted
from trading.core.decimals import ONE, ZERO, decimal_text
from trading.venues.registry import venue_names

_OFF = Decimal(-100)
_PERCENTAGE_MAX = 100


def minimum_spread(importing: Importing, key: str, given: Given) -> None:
    spread = values.number(given)
    if spread == _OFF:
        importing.changed(key, given, "-100 means off: the key is left out")
    elif spread < ZERO and not importing.compat:
        importing.changed(
            key,
            given,
            f"{decimal_text(spread)} % only ever cancels orders on the wrong side of the reference"
            " price: left out",
            cure='compat = "hummingbot" keeps it',
        )
    else:
        doubt(importing, key, given, spread)
        importing.write(key, percent(spread))


def price_limit(importing: Importing, key: str, given: Given) -> None:
    price = values.number(given)
    if price == -ONE:
        importing.changed(key, given, "-1 means off: the key is left out")
    else:
        importing.write(key, decimal_text(price))


def inventory_price(importing: Importing, key: str, given: Given) -> None:
    price = values.number(given)
    if importing.word("price_type") != "inventory_cost":
        importing.changed(key, given, "had no effect: left out")
    elif price == ZERO or importing.compat:
        importing.changed(key, given, "had no effect, and has none in compat mode: left out")
    else:
        importing.write(key, decimal_text(price))
        importing.changed(
            key,
            given,
            f"had no effect; here no ask stands below {decimal_text(price)} until a fill tells what"
            " the inventory has cost",
            cure="write what a unit has really cost you, or delete the line",
            quirk=28,
        )


def price_source(importing: Importing, key: str, given: Given) -> None:
    source = values.text(given)
    importing.write(key, quoted(source))
    if source == "custom_api" and not importing.compat:
        importing.changed(
            key, given, "a price that is older than price_age_max withdraws the quotes", quirk=8
        )
    if source == "external_market":
        importing.changed(
            key, given, "the other market is only looked at, never opened for trading"
        )


def price_type(importing: Importing, key: str, given: Given) -> None:
    name = values.text(given)
    if name == "custom":
        importing.changed(key, given, "custom is what price_source says already: left out")
    else:
        importing.write(key, quoted(name))


def for_source(source: str, convert: Convert) -> Convert:
    """A field that only one price source reads; Hummingbot clears it for the others."""

    def read(importing: Importing, key: str, given: Given) -> None:
        if importing.word("price_source") == source:
            convert(importing, key, given)
        else:
            importing.changed(key, given, f"has an effect with {source} only: left out")

    return read


def source_exchange(importing: Importing, key: str, given: Given) -> None:
    name = values.text(given).removesuffix("_paper_trade")
    importing.write(key, quoted(name))
    if name not in venue_names():
        importing.refused(
            key,
            given,
            f"{name}'s markets cannot be looked at: another market of VALR can",
            cure=f"write {' or '.join(map(quoted, venue_names()))} and a market of it, or"
            ' price_source = "custom_api" with the'
            " address of a service that answers with that market's price",
        )


def take_if_crossed(importing: Importing, key: str, given: Given) -> None:
    if not values.flag(given):
        return
    if importing.word("price_source") == "external_market":
        importing.write(key, "true")
    else:
        importing.changed(key, given, "has an effect with external_market only: left out")


def levels(importing: Importing, key: str, given: Given) -> None:
    count = values.number(given)
    importing.write(key, decimal_text(count))
    if count == ZERO:
        importing.refused(
            key,
            given,
            "0 levels mean no orders at all",
            cure="give at least 1, or do not run it",
            quirk=21,
        )


def spread_list(importing: Importing, key: str, given: Given) -> None:
    spreads = values.numbers(given)
    if spreads:
        doubt(importing, key, given, min(spreads))
    elements = ", ".join(map(percent, spreads))
    importing.write(key, f"[{elements}]")


def amount_list(importing: Importing, key: str, given: Given) -> None:
    amounts = values.numbers(given)
    importing.write(key, f"[{', '.join(map(decimal_text, amounts))}]")
    if any(amount >= _PERCENTAGE_MAX for amount in amounts):
        importing.changed(
            key, given, "amounts of 100 and more were refused, and are taken here", quirk=16
        )


def coin_ids(importing: Importing, key: str, given: Given) -> None:
    if given.value not in ({}, []):
        importing.changed(key, given, "are names for a rate oracle; there is none here: left out")


def inverted_price(importing: Importing, key: str, given: Given) -> None:
    if not values.flag(given):
        return
    if importing.word("price_source") == "custom_api":
        importing.refused(
            key,
            given,
            "a price is taken as it is answered, never one divided by it",
            cure="name an address that answers with the price the right way round",
        )
    else:
        importing.changed(key, given, "has an effect with custom_api only: left out")


def price_headers(importing: Importing, key: str, given: Given) -> None:
    if given.value in ({}, []):
        return
    if importing.word("price_source") == "custom_api":
        importing.refused(
            key,
            given,
            "no headers of your own are sent to an address that answers with a price",
            cure="name an address that needs none",
        )
    else:
        importing.changed(key, given, "has an effect with custom_api only: left out")


FIELDS: dict[str, Convert] = {
    "template_version": nothing,
    "strategy": nothing,
    "exchange": exchange,
    "market": pair,
    "order_amount": plain_number,
    "bid_spread": plain_percent,
    "ask_spread": plain_percent,
    "minimum_spread": minimum_spread,
    "order_levels": levels,
    "order_level_spread": plain_percent,
    "order_level_amount": plain_number,
    **TIMES_OF_A_SET,
    "price_ceiling": price_limit,
    "price_floor": price_limit,
    "moving_price_band_enabled": plain_flag,
    "price_ceiling_pct": plain_percent,
    "price_floor_pct": plain_percent,
    "price_band_refresh_time": span,
    "ping_pong_enabled": plain_flag,
    "inventory_skew_enabled": plain_flag,
    "inventory_target_base_pct": plain_percent,
    "inventory_range_multiplier": plain_number,
    "inventory_price": inventory_price,
    "hanging_orders_enabled": plain_flag,
    "hanging_orders_cancel_pct": plain_percent,
    "order_optimization_enabled": plain_flag,
    "bid_order_optimization_depth": plain_number,
    "ask_order_optimization_depth": plain_number,
    "add_transaction_costs": plain_flag,
    "price_source": price_source,
    "price_type": price_type,
    "price_source_exchange": for_source("external_market", source_exchange),
    "price_source_market": for_source("external_market", plain_text),
    "price_source_custom_api": for_source("custom_api", plain_text),
    "custom_api_update_interval": span,
    "invert_custom_api_price": inverted_price,
    "header_custom_api": price_headers,
    "coin_id_overrides": coin_ids,
    "take_if_crossed": take_if_crossed,
    "split_order_levels_enabled": plain_flag,
    "bid_order_level_spreads": spread_list,
    "bid_order_level_amounts": amount_list,
    "ask_order_level_spreads": spread_list,
    "ask_order_level_amounts": amount_list,
    "order_override": override,
}
"""In the order in which our file has them."""

DEFAULTS = {"order_refresh_tolerance_pct": "0"}
"""Where a field that is left out means something else there than here."""

WAITING: Mapping[str, str] = {
    "hanging_orders_cancel_pct": "hanging_orders_enabled",
    "inventory_target_base_pct": "inventory_skew_enabled",
    "inventory_range_multiplier": "inventory_skew_enabled",
    "price_ceiling_pct": "moving_price_band_enabled",
    "price_floor_pct": "moving_price_band_enabled",
    "price_band_refresh_time": "moving_price_band_enabled",
    "bid_order_optimization_depth": "order_optimization_enabled",
    "ask_order_optimization_depth": "order_optimization_enabled",
    "bid_order_level_spreads": "split_order_levels_enabled",
    "bid_order_level_amounts": "split_order_levels_enabled",
    "ask_order_level_spreads": "split_order_levels_enabled",
    "ask_order_level_amounts": "split_order_levels_enabled",
}
"""Fields without effect until their feature is switched on, with its switch."""
