"""Pieces of VALR's messages that several of them share: numbers, times, sides, orders, fills."""

import datetime as dt
import re
from decimal import Decimal

import msgspec

from trading.decimals import ZERO, parse_decimal
from trading.identifiers import ClientOrderId, Currency, Pair, TradeId, VenueOrderId
from trading.market import Balance, Side, Trade
from trading.messages.account import OrderReport
from trading.orders import Fill, OrderEvent
from trading.venues.valr import account_wire, rest_wire, wire

UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What reading a text that is no JSON of ours raises: malformed, no UTF-8, nested without end."""

_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?Z?", re.ASCII
)
"""All that VALR sends; an offset from UTC would be another hour, so it is refused."""

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
        currency=Currency(code),
        available=parse_decimal(data.available),
        reserved=parse_decimal(data.reserved),
        updated_at_ms=time_ms(data.updated_at) if data.updated_at else 0,
    )


def balance(data: rest_wire.AccountBalance) -> Balance:
    """A balance of REST's list."""
    return named_balance(data.currency, data)


def trade(data: wire.TradeData) -> Trade:
    return Trade(
        pair=Pair(data.currency_pair),
        price=_positive(data.price),
        quantity=_positive(data.quantity),
        taker_side=side_of(data.taker_side),
        trade_id=None if data.id is None else TradeId(data.id),
        traded_at_ms=time_ms(data.traded_at),
    )


def fill(data: account_wire.AccountTrade) -> Fill:
    """Our own trade; a maker's reward is a negative fee."""
    fee, currency = parse_decimal(data.fee or "0"), data.fee_currency or ""
    if data.maker_reward is not None:
        fee, currency = -parse_decimal(data.maker_reward), data.maker_reward_currency or ""
    return Fill(
        trade_id=TradeId(data.id),
        pair=Pair(data.currency_pair),
        side=side_of(data.side),
        price=_positive(data.price),
        quantity=_positive(data.quantity),
        fee=fee,
        fee_currency=currency,
        venue_order_id=VenueOrderId(data.order_id),
        client_order_id=client_order_id(data.customer_order_id),
        traded_at_ms=time_ms(data.traded_at),
    )


def open_order_report(data: account_wire.OpenOrder) -> OrderReport:
    """An entry of an open-orders list: the socket's ``quantity`` is what remains."""
    remaining = data.remaining_quantity if data.remaining_quantity is not None else data.quantity
    if remaining is None:
        raise ValueError("an open order without a remaining quantity")
    return OrderReport(
        venue_order_id=VenueOrderId(data.order_id),
        client_order_id=client_order_id(data.customer_order_id),
        pair=Pair(data.currency_pair),
        side=side_of(data.side),
        price=_not_negative(data.price),
        quantity=_not_negative(data.original_quantity),
        remaining_quantity=_not_negative(remaining),
        event=status_event(data.status),
        status_text=data.status,
        updated_at_ms=time_ms(data.updated_at) if data.updated_at else 0,
    )


def order_report(data: account_wire.OrderStatus) -> OrderReport:
    """One order's state, from the socket or REST."""
    return OrderReport(
        venue_order_id=VenueOrderId(data.order_id),
        client_order_id=client_order_id(data.customer_order_id),
        pair=Pair(data.currency_pair),
        side=side_of(data.order_side),
        price=_not_negative(data.original_price),
        quantity=_not_negative(data.original_quantity),
        remaining_quantity=_not_negative(data.remaining_quantity),
        event=status_event(data.order_status_type),
        status_text=data.order_status_type,
        reason="" if data.failed_reason in {None, "None"} else str(data.failed_reason),
        updated_at_ms=time_ms(data.order_updated_at) if data.order_updated_at else 0,
    )


def status_event(text: str) -> OrderEvent | None:
    """What a status text means; ``None`` for one we do not know, which ends nothing."""
    return _STATUS_EVENTS.get("".join(text.split()).lower())


def client_order_id(text: str | None) -> ClientOrderId | None:
    return ClientOrderId(text) if text else None


def side_of(text: str) -> Side:
    return Side(text.lower())


def _not_negative(text: str) -> Decimal:
    value = parse_decimal(text)
    if value < ZERO:
        raise ValueError(f"an order's price or quantity cannot be negative: {text!r}")
    return value


def _positive(text: str) -> Decimal:
    value = parse_decimal(text)
    if value <= ZERO:
        raise ValueError(f"a price or quantity must be positive, not {text!r}")
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
