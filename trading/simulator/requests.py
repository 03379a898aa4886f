"""Reads the bodies of order requests, as strictly as the venue does."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NoReturn

import attrs

from trading.decimals import ZERO, decimal_text, parse_decimal
from trading.identifiers import Pair
from trading.market import Side, TimeInForce
from trading.simulator.listing import Listing

_CUSTOMER_ORDER_ID = re.compile(r"[0-9a-zA-Z-]{0,50}", re.ASCII)
_INVALID = "Invalid Request, please check your request and try again"
ORDER_TYPES = ("LIMIT_POST_ONLY", "LIMIT", "MARKET")


class Refused(Exception):
    """
    A request that is not taken at all: nothing happened.

    Args:
        code: The venue's error number.
        message: The venue's words.
        status: HTTP status.
    """

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def invalid_request(status: int = 400) -> Refused:
    return Refused(-11, _INVALID, status)


@attrs.frozen(kw_only=True)
class LimitRequest:
    """Price in ticks, quantity in lots."""

    pair: Pair
    side: Side
    price: int
    quantity: int
    post_only: bool
    time_in_force: TimeInForce
    customer_order_id: str | None


@attrs.frozen(kw_only=True)
class MarketRequest:
    """Either a quantity in lots or a budget in ticks times lots."""

    pair: Pair
    side: Side
    quantity: int | None
    budget: int | None
    customer_order_id: str | None


@attrs.frozen(kw_only=True)
class CancelRequest:
    """Exactly one of the two ids."""

    pair: Pair
    order_id: str | None
    customer_order_id: str | None


class RequestReader:
    """
    Understands bodies against what is listed.

    Raises:
        Refused: By every method, for a body that breaks a rule.
    """

    def __init__(self, listings: Mapping[Pair, Listing]) -> None:
        self._listings = listings

    def listing(self, symbol: object, *, active: bool = False) -> Listing:
        listing = self._listings.get(Pair(symbol)) if isinstance(symbol, str) else None
        if listing is None:
            raise Refused(-21, "Unsupported Currency Pair")
        if active and not listing.rules.active:
            raise Refused(-32, "The given currency pair is not active")
        return listing

    def limit(self, body: object) -> LimitRequest:
        fields = _object(body)
        listing = self.listing(fields.get("pair"), active=True)
        lots = listing.grid.lots(_amount(fields, "quantity"))
        price = _amount(fields, "price")
        post_only = _flag(fields, "postOnly")
        time_in_force = _time_in_force(fields.get("timeInForce", "GTC"))
        ticks = listing.grid.ticks(price)
        if ticks is None or (post_only and time_in_force is not TimeInForce.GTC):
            raise invalid_request()
        _check_size(listing, listing.grid.quantity(lots), price * listing.grid.quantity(lots))
        return LimitRequest(
            pair=listing.rules.symbol,
            side=_side(fields.get("side")),
            price=ticks,
            quantity=lots,
            post_only=post_only,
            time_in_force=time_in_force,
            customer_order_id=_customer_order_id(fields),
        )

    def market(self, body: object) -> MarketRequest:
        fields = _object(body)
        listing = self.listing(fields.get("pair"), active=True)
        side = _side(fields.get("side"))
        if ("baseAmount" in fields) == ("quoteAmount" in fields):
            raise invalid_request()
        quantity: int | None = None
        budget: int | None = None
        if "baseAmount" in fields:
            quantity = listing.grid.lots(_amount(fields, "baseAmount"))
            _check_size(listing, listing.grid.quantity(quantity), None)
        else:
            amount = _amount(fields, "quoteAmount")
            budget = listing.grid.tick_lots(amount)
            _check_size(listing, None, amount)
        return MarketRequest(
            pair=listing.rules.symbol,
            side=side,
            quantity=quantity,
            budget=budget,
            customer_order_id=_customer_order_id(fields),
        )

    def cancel(self, body: object) -> CancelRequest:
        fields = _object(body)
        listing = self.listing(fields.get("pair"))
        order_id, customer_order_id = fields.get("orderId"), fields.get("customerOrderId")
        if (order_id is None) == (customer_order_id is None):
            raise invalid_request()
        if not isinstance(order_id or customer_order_id, str):
            raise invalid_request()
        return CancelRequest(
            pair=listing.rules.symbol,
            order_id=None if order_id is None else str(order_id),
            customer_order_id=None if customer_order_id is None else str(customer_order_id),
        )


def _object(body: object) -> dict[str, object]:
    if not isinstance(body, dict):
        raise invalid_request()
    return body


def _amount(fields: Mapping[str, object], name: str) -> Decimal:
    text = fields.get(name)
    if not isinstance(text, str):
        raise invalid_request()
    try:
        amount = parse_decimal(text)
    except ValueError:
        raise invalid_request() from None
    # Far beyond every maximum; sums stay exact below it.
    if not ZERO < amount < Decimal(1000000000000):
        raise invalid_request()
    return amount


def _flag(fields: Mapping[str, object], name: str) -> bool:
    value = fields.get(name, False)
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise invalid_request()


def _side(text: object) -> Side:
    match text:
        case "BUY":
            return Side.BUY
        case "SELL":
            return Side.SELL
        case _:
            raise invalid_request()


def _time_in_force(text: object) -> TimeInForce:
    try:
        return TimeInForce(text)
    except ValueError:
        raise invalid_request() from None


def _customer_order_id(fields: Mapping[str, object]) -> str | None:
    text = fields.get("customerOrderId")
    if text is None or text == "":
        return None
    if not (isinstance(text, str) and _CUSTOMER_ORDER_ID.fullmatch(text)):
        raise invalid_request()
    return text


def _check_size(listing: Listing, quantity: Decimal | None, notional: Decimal | None) -> None:
    rules = listing.rules
    too_small = (quantity is not None and quantity < rules.min_base) or (
        notional is not None and notional < rules.min_quote
    )
    if too_small:
        raise Refused(
            -12007,
            f"Minimum order size not met . Minimum amount: {decimal_text(rules.min_base)}"
            f" {rules.base}, minimum total: {decimal_text(rules.min_quote)} {rules.quote}",
        )
    if quantity is not None and quantity > rules.max_base:
        _refuse_large(rules.max_base, rules.base)
    if notional is not None and notional > rules.max_quote:
        _refuse_large(rules.max_quote, rules.quote)


def _refuse_large(maximum: Decimal, currency: str) -> NoReturn:
    raise Refused(
        -39, f"Please decrease your amount. The maximum is {decimal_text(maximum)} {currency}"
    )
