"""VALR's REST calls as values: what to send, and how to read the answer."""

from decimal import Decimal

import msgspec

from trading.core.fees import Fees
from trading.core.identifiers import ClientOrderId, Currency, Pair
from trading.core.instrument import Instrument
from trading.core.listed import Listed, ListedBy
from trading.core.market import Balance
from trading.messages.account import OrderReport
from trading.orders.order import Fill
from trading.venues.interface import Call
from trading.venues.valr.codec import fields
from trading.venues.valr.codec.reading import by, by_order, each, reader, rows, rows_by
from trading.venues.valr.wire import account as account_wire
from trading.venues.valr.wire import rest as rest_wire

_PERCENT = Decimal(100)
_LOT_DIGITS_MAX = 20

_balance = msgspec.json.Decoder(rest_wire.AccountBalance)


def instruments() -> Call[ListedBy[Pair, Instrument]]:
    """``GET /v1/public/pairs``: every pair's rules, inactive ones too."""

    def read(row: rest_wire.PairRules) -> tuple[Pair, Instrument]:
        return Pair(row.symbol), instrument(row)

    return Call(
        verb="GET",
        path="/v1/public/pairs",
        signed=False,
        decode=rows_by(rest_wire.PairRules, read, by("symbol"), of="pairs"),
    )


def instrument(row: rest_wire.PairRules) -> Instrument:
    """One pair's rules; the lot follows from the number of decimals a quantity is cut to."""
    digits = _digits(row.base_decimal_places)
    tick_size = fields.number("tickSize", row.tick_size)
    if tick_size <= 0:
        raise ValueError(f"tickSize: expected a number of more than zero, got {row.tick_size!r}")
    return Instrument(
        pair=Pair(fields.name("symbol", row.symbol)),
        base=Currency(fields.name("baseCurrency", row.base_currency)),
        quote=Currency(fields.name("quoteCurrency", row.quote_currency)),
        tick_size=tick_size,
        lot_size=Decimal(1).scaleb(-digits),
        quantity_min=fields.number("minBaseAmount", row.min_base_amount),
        quantity_max=fields.number("maxBaseAmount", row.max_base_amount),
        notional_min=fields.number("minQuoteAmount", row.min_quote_amount),
        notional_max=fields.number("maxQuoteAmount", row.max_quote_amount),
        active=row.active,
    )


def _digits(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_LOT_DIGITS_MAX))):
        raise ValueError(f"baseDecimalPlaces: expected a whole number, got {text[:20]!r}")
    if (digits := int(text)) > _LOT_DIGITS_MAX:
        raise ValueError(f"baseDecimalPlaces: expected {_LOT_DIGITS_MAX} at most, got {digits}")
    return digits


def balances() -> Call[Listed[Balance]]:
    """``GET /v1/account/balances``: what the account holds, empty currencies too."""
    return Call(
        verb="GET",
        path="/v1/account/balances",
        decode=rows(rest_wire.AccountBalance, fields.balance, by("currency"), of="balances"),
    )


class AccountBalances(msgspec.Struct, frozen=True, kw_only=True):
    """
    What one of an owner's accounts holds.

    Args:
        account_id: ``"0"`` for the primary account.
        balances: Those that are not zero.
    """

    account_id: str
    label: str
    balances: Listed[Balance]


def all_balances() -> Call[Listed[AccountBalances]]:
    """``GET /v1/account/balances/all``: by account, without empty ones; the primary key's alone."""

    def read(row: rest_wire.AccountBalances) -> AccountBalances:
        return AccountBalances(
            account_id=fields.name("account.id", row.account.id),
            label=row.account.label,
            balances=each(
                row.balances,
                lambda piece: fields.balance(_balance.decode(piece)),
                by("currency"),
                of=f"balances of account {row.account.id}",
            ),
        )

    return Call(
        verb="GET",
        path="/v1/account/balances/all",
        decode=rows(rest_wire.AccountBalances, read, lambda _row: None, of="accounts"),
    )


def fees() -> Call[ListedBy[Pair, Fees]]:
    """``GET /v1/account/fees/trade``: as fractions; pairs without an order book are left out."""

    def read(row: rest_wire.PairFees) -> tuple[Pair, Fees] | None:
        pair = Pair(fields.name("currencyPair", row.currency_pair))
        if row.maker_percentage is None or row.taker_percentage is None:
            return None
        maker = fields.number("makerPercentage", row.maker_percentage)
        taker = fields.number("takerPercentage", row.taker_percentage)
        return pair, Fees(maker=maker / _PERCENT, taker=taker / _PERCENT)

    return Call(
        verb="GET",
        path="/v1/account/fees/trade",
        decode=rows_by(rest_wire.PairFees, read, by("currencyPair"), of="fees"),
    )


def open_orders() -> Call[Listed[OrderReport]]:
    """``GET /v1/orders/open``: every open order of the account, on all pairs."""
    return Call(
        verb="GET",
        path="/v1/orders/open",
        decode=rows(account_wire.OpenOrder, fields.open_order_report, by_order, of="open orders"),
    )


def order_status(pair: Pair, order_id: ClientOrderId) -> Call[OrderReport]:
    """``GET /v1/orders/{pair}/customerorderid/{id}``: what became of one of our orders."""
    return Call(
        verb="GET",
        path=f"/v1/orders/{pair}/customerorderid/{order_id}",
        decode=reader(account_wire.OrderStatus, fields.order_report),
    )


def fills(*, skip: int = 0, limit: int = 100) -> Call[Listed[Fill]]:
    """``GET /v1/account/tradehistory``: our trades over all pairs, newest first."""
    return Call(
        verb="GET",
        path=f"/v1/account/tradehistory?skip={skip}&limit={limit}",
        decode=rows(account_wire.AccountTrade, fields.fill, by_order, of="fills"),
    )
