"""
VALR's REST calls that place, change and end orders, and those that look them up.

A success means: v1 placements and cancels are *queued* (202), v2 ones were answered by the matching
engine. Either way only the account's stream or a status call tells what became of the order.
"""

import enum
from collections.abc import Mapping, Sequence
from decimal import Decimal
from urllib.parse import urlencode

import msgspec

from trading.core.decimals import decimal_text
from trading.core.identifiers import ClientOrderId, Pair, TradeId, VenueOrderId
from trading.core.listed import Listed
from trading.core.market import Side
from trading.messages.account import OrderReport
from trading.orders.order import Fill, Order
from trading.venues.interface import Call
from trading.venues.standing import KeyInfo
from trading.venues.valr.codec import fields
from trading.venues.valr.codec.reading import by_order, reader, rows
from trading.venues.valr.permissions import FOR_TRADING, Permission
from trading.venues.valr.wire import account as account_wire
from trading.venues.valr.wire import orders as order_wire
from trading.venues.valr.wire.market import ApiKey

BATCH_LEGS_MAX = 20
"""Requests that one batch may hold."""

Payload = Mapping[str, object]


class StopKind(enum.Enum):
    STOP_LOSS_LIMIT = "STOP_LOSS_LIMIT"
    TAKE_PROFIT_LIMIT = "TAKE_PROFIT_LIMIT"


class MatchStrategy(enum.Enum):
    """What becomes of a modification whose new price would cross the book."""

    RETAIN_ORIGINAL = "RETAIN_ORIGINAL"
    CANCEL_ORIGINAL = "CANCEL_ORIGINAL"
    REPRICE = "REPRICE"


class LegKind(enum.Enum):
    PLACE_LIMIT = "PLACE_LIMIT"
    PLACE_MARKET = "PLACE_MARKET"
    PLACE_STOP_LIMIT = "PLACE_STOP_LIMIT"
    CANCEL_ORDER = "CANCEL_ORDER"
    MODIFY_ORDER = "MODIFY_ORDER"


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a batch; ``payload`` is the body of the single call."""

    kind: LegKind
    payload: Payload


class LegOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """
    What became of one leg; accepted means submitted, no more.

    Args:
        order_id: The order's; of a modification, the modification's own.
        reason: The venue's words where it refused.
    """

    accepted: bool
    order_id: VenueOrderId | None
    reason: str
    code: int | None


def limit_payload(order: Order) -> Payload:
    """The body of a limit order, the same by REST, in a batch and on the socket."""
    return {
        "side": order.side.name,
        "quantity": decimal_text(order.quantity),
        "price": decimal_text(order.price),
        "pair": order.pair,
        "postOnly": order.post_only,
        "customerOrderId": order.client_order_id,
        "timeInForce": order.time_in_force.value,
    }


def market_payload(
    pair: Pair,
    side: Side,
    order_id: ClientOrderId,
    *,
    base_amount: Decimal | None = None,
    quote_amount: Decimal | None = None,
) -> Payload:
    """
    The body of a market order.

    Raises:
        ValueError: Not exactly one of the amounts is given.
    """
    if (base_amount is None) == (quote_amount is None):
        raise ValueError("a market order has either a base or a quote amount")
    amount: Payload = (
        {"baseAmount": decimal_text(base_amount)}
        if base_amount is not None
        else {"quoteAmount": decimal_text(quote_amount or Decimal(0))}
    )
    return {"side": side.name, **amount, "pair": pair, "customerOrderId": order_id}


def stop_payload(order: Order, kind: StopKind, stop_price: Decimal) -> Payload:
    """The body of a stop-limit order; ``stop_price`` must differ from the last trade's."""
    return {**limit_payload(order), "stopPrice": decimal_text(stop_price), "type": kind.value}


