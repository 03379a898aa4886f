"""Every field of Hummingbot's pure market making, and what becomes of it here."""

import re
from collections.abc import Callable
from decimal import Decimal

from config.hummingbot import values
from config.hummingbot.given import Given
from config.hummingbot.importing import Importing
from config.hummingbot.values import NotUnderstood, absent, percent, quoted
from trading.decimals import ONE, ZERO, decimal_text

Convert = Callable[[Importing, str, Given], None]

_TICK_S = ONE
"""How often Hummingbot looks at the market, and what engine.minimum_order_refresh_time is here."""

_DAY_S = 86_400
_OFF = Decimal(-100)
_NAME_LENGTH_MAX = 12
_OVERRIDE_PARTS = 3
_PERCENTAGE_MAX = 100


def plain_number(importing: Importing, key: str, given: Given) -> None:
    importing.write(key, decimal_text(values.number(given)))


def plain_percent(importing: Importing, key: str, given: Given) -> None:
    importing.write(key, percent(values.number(given)))


def plain_flag(importing: Importing, key: str, given: Given) -> None:
    importing.write(key, "true" if values.flag(given) else "false")


def plain_text(importing: Importing, key: str, given: Given) -> None:
    importing.write(key, quoted(values.text(given)))


def pair(importing: Importing, _: str, given: Given) -> None:
    importing.write("pair", quoted(values.text(given).upper()))


def exchange(importing: Importing, key: str, given: Given) -> None:
    name = values.text(given)
    if name.removesuffix("_paper_trade") != "valr":
        importing.changed(key, given, f"{name} becomes VALR, the only venue here so far")
    elif name != "valr":
        importing.changed(key, given, "the paper venue becomes the simulated VALR")


def refresh_time(importing: Importing, key: str, given: Given) -> None:
    seconds = values.number(given)
    if ZERO < seconds < _TICK_S:
        shown = decimal_text(seconds)
        importing.changed(
            key,
            given,
            f"{shown} s means: replace at every tick, of which Hummingbot has one in a second. Here"
            f" {shown} s is refused, being below engine.minimum_order_refresh_time and the venue's"
            " rate limits; 1 s is written, the least that is allowed",
            cure="take 15 s, say, and reaction_interval = 1 to follow the market in between",
            quirk=15,
        )
        seconds = _TICK_S
    importing.write(key, decimal_text(seconds))


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
        importing.write(key, percent(spread))


def tolerance(importing: Importing, key: str, given: Given) -> None:
    value = values.number(given)
    if value < ZERO:
        importing.changed(
            key, given, f"{decimal_text(value)} means off, every set is replaced: left out"
        )
    else:
        importing.write(key, percent(value))


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


