"""
Renames the keys of older templates to today's.

Two generations are known. Up to Hummingbot 0.27 (``bid_place_threshold``, ``maker_market``) shares
were fractions: 0.01 was 1 %. Templates 16 and 17, of 0.28, have today's names and percentages, but
``price_source_enabled``, ``price_source_type`` and ``price_source_custom`` in place of
``price_source``, and one ``order_optimization_depth`` for both sides. Facts from the templates and
the pages "Price source" and "Configuration parameters" of Hummingbot's documentation of the time.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from config.hummingbot import values
from config.hummingbot.given import Given
from config.hummingbot.importing import Matter, Remark
from config.hummingbot.values import NotUnderstood, absent
from trading.core.decimals import decimal_text

_PERCENT = Decimal(100)


@attrs.frozen
class _Renamed:
    """
    A key that has another name now.

    Args:
        names: Of today; two where one value is for both sides.
        fraction: Whether its number was a fraction where a percentage stands now.
    """

    names: tuple[str, ...]
    fraction: bool = False


_RENAMED: Mapping[str, _Renamed] = {
    "maker_market": _Renamed(("exchange",)),
    "primary_market": _Renamed(("exchange",)),
    "maker_market_trading_pair": _Renamed(("market",)),
    "maker_market_symbol": _Renamed(("market",)),
    "primary_market_trading_pair": _Renamed(("market",)),
    "bid_place_threshold": _Renamed(("bid_spread",), fraction=True),
    "ask_place_threshold": _Renamed(("ask_spread",), fraction=True),
    "cancel_order_wait_time": _Renamed(("order_refresh_time",)),
    "order_interval_percent": _Renamed(("order_level_spread",), fraction=True),
    "inventory_target_base_percent": _Renamed(("inventory_target_base_pct",), fraction=True),
    "filled_order_replenish_wait_time": _Renamed(("filled_order_delay",)),
    "enable_order_filled_stop_cancellation": _Renamed(("hanging_orders_enabled",)),
    "cancel_hanging_order_pct": _Renamed(("hanging_orders_cancel_pct",), fraction=True),
    "best_bid_ask_jump_mode": _Renamed(("order_optimization_enabled",)),
    "best_bid_ask_jump_orders_depth": _Renamed(
        ("bid_order_optimization_depth", "ask_order_optimization_depth")
    ),
    "order_optimization_depth": _Renamed(
        ("bid_order_optimization_depth", "ask_order_optimization_depth")
    ),
    "external_pricing_source": _Renamed(("price_source_enabled",)),
    "external_price_source_type": _Renamed(("price_source_type",)),
    "external_price_source_exchange": _Renamed(("price_source_exchange",)),
    "external_price_source_exchange_trading_pair": _Renamed(("price_source_market",)),
    "external_price_source_custom_api": _Renamed(("price_source_custom_api",)),
    "price_source_custom": _Renamed(("price_source_custom_api",)),
    "include_matching_orders": _Renamed(("take_if_crossed",)),
}

_LEFT_OUT: Mapping[str, str] = {
    "expiration_seconds": "orders do not expire by themselves here: left out",
    "order_expiration_time": "orders do not expire by themselves here: left out",
    "external_price_source_feed_base_asset": "price feeds are not known here: left out",
    "external_price_source_feed_quote_asset": "price feeds are not known here: left out",
}

_SOURCES = {"exchange": "external_market", "custom_api": "custom_api"}
_OF_SEVERAL = {"number_of_orders": "order_levels", "order_step_size": "order_level_amount"}
_OF_LEVELS = ("mode", *_OF_SEVERAL, "order_start_size")


@attrs.define
class _Renaming:
    """The renaming of one file."""

    given: dict[str, Given]
    remarks: list[Remark] = attrs.field(factory=list)

    def say(self, matter: Matter, key: str, old: Given, text: str, cure: str = "") -> None:
        self.remarks.append(
            Remark(matter=matter, text=text, line=old.line or None, key=key, cure=cure)
        )

    def rename(self, key: str, renamed: _Renamed) -> None:
        old = self.given.pop(key)
        if absent(old):
            return
        new, what = old, ""
        if renamed.fraction:
            try:
                number = values.number(old)
            except NotUnderstood as error:
                self.say(Matter.REFUSED, key, old, str(error), "correct it in the original")
                return
            new = Given(decimal_text(number * _PERCENT), old.line)
            what = f"; the fraction {old.shown} is {new.shown} %"
        self.place(key, old, renamed.names, new, what)

    def place(
        self, key: str, old: Given, names: tuple[str, ...], new: Given, what: str = ""
    ) -> None:
        """Write it under its new names, unless one of them is there already."""
        free = [name for name in names if absent(self.given.get(name))]
        for name in free:
            self.given[name] = new
        words = " and ".join(names)
        if free:
            self.say(Matter.CHANGED, key, old, f"is called {words} now{what}")
        else:
            self.say(Matter.CHANGED, key, old, f"was an older name of {words}: left out")


def modernised(given: Mapping[str, Given]) -> tuple[dict[str, Given], list[Remark]]:
    """
    A file's keys under the names of the newest template, and what to know about it.

    A key that is there under its new name too keeps that one's value.
    """
    renaming = _Renaming(dict(given))
    for key, renamed in _RENAMED.items():
        if key in renaming.given:
            renaming.rename(key, renamed)
    for key, text in _LEFT_OUT.items():
        if key in renaming.given:
            old = renaming.given.pop(key)
            if not absent(old):
                renaming.say(Matter.CHANGED, key, old, text)
    _levels(renaming)
    _price_source(renaming)
    return renaming.given, renaming.remarks


def _levels(renaming: _Renaming) -> None:
    """``mode: multiple`` made a ladder of its own keys; ``single`` did not look at them."""
    given = renaming.given
    old = {key: given.pop(key) for key in _OF_LEVELS if key in given}
    mode = old.get("mode")
    if mode is not None and mode.value == "multiple":
        for key, name in _OF_SEVERAL.items():
            if not absent(old.get(key)):
                renaming.place(key, old[key], (name,), old[key])
        start = old.get("order_start_size")
        if start is not None and not absent(start):
            if not absent(given.get("order_amount")):
                text = "with mode: multiple it counts, and order_amount did not"
                renaming.say(Matter.CHANGED, "order_start_size", start, text)
                del given["order_amount"]
            renaming.place("order_start_size", start, ("order_amount",), start)
        return
    for key, each in _without_use(old):
        renaming.say(Matter.CHANGED, key, each, "had an effect with mode: multiple only: left out")
    if mode is not None:
        # The distance of levels has no effect while there is one level.
        given.setdefault("order_levels", Given("1", mode.line))


def _without_use(old: Mapping[str, Given]) -> Iterator[tuple[str, Given]]:
    for key, each in old.items():
        if key != "mode" and not absent(each):
            yield key, each


def _price_source(renaming: _Renaming) -> None:
    """``price_source_enabled`` and ``price_source_type`` became the one ``price_source``."""
    given = renaming.given
    enabled, kind = given.pop("price_source_enabled", None), given.pop("price_source_type", None)
    old = enabled or kind
    if old is None or absent(old):
        return
    key = "price_source_enabled" if old is enabled else "price_source_type"
    try:
        is_on = enabled is None or values.flag(enabled)
    except NotUnderstood as error:
        renaming.say(Matter.REFUSED, key, old, str(error), "write true or false")
        return
    word = "" if kind is None or not isinstance(kind.value, str) else kind.value.strip()
    source = _SOURCES.get(word) if is_on else "current_market"
    if source is None:
        renaming.say(
            Matter.REFUSED,
            key,
            old,
            f"prices of {word or 'nowhere'} cannot be quoted around",
            "use price_source: external_market or custom_api in the original",
        )
        return
    renaming.place(key, old, ("price_source",), Given(source, old.line), f": {source}")
