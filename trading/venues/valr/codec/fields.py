"""Pieces of VALR's messages that several of them share: numbers, times, sides, orders, fills."""

import datetime as dt
import re
from decimal import Decimal

import msgspec

from trading.core.decimals import ZERO, parse_decimal
from trading.core.identifiers import ClientOrderId, Currency, Pair, TradeId, VenueOrderId
from trading.core.market import Balance, Side, Trade
from trading.messages.account import OrderReport
from trading.orders.order import Fill, OrderEvent
from trading.venues.valr.wire import account as account_wire
from trading.venues.valr.wire import frames as wire
from trading.venues.valr.wire import rest as rest_wire

UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What reading a text that is no JSON of ours raises: malformed, no UTF-8, nested without end."""

_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?Z?", re.ASCII
)
"""All that VALR sends; an offset from UTC would be another hour, so it is refused."""

_NAME_LENGTH_MAX = 200
"""Far longer than any name that VALR is known to give or to take."""

_STATUS_EVENTS = {
    # Compared without spaces and case: both "Partially Filled" and "PartiallyFilled" were seen.
    "active": OrderEvent.RESTING,
    "placed": OrderEvent.RESTING,
    "ordermodified": OrderEvent.RESTING,
    "orderpricehasbeenmodifiedduetoslippagelimits": OrderEvent.RESTING,
    "repricedduetoslippage": OrderEvent.RESTING,
    "partiallyfilled": OrderEvent.PARTLY_FILLED,
    "filled": OrderEvent.WHOLLY_FILLED,
    "cancelled": OrderEvent.CANCELLED,
    "partiallyfilledandcancelledduetoslippage": OrderEvent.CANCELLED,
    "partiallyfilledduetoslippage": OrderEvent.CANCELLED,
    "failed": OrderEvent.REJECTED,
    "expired": OrderEvent.EXPIRED,
}


def named_balance(code: str, data: account_wire.BalanceData | rest_wire.AccountBalance) -> Balance:
    return Balance(
        currency=Currency(name("currency", code)),
        available=number("available", data.available),
        reserved=number("reserved", data.reserved),
        updated_at_ms=moment("updatedAt", data.updated_at) if data.updated_at else 0,
    )


def balance(data: rest_wire.AccountBalance) -> Balance:
    """A balance of REST's list."""
    return named_balance(data.currency, data)


def trade(data: wire.TradeData) -> Trade:
    return Trade(
        pair=Pair(data.currency_pair),
        price=_positive("price", data.price),
        quantity=_positive("quantity", data.quantity),
        taker_side=side("takerSide", data.taker_side),
        trade_id=None if data.id is None else TradeId(data.id),
        traded_at_ms=moment("tradedAt", data.traded_at),
    )


def fill(data: account_wire.AccountTrade) -> Fill:
    """Our own trade; a maker's reward is a negative fee."""
    fee, currency = number("fee", data.fee or "0"), data.fee_currency or ""
    if data.maker_reward is not None:
        fee, currency = -number("makerReward", data.maker_reward), data.maker_reward_currency or ""
    return Fill(
        trade_id=TradeId(name("id", data.id)),
        pair=Pair(name("currencyPair", data.currency_pair)),
        side=side("side", data.side),
        price=_positive("price", data.price),
        quantity=_positive("quantity", data.quantity),
        fee=fee,
        fee_currency=currency,
        venue_order_id=VenueOrderId(name("orderId", data.order_id)),
        client_order_id=client_order_id(data.customer_order_id),
        traded_at_ms=moment("tradedAt", data.traded_at),
        fee_told=data.fee is not None or data.maker_reward is not None,
    )


def open_order_report(data: account_wire.OpenOrder) -> OrderReport:
    """An entry of an open-orders list: the socket's ``quantity`` is what remains."""
    remaining = data.remaining_quantity if data.remaining_quantity is not None else data.quantity
    if remaining is None:
        raise ValueError("remainingQuantity: an open order without a remaining quantity")
    return OrderReport(
        venue_order_id=VenueOrderId(name("orderId", data.order_id)),
        client_order_id=client_order_id(data.customer_order_id),
        pair=Pair(name("currencyPair", data.currency_pair)),
        side=side("side", data.side),
        price=_not_negative("price", data.price),
        quantity=_not_negative("originalQuantity", data.original_quantity),
        remaining_quantity=_not_negative("remainingQuantity", remaining),
        event=status_event(data.status),
        status_text=data.status,
        updated_at_ms=moment("updatedAt", data.updated_at) if data.updated_at else 0,
    )


def order_report(data: account_wire.OrderStatus) -> OrderReport:
    """One order's state, from the socket or REST."""
    updated_at = data.order_updated_at
    return OrderReport(
        venue_order_id=VenueOrderId(name("orderId", data.order_id)),
        client_order_id=client_order_id(data.customer_order_id),
        pair=Pair(name("currencyPair", data.currency_pair)),
        side=side("orderSide", data.order_side),
        price=_not_negative("originalPrice", data.original_price),
        quantity=_not_negative("originalQuantity", data.original_quantity),
        remaining_quantity=_not_negative("remainingQuantity", data.remaining_quantity),
        event=status_event(data.order_status_type),
        status_text=data.order_status_type,
        reason="" if data.failed_reason in {None, "None"} else str(data.failed_reason),
        updated_at_ms=moment("orderUpdatedAt", updated_at) if updated_at else 0,
    )


def status_event(text: str) -> OrderEvent | None:
    """What a status text means; ``None`` for one we do not know, which ends nothing."""
    return _STATUS_EVENTS.get("".join(text.split()).lower())


def client_order_id(text: str | None) -> ClientOrderId | None:
    return ClientOrderId(name("customerOrderId", text)) if text else None


def is_name(text: str) -> bool:
    """Whether a text can be a name of VALR's: an order's, a trade's, a pair's, a currency's."""
    return 0 < len(text) <= _NAME_LENGTH_MAX and text.isprintable() and text == text.strip()


# What a field holds, or a ``ValueError`` that names it.


def name(field: str, text: str) -> str:
    if not is_name(text):
        raise ValueError(f"{field}: expected a name of printable characters, got {text[:60]!r}")
    return text


def number(field: str, text: str) -> Decimal:
    try:
        return parse_decimal(text)
    except ValueError as error:
        raise ValueError(f"{field}: {error}") from None


def moment(field: str, text: str) -> int:
    try:
        return time_ms(text)
    except ValueError as error:
        raise ValueError(f"{field}: {error}") from None


def side(field: str, text: str) -> Side:
    try:
        return Side(text.lower())
    except ValueError:
        raise ValueError(f"{field}: expected buy or sell, got {text[:60]!r}") from None


def _not_negative(field: str, text: str) -> Decimal:
    value = number(field, text)
    if value < ZERO:
        raise ValueError(f"{field}: expected a number of zero or more, got {text!r}")
    return value


def _positive(field: str, text: str) -> Decimal:
    value = number(field, text)
    if value <= ZERO:
        raise ValueError(f"{field}: expected a number of more than zero, got {text!r}")
    return value


def time_ms(text: str) -> int:
    """
    Milliseconds since the epoch of an ISO time with 0 to 9 fraction digits, with or without Z.

    Raises:
        ValueError: The text is no such time.
    """
    parts = _TIME.fullmatch(text)
    if parts is None:
        raise ValueError(f"not a time: {text[:40]!r}")
    whole, fraction = parts.groups("0")
    moment = dt.datetime.fromisoformat(whole).replace(tzinfo=dt.UTC)
    return round(moment.timestamp()) * 1000 + int(fraction[:3].ljust(3, "0"))
