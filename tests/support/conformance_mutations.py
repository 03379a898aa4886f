"""Venues that differ in one thing each, and the checks that are to say so."""

from collections.abc import Mapping

import attrs
from typing_extensions import override

_RULES = "simulator.rules"


@attrs.frozen
class Mutation:
    """
    One difference.

    Args:
        settings: As for ``--set``; more than one where they mean something together alone.
        told_by: The ids of the checks that differ.
    """

    settings: tuple[str, ...]
    told_by: frozenset[str]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(setting.partition("=")[0] for setting in self.settings)

    @override
    def __str__(self) -> str:
        return " ".join(setting.removeprefix(f"{_RULES}.") for setting in self.settings)

    def touches(self, parts: tuple[str, ...]) -> bool:
        return any(part in setting for part in parts for setting in self.settings)


def _shape(route: str, edit: str) -> str:
    return f'{_RULES}.shapes."{route}"=["{edit}"]'


def _caching(route: str, header: str = "max-age=7,public") -> str:
    return f'{_RULES}.caching."{route}"="{header}"'


def _refusal(usual: str, words: str) -> str:
    return f'{_RULES}.refusals."{usual}"="{words}"'


def _text(name: str, words: str) -> str:
    return f'{_RULES}.texts.{name}="{words}"'


def _rule(name: str, value: str) -> str:
    return f"{_RULES}.{name}={value}"