def modify_payload(
    pair: Pair,
    order_id: VenueOrderId,
    *,
    strategy: MatchStrategy,
    price: Decimal | None = None,
    remaining_quantity: Decimal | None = None,
    total_quantity: Decimal | None = None,
) -> Payload:
    """
    The body of a modification; lowering the quantity alone keeps the place in the queue.

    Args:
        remaining_quantity: What is to be left of it, in base currency. An order that is being
            filled meanwhile executes more than was meant.
        total_quantity: Filled and remaining together; exact, whatever is filled meanwhile.

    Raises:
        ValueError: Nothing would change, or both quantities are given.
    """
    changes: dict[str, object] = {}
    if price is not None:
        changes["newPrice"] = decimal_text(price)
    if remaining_quantity is not None:
        changes["newRemainingQuantity"] = decimal_text(remaining_quantity)
    if total_quantity is not None:
        if remaining_quantity is not None:
            raise ValueError("a modification gives the remaining or the total quantity, not both")
        changes["newTotalQuantity"] = decimal_text(total_quantity)
    if not changes:
        raise ValueError("a modification changes the price or the quantity")
    return {"orderId": order_id, "pair": pair, "modifyMatchStrategy": strategy.value, **changes}


def cancel_payload(
    pair: Pair, venue_order_id: VenueOrderId | None, client_order_id: ClientOrderId | None
) -> Payload:
    """The body of a cancel, by the venue's id where there is one; never by both."""
    if venue_order_id is not None:
        return {"orderId": venue_order_id, "pair": pair}
    return {"customerOrderId": client_order_id, "pair": pair}


def place_limit(payload: Payload, *, version: int = 1) -> Call[VenueOrderId]:
    """``POST /v1|v2/orders/limit``."""
    return _placement(f"/v{version}/orders/limit", payload)


def place_market(payload: Payload, *, version: int = 1) -> Call[VenueOrderId]:
    """``POST /v1|v2/orders/market``."""
    return _placement(f"/v{version}/orders/market", payload)


def place_stop_limit(payload: Payload, *, version: int = 1) -> Call[VenueOrderId]:
    """``POST /v1|v2/orders/stop/limit``."""
    return _placement(f"/v{version}/orders/stop/limit", payload)


def modify(payload: Payload, *, version: int = 1) -> Call[VenueOrderId]:
    """``PUT /v1|v2/orders/modify``: the id is the modification's, the order keeps its own."""
    return _placement(f"/v{version}/orders/modify", payload, verb="PUT")


def cancel(payload: Payload, *, version: int = 1) -> Call[None]:
    """``DELETE /v1|v2/orders/order``: v1 answers 202 with an empty body, which proves nothing."""
    return Call(
        verb="DELETE",
        path=f"/v{version}/orders/order",
        body=_text(payload),
        decode=lambda _body: None,
    )


def cancel_all(pair: Pair | None = None) -> Call[Sequence[VenueOrderId]]:
    """``DELETE /v1/orders[/{pair}]``: *all* orders on the account, ours or not; those cancelled."""

    def read(rows: list[order_wire.CancelledOrder]) -> Sequence[VenueOrderId]:
        return [VenueOrderId(row.order_id) for row in rows]

    return Call(
        verb="DELETE",
        path="/v1/orders" if pair is None else f"/v1/orders/{pair}",
        decode=reader(list[order_wire.CancelledOrder], read),
    )


def batch_payload(legs: Sequence[Leg]) -> Payload:
    """
    The body of a batch.

    Raises:
        ValueError: More legs than a batch takes, or modifications among placements.
    """
    if not 0 < len(legs) <= BATCH_LEGS_MAX:
        raise ValueError(f"a batch has 1 to {BATCH_LEGS_MAX} legs, not {len(legs)}")
    kinds = {leg.kind for leg in legs}
    if LegKind.MODIFY_ORDER in kinds and kinds - {LegKind.MODIFY_ORDER, LegKind.CANCEL_ORDER}:
        raise ValueError("VALR refuses modifications in a batch with placements (-21311)")
    return {"requests": [{"type": leg.kind.value, "data": leg.payload} for leg in legs]}


