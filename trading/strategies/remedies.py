"""The remedy of a strategy's gate, made from its code and figures only when it is asked for."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.decisions.decision import Gate
from trading.decisions.remedy import Remedy

_PERCENT_STEP = Decimal("0.01")

Figures = Mapping[str, str]
_Find = Callable[[Gate, Instrument], Remedy]


def opening(gate: Gate, instrument: Instrument) -> Remedy:
    """The smallest change that opens a gate; in words only where no one figure would do."""
    find = _FINDERS.get(gate.code)
    if find is not None:
        return find(gate, instrument)
    if gate.opens_at is not None:
        return Remedy(words="time alone opens it")
    return Remedy(words=_WORDS.get(gate.code, "it opens by itself when its cause has gone"))


def _ceiling(gate: Gate, instrument: Instrument) -> Remedy:
    price = instrument.price_down(Decimal(gate.inputs["price"])) + instrument.tick_size
    return Remedy(
        words=f"raise price_ceiling above the price: to {price:f}",
        what="price_ceiling",
        value=f"{price:f}",
    )


def _floor(gate: Gate, instrument: Instrument) -> Remedy:
    price = instrument.price_up(Decimal(gate.inputs["price"])) - instrument.tick_size
    return Remedy(
        words=f"lower price_floor below the price: to {price:f}",
        what="price_floor",
        value=f"{price:f}",
    )


def _moving_ceiling(gate: Gate, instrument: Instrument) -> Remedy:
    price = instrument.price_up(Decimal(gate.inputs["ceiling"])) - instrument.tick_size
    return Remedy(
        words=f"the price has to fall to {price:f}, or the band is set anew after"
        " price_band_refresh_time",
        what="reference price",
        value=f"{price:f}",
    )


def _moving_floor(gate: Gate, instrument: Instrument) -> Remedy:
    price = instrument.price_down(Decimal(gate.inputs["floor"])) + instrument.tick_size
    return Remedy(
        words=f"the price has to rise to {price:f}, or the band is set anew after"
        " price_band_refresh_time",
        what="reference price",
        value=f"{price:f}",
    )


def _age(gate: Gate, _instrument: Instrument) -> Remedy:
    # Ages are shown to a tenth of a second, and what is exactly as old as allowed has lapsed.
    enough = f"{Decimal(gate.inputs['age']) + Decimal('0.1')}"
    return Remedy(
        words=f"a newer price from the {gate.inputs['source']}; or price_age_max = {enough}",
        what="price_age_max",
        value=enough,
    )


def _skew(gate: Gate, _instrument: Instrument) -> Remedy:
    share, reach = Decimal(gate.inputs["share"]), Decimal(gate.inputs["reach"])
    # The side comes back as soon as the target is less than a range away; shares are rounded.
    margin = Decimal("0.0002")
    buying = gate.side is Side.BUY
    target = max(Decimal(0), share - reach + margin) if buying else share + reach - margin
    percent = f"{min(Decimal(1), target) * 100:f} %"
    word = "raise" if buying else "lower"
    return Remedy(
        words=f"{word} inventory_target_base_pct to {percent}, widen inventory_range_multiplier,"
        f" or hold {'less' if buying else 'more'} base currency",
        what="inventory_target_base_pct",
        value=percent,
    )


def _lot(gate: Gate, _instrument: Instrument) -> Remedy:
    lot = gate.inputs["lot"]
    return Remedy(
        words=f"raise its amount: the quantity of {gate.inputs['quote']} has to be {lot}",
        what="quantity",
        value=lot,
    )


def _rule(gate: Gate, instrument: Instrument) -> Remedy:
    price, quantity = Decimal(gate.inputs["price"]), Decimal(gate.inputs["quantity"])
    if not instrument.active or price <= 0:
        return Remedy(words="the venue has to trade the pair again")
    least = instrument.quantity_down(instrument.notional_min / price)
    if least * price < instrument.notional_min:
        least += instrument.lot_size
    least = max(least, instrument.quantity_min)
    most = min(instrument.quantity_max, instrument.quantity_down(instrument.notional_max / price))
    wanted = min(max(quantity, least), most)
    word = "raise" if wanted > quantity else "lower"
    return Remedy(
        words=f"{word} its amount: the quantity of {gate.inputs['quote']} has to be {wanted:f}",
        what="quantity",
        value=f"{wanted:f}",
    )


def _budget(gate: Gate, _instrument: Instrument) -> Remedy:
    short, currency = gate.inputs["short"], gate.inputs["currency"]
    return Remedy(
        words=f"it needs {short} {currency} more, or smaller orders",
        what=f"available {currency}",
        value=f"{short}",
    )


def _would_cross(gate: Gate, instrument: Instrument) -> Remedy:
    price, selling = Decimal(gate.inputs["price"]), gate.side is Side.SELL
    tick = -instrument.tick_size if selling else instrument.tick_size
    opposite, best = gate.inputs["side"], f"{price + tick:f}"
    word = "fall" if selling else "rise"
    return Remedy(
        words=f"the best {opposite} has to {word} to {best}; or a wider spread; or"
        " take_if_crossed = true",
        what=f"best {opposite}",
        value=best,
    )


def _switch(key: str, value: str, words: str) -> _Find:
    return lambda _gate, _instrument: Remedy(words=words, what=key, value=value)


_FINDERS: Mapping[str, _Find] = {
    "price_ceiling": _ceiling,
    "price_floor": _floor,
    "moving_ceiling": _moving_ceiling,
    "moving_floor": _moving_floor,
    "price_lapsed": _age,
    "inventory_skew": _skew,
    "quantity_too_small": _lot,
    "trading_rule": _rule,
    "budget": _budget,
    "budget_shrunk": _budget,
    "would_cross": _would_cross,
    "ping_pong": _switch(
        "ping_pong_enabled",
        "false",
        "an order of the other side has to be filled; or ping_pong_enabled = false",
    ),
    "inventory_cost_unknown": _switch(
        "inventory_price", "", "give inventory_price: what a unit that is held has cost"
    ),
}

_WORDS: Mapping[str, str] = {
    "not_ready": "readiness has to be complete",
    "orders_not_known": "the gateway has to show our orders again: a moment, as a rule",
    "view_incomplete": "book, balances and rules have to be shown again: a moment, as a rule",
    "fees_not_known": "the venue has to name its fees for the pair",
    "orders_working": "the orders of the present set have to end: they are replaced when due",
    "cancel_pending": "the venue has to confirm the cancels",
    "order_unknown": "the look-up of those orders has to find out what became of them",
    "price_unknown": "the source has to give a price",
    "no_level": "give an order of that side in order_override, or the side's own levels",
    "time_unknown": "the time of day has to be known",
    "outside_trading_window": "trading_ends_at has to be later",
    "volatility_not_ready": "more price samples: they come with time",
    "intensity_not_ready": "more trades on the market: they come with time",
    "no_optimum": "the market has to change: the formula has no answer for it",
    "price_not_positive": "the spread has to be narrower than the price",
    "tick_aborted": "the original names no more than the exception",
    "filtered_out": "the original does not tell which of its filters it was",
}