def waits_for_cancels(importing: Importing, key: str, given: Given) -> None:
    if not values.flag(given):
        importing.changed(
            key, given, "was always true, whatever it said; left out, which means true", quirk=3
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
    if name != "valr":
        importing.refused(
            key,
            given,
            f"{name}'s markets cannot be looked at: another market of VALR can",
            cure='write "valr" and a market of it, or price_source = "custom_api" with the'
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
    elements = ", ".join(percent(value) for value in values.numbers(given))
    importing.write(key, f"[{elements}]")


def amount_list(importing: Importing, key: str, given: Given) -> None:
    amounts = values.numbers(given)
    importing.write(key, f"[{', '.join(map(decimal_text, amounts))}]")
    if any(amount >= _PERCENTAGE_MAX for amount in amounts):
        importing.changed(
            key, given, "amounts of 100 and more were refused, and are taken here", quirk=16
        )


def override(importing: Importing, key: str, given: Given) -> None:
    for name, order in values.table(given).items():
        try:
            importing.overrides[_override_name(importing, name)] = _override(order)
        except NotUnderstood as error:
            importing.refused(
                f"{key}.{name}",
                order,
                str(error),
                cure="write [buy or sell, spread in percent, amount]",
            )


def _override_name(importing: Importing, name: str) -> str:
    """What is left of a name here: it was never more than a label."""
    base = re.sub(r"[^a-z0-9]", "", name.lower())[:_NAME_LENGTH_MAX] or "order"
    found, number = base, 2
    while found in importing.overrides:
        found = f"{base[: _NAME_LENGTH_MAX - 2]}{number}"
        number += 1
    return found


def _override(order: Given) -> dict[str, str]:
    parts = order.value
    if not isinstance(parts, list) or len(parts) != _OVERRIDE_PARTS:
        raise NotUnderstood(f"{order.shown} is not [side, spread, amount]")
    side = values.text(parts[0]).lower()
    if side not in {"buy", "sell"}:
        raise NotUnderstood(f"{parts[0].shown} is neither buy nor sell")
    return {
        "side": quoted(side),
        "spread": percent(values.number(parts[1])),
        "amount": decimal_text(values.number(parts[2])),
    }


def timeframe(importing: Importing, key: str, given: Given) -> None:
    """When to trade: a word with its two keys beside it, or a table of these."""
    inside = given.value if isinstance(given.value, dict) else None
    word = importing.word(key) if inside is None else _timeframe_of(inside)
    source = importing.given if inside is None else inside
    begins = source.get("start_datetime") or source.get("start_time")
    ends = source.get("end_datetime") or source.get("end_time")
    if word == "infinite":
        return
    if importing.compat:
        importing.changed(
            key,
            given,
            "compat mode knows no hours: left out",
            cure="import without --compat, or stop and start it yourself",
        )
        return
    if begins is None or ends is None or word not in {"daily_between_times", "from_date_to_date"}:
        raise NotUnderstood(f"{given.shown} is no time frame with a start and an end")
    if word == "daily_between_times":
        hours = (_time_of_day(begins), _time_of_day(ends))
        importing.write("trading_hours", quoted("-".join(hours)))
    else:
        importing.write("trading_begins_at", quoted(_moment(begins)))
        importing.write("trading_ends_at", quoted(_moment(ends)))
    importing.changed(
        key,
        given,
        "the times were those of the machine's time zone, and are UTC here",
        cure="shift them if the machine's clock was not set to UTC",
    )


def _timeframe_of(inside: dict[str, Given]) -> str:
    if not inside:
        return "infinite"
    return "from_date_to_date" if "start_datetime" in inside else "daily_between_times"


def _time_of_day(given: Given) -> str:
    text = values.text(given)
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?", text)
    if match is None:
        raise NotUnderstood(f"{given.shown} is no time of day")
    return f"{int(match.group(1)):02}:{match.group(2)}"


def _moment(given: Given) -> str:
    text = values.text(given)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?", text) is None:
        raise NotUnderstood(f"{given.shown} is no date and time")
    return f"{text.replace(' ', 'T')}Z"


def nothing(_importing: Importing, _key: str, _given: Given) -> None:
    """Another field reads it, or it says what is known anyway."""


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
    "order_refresh_time": refresh_time,
    "order_refresh_tolerance_pct": tolerance,
    "max_order_age": plain_number,
    "filled_order_delay": plain_number,
    "should_wait_order_cancel_confirmation": waits_for_cancels,
    "execution_timeframe": timeframe,
    "execution_timeframe_mode": timeframe,
    "start_time": nothing,
    "end_time": nothing,
    "price_ceiling": price_limit,
    "price_floor": price_limit,
    "moving_price_band_enabled": plain_flag,
    "price_ceiling_pct": plain_percent,
    "price_floor_pct": plain_percent,
    "price_band_refresh_time": plain_number,
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
    "custom_api_update_interval": plain_number,
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


def convert(importing: Importing) -> None:
    """Go through the fields, and name what is not one."""
    for key, read in FIELDS.items():
        given = importing.given.get(key)
        if given is None and key in DEFAULTS:
            given = Given(DEFAULTS[key], 0)
        if given is None or absent(given):
            if given is not None and given.value is not None and given.shown:
                importing.changed(key, given, f"{given.shown} means none: left out")
            continue
        try:
            read(importing, key, given)
        except NotUnderstood as error:
            importing.refused(key, given, str(error), cure="correct it in the original, or here")
    for key, given in importing.given.items():
        if key not in FIELDS:
            importing.unknown(key, given, FIELDS)