def batch(legs: Sequence[Leg]) -> Call[Sequence[LegOutcome]]:
    """
    ``POST /v1/batch/orders``: an outcome for each leg, in the same order.

    Raises:
        ValueError: More legs than a batch takes, or modifications among placements.
    """
    payload = batch_payload(legs)

    def read(body: order_wire.BatchOutcomes) -> Sequence[LegOutcome]:
        if len(body.outcomes) != len(legs):
            raise ValueError(f"{len(body.outcomes)} outcomes for {len(legs)} legs")
        return [_outcome(outcome) for outcome in body.outcomes]

    return Call(
        verb="POST",
        path="/v1/batch/orders",
        body=_text(payload),
        decode=reader(order_wire.BatchOutcomes, read),
    )


def order_status(pair: Pair, order_id: VenueOrderId) -> Call[OrderReport]:
    """``GET /v1/orders/{pair}/orderid/{id}``."""
    return Call(
        verb="GET",
        path=f"/v1/orders/{pair}/orderid/{order_id}",
        decode=reader(account_wire.OrderStatus, fields.order_report),
    )


def history(*, skip: int = 0, limit: int = 100) -> Call[Listed[OrderReport]]:
    """``GET /v1/orders/history``: ended orders, those cancelled unfilled too."""
    # Without the flag VALR hides cancels that had no fill, and an order would seem lost.
    query = urlencode({"skip": skip, "limit": limit, "showZeroVolumeCancels": "true"})
    return Call(
        verb="GET",
        path=f"/v1/orders/history?{query}",
        decode=rows(account_wire.OrderStatus, fields.order_report, by_order, of="ended orders"),
    )


def fills_of(
    pair: Pair, *, skip: int = 0, limit: int = 100, before_id: TradeId | None = None
) -> Call[Listed[Fill]]:
    """``GET /v1/account/{pair}/tradehistory``: our trades on one pair, newest first."""
    query: dict[str, object] = {"skip": skip, "limit": limit}
    if before_id is not None:
        query["beforeId"] = before_id
    return Call(
        verb="GET",
        path=f"/v1/account/{pair}/tradehistory?{urlencode(query)}",
        decode=rows(account_wire.AccountTrade, fields.fill, by_order, of=f"fills on {pair}"),
    )


def key_info() -> Call[KeyInfo]:
    """``GET /v1/account/api-keys/current``: what our key may do."""

    def read(body: ApiKey) -> KeyInfo:
        permissions = frozenset(body.permissions)
        usual = {permission.value for permission in FOR_TRADING | {Permission.WITHDRAW}}
        return KeyInfo(
            label=body.label,
            permissions=permissions,
            views=Permission.VIEW.value in permissions,
            trades=Permission.TRADE.value in permissions,
            withdraws=Permission.WITHDRAW.value in permissions,
            more=permissions - usual,
            subaccount=body.is_sub_account,
            addresses=body.allowed_ip_address_cidr,
        )

    return Call(verb="GET", path="/v1/account/api-keys/current", decode=reader(ApiKey, read))


def _placement(path: str, payload: Payload, *, verb: str = "POST") -> Call[VenueOrderId]:
    def read(body: order_wire.Placed) -> VenueOrderId:
        return VenueOrderId(body.id)

    return Call(verb=verb, path=path, body=_text(payload), decode=reader(order_wire.Placed, read))


def _outcome(outcome: order_wire.Outcome) -> LegOutcome:
    error = outcome.error
    return LegOutcome(
        accepted=outcome.accepted,
        order_id=None if outcome.order_id is None else VenueOrderId(outcome.order_id),
        reason="" if error is None else error.message or "",
        code=None if error is None else error.code,
    )


def _text(payload: object) -> str:
    return msgspec.json.encode(payload).decode()
