"""Hummingbot files as people may have them: of every template, with every feature on or off."""

from pathlib import Path

from hypothesis import strategies as st

WHOLE_FILES = tuple(sorted((Path(__file__).parent / "hummingbot").glob("conf_*.yml")))

_PAIRS = (
    *("DOGE-USDT", "BTC-USDT", "BTC-ZAR", "ETH-ZAR", "XMR-ETH", "SHIB-BTC", "SOL-USDC"),
    *("XCAD-USDT", "1INCH-ETH", "ETHUSDT", "link-eth", "PEPE-ZAR", "HBOT/USDT"),
)
_SPREADS = st.sampled_from(("0.001", "0.05", "0.3", "1", "2.5", "12"))
_FLAGS = st.sampled_from(("true", "false", "True", "No"))
_SECONDS = st.sampled_from(("0.5", "1", "15.0", "60", "1800.0", "90000", "1e6"))
_AMOUNTS = st.sampled_from(("4", "40", "33.75", "0.05", "0.0002", "1500000", "7.123456789"))
_PERCENTAGES = st.sampled_from(("0", "0.3", "1", "30", "50.0", "100"))
_EXCHANGES = st.sampled_from(("valr", "binance", "kucoin_paper_trade", "gate_io"))

_PURE_NOW = {
    "minimum_spread": st.sampled_from(("-100", "-100.0", "-2", "0", "0.01")),
    "max_order_age": _SECONDS,
    "order_refresh_tolerance_pct": st.sampled_from(("-1", "0", "0.1", "0.001")),
    "order_levels": st.sampled_from(("1", "2", "5")),
    "order_level_amount": st.sampled_from(("0", "1", "0.5", "0.0001")),
    "order_level_spread": st.sampled_from(("0", "0.5", "1")),
    "price_ceiling": st.sampled_from(("-1", "-1.0", "nan", "0.3", "2500", "70000")),
    "price_floor": st.sampled_from(("-1", "-1.0", "None", "0.000001", "0.2")),
    "moving_price_band_enabled": _FLAGS,
    "price_ceiling_pct": st.sampled_from(("1", "2.5", "0.01")),
    "price_floor_pct": st.sampled_from(("-1", "-100", "-0.01")),
    "price_band_refresh_time": _SECONDS,
    "ping_pong_enabled": _FLAGS,
    "inventory_skew_enabled": _FLAGS,
    "inventory_target_base_pct": _PERCENTAGES,
    "inventory_range_multiplier": st.sampled_from(("0", "0.5", "1", "3")),
    "inventory_price": st.sampled_from(("0", "1.0")),
    "filled_order_delay": _SECONDS,
    "hanging_orders_enabled": _FLAGS,
    "hanging_orders_cancel_pct": st.sampled_from(("0", "0.1", "10.0")),
    "order_optimization_enabled": _FLAGS,
    "ask_order_optimization_depth": st.sampled_from(("0", "10.5")),
    "add_transaction_costs": _FLAGS,
    "price_type": st.sampled_from(
        ("mid_price", "last_price", "best_bid", "last_own_trade_price", "inventory_cost")
    ),
    "price_source": st.sampled_from(("current_market", "external_market", "custom_api")),
    "price_source_exchange": st.sampled_from(("valr", "")),
    "price_source_market": st.sampled_from(("BTC-ZAR", "ABC-USDT", "")),
    "price_source_custom_api": st.sampled_from(("http://127.0.0.1:9/price", "")),
    "order_override": st.sampled_from(
        ("", "{}", "{a: [buy, 0.5, 40], b: [sell, 0.5, 33.5]}", '\'{"one": ["buy", 1, 50]}\'')
    ),
    "split_order_levels_enabled": _FLAGS,
    "bid_order_level_spreads": st.sampled_from(("", "0.5,1")),
    "bid_order_level_amounts": st.sampled_from(("", "40,50", "40")),
    "ask_order_level_spreads": st.sampled_from(("", "0.5")),
    "ask_order_level_amounts": st.sampled_from(("", "40")),
}
_OF_TEMPLATE_16 = {
    "order_optimization_depth": st.sampled_from(("0", "25")),
    "price_source_enabled": _FLAGS,
    "price_source_type": st.sampled_from(("exchange", "custom_api", "")),
    "price_source_custom": st.sampled_from(("http://127.0.0.1:9/price", "")),
}
_OF_FRACTIONS = {
    "cancel_order_wait_time": _SECONDS,
    "mode": st.sampled_from(("single", "multiple")),
    "number_of_orders": st.sampled_from(("1", "3")),
    "order_start_size": _AMOUNTS,
    "order_step_size": st.sampled_from(("0", "1")),
    "order_interval_percent": st.sampled_from(("0.001", "0.01")),
    "inventory_target_base_percent": st.sampled_from(("0.5", "0.2")),
    "filled_order_replenish_wait_time": _SECONDS,
    "enable_order_filled_stop_cancellation": _FLAGS,
    "best_bid_ask_jump_mode": _FLAGS,
    "expiration_seconds": st.just("130.0"),
}
_AVELLANEDA = {
    "execution_timeframe": st.just("infinite"),
    "execution_timeframe_mode": st.just("{}"),
    "order_optimization_enabled": _FLAGS,
    "risk_factor": st.sampled_from(("0.1", "1", "10.0")),
    "order_amount_shape_factor": st.sampled_from(("0", "0.3", "1")),
    "min_spread": st.sampled_from(("0", "0.001", "0.5")),
    "max_order_age": _SECONDS,
    "order_refresh_tolerance_pct": st.sampled_from(("-1", "0", "0.1")),
    "filled_order_delay": _SECONDS,
    "inventory_target_base_pct": _PERCENTAGES,
    "volatility_buffer_size": st.sampled_from(("1", "60", "200", "10000")),
    "trading_intensity_buffer_size": st.sampled_from(("1", "200", "10000")),
    "order_levels": st.sampled_from(("1", "3")),
    "level_distances": st.sampled_from(("0", "5")),
    "order_levels_mode": st.sampled_from(
        ("{}", "single_level", "{order_levels: 2, level_distances: 2}")
    ),
    "hanging_orders_enabled": _FLAGS,
    "hanging_orders_cancel_pct": st.sampled_from(("0", "10")),
    "hanging_orders_mode": st.sampled_from(
        ("{}", "ignore_hanging_orders", "{hanging_orders_cancel_pct: 10}")
    ),
    "order_override": st.sampled_from(("", "{}")),
    "should_wait_order_cancel_confirmation": _FLAGS,
    "add_transaction_costs": _FLAGS,
}


