"""VALR's REST calls as values: what to send, and how to read the answer."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from trading.decimals import parse_decimal
from trading.identifiers import ClientOrderId, Currency, Pair
from trading.instrument import Instrument
from trading.market import Balance
from trading.messages.account import OrderReport
from trading.orders import Fill
from trading.strategies.interface import Fees
from trading.venues.interface import Call
from trading.venues.valr import account_wire, fields, rest_wire
from trading.venues.valr.reading import reader

_PERCENT = Decimal(100)
_LOT_DIGITS_MAX = 20


def instruments() -> Call[Mapping[Pair, Instrument]]:
    """``GET /v1/public/pairs``: every pair's rules, inactive ones too."""

    def read(rows: list[rest_wire.PairRules]) -> Mapping[Pair, Instrument]:
        return {Pair(row.symbol): instrument(row) for row in rows}

    return Call(
        verb="GET",
        path="/v1/public/pairs",
        signed=False,
        decode=reader(list[rest_wire.PairRules], read),
    )


def instrument(row: rest_wire.PairRules) -> Instrument:
    """One pair's rules; the lot follows from the number of decimals a quantity is cut to."""
    digits = _digits(row.base_decimal_places)
    if not 0 <= digits <= _LOT_DIGITS_MAX:
        raise ValueError(f"{row.symbol}: {digits} decimal places of the base currency")
    tick_size = parse_decimal(row.tick_size)
    if tick_size <= 0:
        raise ValueError(f"{row.symbol}: a tick size of {row.tick_size}")
    return Instrument(
        pair=Pair(row.symbol),
        base=Currency(row.base_currency),
        quote=Currency(row.quote_currency),
        tick_size=tick_size,
        lot_size=Decimal(1).scaleb(-digits),
        quantity_min=parse_decimal(row.min_base_amount),
        quantity_max=parse_decimal(row.max_base_amount),
        notional_min=parse_decimal(row.min_quote_amount),
        notional_max=parse_decimal(row.max_quote_amount),
        active=row.active,
    )


def _digits(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"not a number of decimal places: {text[:20]!r}")
    return int(text)


def balances() -> Call[Sequence[Balance]]:
    """``GET /v1/account/balances``: what the account holds, empty currencies too."""

    def read(rows: list[rest_wire.AccountBalance]) -> Sequence[Balance]:
        return [fields.balance(row) for row in rows]

    return Call(
        verb="GET",
        path="/v1/account/balances",
        decode=reader(list[rest_wire.AccountBalance], read),
    )


def fees() -> Call[Mapping[Pair, Fees]]:
    """``GET /v1/account/fees/trade``: as fractions; pairs without an order book are left out."""

    def read(rows: list[rest_wire.PairFees]) -> Mapping[Pair, Fees]:
        return {
            Pair(row.currency_pair): Fees(
                maker=parse_decimal(row.maker_percentage) / _PERCENT,
                taker=parse_decimal(row.taker_percentage) / _PERCENT,
            )
            for row in rows
            if row.maker_percentage is not None and row.taker_percentage is not None
        }

    return Call(
        verb="GET",
        path="/v1/account/fees/trade",
        decode=reader(list[rest_wire.PairFees], read),
    )


def open_orders() -> Call[Sequence[OrderReport]]:
    """``GET /v1/orders/open``: every open order of the account, on all pairs."""

    def read(rows: list[account_wire.OpenOrder]) -> Sequence[OrderReport]:
        return [fields.open_order_report(row) for row in rows]

    return Call(
        verb="GET", path="/v1/orders/open", decode=reader(list[account_wire.OpenOrder], read)
    )


def order_status(pair: Pair, order_id: ClientOrderId) -> Call[OrderReport]:
    """``GET /v1/orders/{pair}/customerorderid/{id}``: what became of one of our orders."""
    return Call(
        verb="GET",
        path=f"/v1/orders/{pair}/customerorderid/{order_id}",
        decode=reader(account_wire.OrderStatus, fields.order_report),
    )


def fills(*, skip: int = 0, limit: int = 100) -> Call[Sequence[Fill]]:
    """``GET /v1/account/tradehistory``: our trades over all pairs, newest first."""

    def read(rows: list[account_wire.AccountTrade]) -> Sequence[Fill]:
        return [fields.fill(row) for row in rows]

    return Call(
        verb="GET",
        path=f"/v1/account/tradehistory?skip={skip}&limit={limit}",
        decode=reader(list[account_wire.AccountTrade], read),
    )