_PUBLIC = "GET /v1/public"
_PAIR = f"{_PUBLIC}/{{pair}}"
_ACCOUNT = "GET /v1/account"
_ROWS: Mapping[str | tuple[str, ...], str] = {
    # By REST, without a key.
    _shape(f"{_PUBLIC}/time", "time:time/3"): "public.time",
    _caching(f"{_PUBLIC}/time"): "public.time",
    _rule("clock_ahead_s", "7"): "public.clock",
    _shape(f"{_PUBLIC}/status", "+since:time/3"): "public.status",
    _shape(f"{_PUBLIC}/pairs", "[].baseDecimalPlaces:integer"): "public.pairs",
    _caching(f"{_PUBLIC}/pairs"): "public.pairs",
    _refusal("400 -11", "404 -12 No such thing"): "public.pairs-of-no-kind",
    _shape(f"{_PUBLIC}/ordertypes", "-[].orderTypes"): "public.order-types",
    _shape(f"{_PAIR}/ordertypes", "[]:integer"): "public.order-types-of-a-pair",
    _shape(f"{_PUBLIC}/currencies", "[].decimalPlaces:integer"): "public.currencies",
    _shape(f"{_PAIR}/orderbook", "~Asks"): "public.book",
    _shape(f"{_PAIR}/orderbook/full", "Bids[].quantity:fraction"): "public.full-book",
    _shape(f"{_PUBLIC}/marketsummary", "-[].markPrice"): "public.summaries",
    _shape(f"{_PAIR}/marketsummary", "askPrice:fraction"): "public.summary",
    _refusal("404 -111", "400 -111 There is none"): "public.summary-of-an-inactive-pair",
    _shape(f"{_PAIR}/trades", "~"): "public.trades",
    _shape(f"{_PAIR}/buckets", "[].startTime:integer"): "public.candles",
    _refusal("400 -21", "404 -21 No such pair"): "public.wrong-pair",
    _refusal("404", "404 -404 Not found"): "public.wrong-path",
    _rule("inactive_books", '"400 -32 The given currency pair is not active"'): (
        "public.book-of-an-inactive-pair"
    ),
    f'{_RULES}.headers.retry-after="3"': "public.headers",
    # On the trade socket.
    _rule("trade_socket_without_key", "false"): "public.trade-without-key",
    _text("quiet_pong", "NOTHING"): "public.pong-of-the-quiet",
    _text("subscribed", "{event} {pair}"): "public.subscribed",
    _rule("subscribe_adds", "true"): "public.subscription-replaced",
    _text("unsubscribed", "{event} {pair}"): "public.unsubscribed",
    _rule("snapshot_when_repeated", "true"): "public.subscription-repeated",
    _rule("take_mixed_lists", "false"): "public.mixed-list",
    _text("invalid_pair", "{pair} has no {event}"): "public.mixed-list",
    _text("invalid_event", "There is no {event}"): "public.unknown-event",
    _rule("take_lower_case", "false"): "public.lower-case",
    _text("invalid_json", "What?"): "public.not-json",
    _text("unsupported", "Unknown type"): "public.unknown-type",
    _rule("idle_limit_s", "30"): "public.idle",
    # While it is held.
    _shape("OB_L1_DIFF", "d.sq:number"): "public.feed-levels",
    _rule("level_sequence_step", "3"): "public.feed-levels",
    _rule("level_feed_batch_s", "0.25"): "public.feed-levels",
    _rule("checksum_depth", "10"): "public.feed-levels public.feed-orders",
    _rule("quantity_decimals", "8"): "public.feed-levels public.feed-orders",
    (_rule("quantity_decimals", "8"), _rule("checksum_quantities", '"shortest"')): (
        "public.feed-levels public.feed-orders"
    ),
    _rule("count_orders", "false"): "public.feed-orders",
    _shape("FULL_ORDERBOOK_UPDATE", "+data.Version:integer"): "public.feed-orders",
    _shape("AGGREGATED_ORDERBOOK_UPDATE", "-data.LastChange"): "public.feed-book",
    _rule("aggregated_depth", "41"): "public.feed-book",
    _rule("depth_interval_s", "2"): "public.feed-depth",
    _shape("NEW_TRADE", "-data.id"): "public.feed-trades",
    _rule("trades_late_s", "4"): "public.feed-trades",
    _shape("NEW_TRADE_BUCKET", "data.volume:fraction"): "public.feed-candles",
    _rule("summary_interval_s", "2"): "public.feed-summary",
    _shape("MARKET_SUMMARY_UPDATE", "+data.currencyPair:text"): "public.feed-summary",
    _rule("mark_price_interval_s", "2"): "public.feed-mark-price",
    _shape("ALLOWED_ORDER_TYPES_UPDATED", "data:text"): "public.feed-order-types",
    _text("pong", "HELLO"): "public.feed-pongs",
    # With a key.
    _rule("welcome", '["AUTHENTICATED", "OPEN_ORDERS_UPDATE", "BALANCE_UPDATE"]'): "account.login",
    _shape("BALANCE_UPDATE", "data.currency.decimalPlaces:number"): "account.login",
    _rule("bad_login", '"1008 Unauthorized"'): "account.login-with-a-wrong-signature",
    _rule("bad_login", '"401"'): "account.login-with-a-wrong-signature",
    _rule("bad_login", '"0 Unauthorized"'): "account.login-with-a-wrong-signature",
    _text("unauthorized", "Log in first"): "account.socket-without-key",
    _refusal("400 -11268", "403 -11268 Who is it?"): "account.rest-without-key",
    _rule("tell_login_on_trade_socket", "false"): "account.login-on-the-trade-socket",
    _shape(f"{_ACCOUNT}/balances", "[].available:fraction"): "account.balances",
    _shape(f"{_ACCOUNT}/fees/trade", "[].makerPercentage:integer"): "account.fees",
    _shape(f"{_ACCOUNT}/api-keys/current", "isSubAccount:text"): "account.key",
    _shape("GET /v1/orders/open", ":object"): "account.open-orders",
    _shape("GET /v1/orders/open", "[].remainingQuantity:fraction"): "orders.listed-as-open",
    _shape("GET /v1/orders/history", ":object"): "account.history orders.history-of-the-unfilled",
    _shape(f"{_ACCOUNT}/tradehistory", ":object"): "account.fills",
    _shape("GET /v1/marketdata/{pair}/orderbook", "-SequenceNumber"): "account.signed-book",
    _caching("GET /v1/marketdata/{pair}/orderbook/full", ""): "account.signed-full-book",
    _shape("GET /v1/marketdata/{pair}/tradehistory", "~"): "account.signed-trades",
    _rule("take_account_subscriptions", "false"): "account.status-subscribed",
    _text("listening", "You have {event}"): "account.status-subscribed",
    _text("muted", "No more {event}"): "account.balances-unsubscribed",
    _text("unsupported_command", "Unknown command"): "account.unknown-command",
    _text("account_pong", "HELLO"): "account.events-held",
    # With orders.
    _rule(
        "event_order",
        '["ORDER_PROCESSED", "OPEN_ORDERS_UPDATE", "BALANCE_UPDATE", "PLACE_LIMIT_WS_RESPONSE"]',
    ): "orders.placed-by-socket",
    _rule("tell_resting_orders", "true"): "orders.placed-by-socket",
    _shape("ORDER_PROCESSED", "+data.at:time/3"): "orders.placed-by-socket",
    _shape("POST /v1/orders/limit", "+status:text"): "orders.placed-by-rest",
    _rule("lookup_delay_s", "1.5"): "orders.looked-up",
    _rule("modified_status", '"Placed"'): "orders.modified",
    _shape("CANCEL_ORDER_WS_RESPONSE", "data.requested:text"): "orders.cancelled",
    _rule("tell_failed_cancels", "false"): "orders.cancelled-twice",
    _rule("cancel_status", "200"): "orders.cancelled-by-rest",
    _rule("status_on_demand", "true"): "orders.status-unasked",
    _rule("take_duplicate_names", "true"): "orders.name-of-an-open-order",
    _refusal("failure -11502", "There is one of this name"): "orders.name-of-an-open-order",
    _rule("names_once", "true"): "orders.name-of-an-ended-order",
    _refusal("failure -11501", "It would have matched"): "orders.post-only-that-crosses",
    _rule("refused_placement_status", "201"): "orders.refused-by-version-2",
    _rule("socket_refusals", '"invalid"'): "orders.below-the-minimum",
    _rule("socket_refusals", '"error"'): "orders.below-the-minimum",
    _rule("socket_refusals", '"nameless"'): "orders.below-the-minimum",
    _shape("POST /v1/batch/orders", "batchId:number"): "orders.batch-by-rest",
    _rule("batch_reply", '"frame"'): "orders.batch-by-socket",
    _rule("batch_reply", '"each"'): "orders.batch-by-socket",
    _rule("show_unfilled_cancels", "true"): "orders.history-of-the-unfilled",
    _rule("cancel_on_disconnect", "false"): "orders.cancel-on-disconnect",
    _rule("cancel_on_disconnect_delay_s", "2"): "orders.cancel-on-disconnect",
    _shape("CANCEL_ON_DISCONNECT_UPDATE", "data.cancelOnDisconnect:flag"): (
        "orders.cancel-on-disconnect"
    ),
    _rule("tell_fees", "false"): "orders.filled",
    _rule("tell_trade_ids", "false"): "orders.filled",
    _rule("executed", '"absent"'): "orders.filled",
}

MUTATIONS = tuple(
    Mutation((row,) if isinstance(row, str) else row, frozenset(names.split()))
    for row, names in _ROWS.items()
)

_ALONE = ("trade_socket_without_key", "[].baseDecimalPlaces", ":object", "take_account_subscr")
"""Differences after which other checks have nothing to see."""


def together() -> tuple[tuple[Mutation, ...], ...]:
    """The differences in groups that can be made at once: each check is told by one at most."""
    groups: list[list[Mutation]] = []
    for mutation in MUTATIONS:
        home = next((group for group in groups if _has_room(group, mutation)), None)
        if home is None:
            groups.append([mutation])
        else:
            home.append(mutation)
    return tuple(map(tuple, groups))


def _has_room(group: list[Mutation], mutation: Mutation) -> bool:
    return not mutation.touches(_ALONE) and all(
        not (other.told_by & mutation.told_by)
        and not (other.keys & mutation.keys)
        and not other.touches(_ALONE)
        for other in group
    )