def _written(fields: dict[str, str]) -> str:
    return "".join(f"{key}: {value}\n" for key, value in fields.items())


def _file(
    name: str,
    required: dict[str, st.SearchStrategy[str]],
    others: dict[str, st.SearchStrategy[str]],
) -> st.SearchStrategy[str]:
    return st.fixed_dictionaries(
        {"strategy": st.just(name), "order_amount": _AMOUNTS, **required}, optional=others
    ).map(_written)


_TODAY = {
    "exchange": _EXCHANGES,
    "market": st.sampled_from(_PAIRS),
    "order_refresh_time": _SECONDS,
}
_SPREAD_KEYS = {"bid_spread": _SPREADS, "ask_spread": _SPREADS}

hummingbot_files = st.one_of(
    _file("pure_market_making", {**_TODAY, **_SPREAD_KEYS}, _PURE_NOW),
    _file("pure_market_making", {**_TODAY, **_SPREAD_KEYS}, _OF_TEMPLATE_16),
    _file(
        "pure_market_making",
        {
            "maker_market": _EXCHANGES,
            "maker_market_trading_pair": st.sampled_from(_PAIRS),
            "bid_place_threshold": st.sampled_from(("0.001", "0.02")),
            "ask_place_threshold": st.sampled_from(("0.001", "0.02")),
        },
        _OF_FRACTIONS,
    ),
    _file("avellaneda_market_making", _TODAY, _AVELLANEDA),
)
"""The text of one file."""
