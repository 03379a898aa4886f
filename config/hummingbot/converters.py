"""Conversions of the fields that both of Hummingbot's strategies have."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from config.hummingbot import values
from config.hummingbot.doubts import doubt
from config.hummingbot.given import Given
from config.hummingbot.importing import Importing
from config.hummingbot.values import NotUnderstood, absent, percent, quoted
from trading.core.decimals import ONE, ZERO, decimal_text

Convert = Callable[[Importing, str, Given], None]

_TICK_S = ONE
"""How often Hummingbot looks at the market, and what engine.minimum_order_refresh_time is here."""

_DAY_S = Decimal(86_400)


def plain_number(importing: Importing, key: str, given: Given) -> None:
    importing.write(key, decimal_text(values.number(given)))


def span(importing: Importing, key: str, given: Given) -> None:
    """A time span in seconds; none is longer than a day here."""
    seconds = values.number(given)
    if seconds > _DAY_S:
        importing.changed(key, given, f"{decimal_text(seconds)} s is more than a day: a day")
        seconds = _DAY_S
    importing.write(key, decimal_text(seconds))


def plain_percent(importing: Importing, key: str, given: Given) -> None:
    value = values.number(given)
    doubt(importing, key, given, value)
    importing.write(key, percent(value))


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
    span(importing, key, Given(decimal_text(seconds), given.line))


def tolerance(importing: Importing, key: str, given: Given) -> None:
    value = values.number(given)
    if value < ZERO:
        importing.changed(
            key, given, f"{decimal_text(value)} means off, every set is replaced: left out"
        )
    else:
        doubt(importing, key, given, value)
        importing.write(key, percent(value))


def waits_for_cancels(importing: Importing, key: str, given: Given) -> None:
    if not values.flag(given):
        importing.changed(
            key, given, "was always true, whatever it said; left out, which means true", quirk=3
        )


def timeframe(importing: Importing, key: str, given: Given) -> None:
    """When to trade: a word with its two keys beside it, or a table of these."""
    inside = given.value if isinstance(given.value, dict) else None
    word = importing.word(key) if inside is None else _timeframe_of(inside)
    source = importing.given if inside is None else inside
    begins = source.get("start_datetime") or source.get("start_time")
    ends = source.get("end_datetime") or source.get("end_time")
    if word == "infinite":
        return
    if importing.compat and not importing.has_sessions:
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
    """Nothing to write: another field reads this one, or its value is known anyway."""


TIMES_OF_A_SET: Mapping[str, Convert] = {
    "order_refresh_time": refresh_time,
    "order_refresh_tolerance_pct": tolerance,
    "max_order_age": span,
    "filled_order_delay": span,
    "should_wait_order_cancel_confirmation": waits_for_cancels,
    "execution_timeframe": timeframe,
    "execution_timeframe_mode": timeframe,
    "start_time": nothing,
    "end_time": nothing,
}
"""When a set of orders is replaced, and the hours: fields of both, in the order of our file."""


def convert(
    importing: Importing, fields: Mapping[str, Convert], defaults: Mapping[str, str]
) -> None:
    """
    Convert every field, and remark on keys that are none.

    Args:
        fields: In the order in which our file has them.
        defaults: Hummingbot's meaning of a field that is left out, where ours is another.
    """
    for key, read in fields.items():
        given = importing.given.get(key)
        if given is None and key in defaults:
            given = Given(defaults[key], 0)
            importing.implied.add(key)
        if given is None or absent(given):
            if given is not None and given.value is not None and given.shown:
                importing.changed(key, given, f"{given.shown} means none: left out")
            continue
        try:
            read(importing, key, given)
        except NotUnderstood as error:
            importing.refused(key, given, str(error), cure="correct it in the original, or here")
    for key, given in importing.given.items():
        if key not in fields:
            importing.unknown(key, given, fields)
