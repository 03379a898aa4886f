"""Reads single fields of order requests, as strictly as the venue does."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NoReturn

import msgspec

from trading.core.decimals import ZERO, decimal_text, parse_decimal
from trading.core.market import Side, TimeInForce
from trading.venues.valr.simulator.core.listing import Listing

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_CUSTOMER_ORDER_ID = re.compile(r"[0-9a-zA-Z-]{0,50}", re.ASCII)
_INVALID = "Invalid Request, please check your request and try again"
_REPRICE_TICKS_MAX = 50
_DIGITS_MAX = 40
"""Before or behind the point; more digits are no real amount."""


class Refused(Exception):
    """
    A request is refused as a whole: nothing happened.

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


def read_json(text: str | bytes) -> object:
    """
    Parse a client's JSON; a number with a point or an exponent is kept exactly as written.

    Raises:
        ValueError: The text is not JSON.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def object_of(body: object) -> dict[str, object]:
    if not isinstance(body, dict):
        raise invalid_request()
    return body


def amount(fields: Mapping[str, object], name: str) -> Decimal:
    """A number, which clients send as text or as a JSON number (``read_json``); above 0."""
    value = fields.get(name)
    try:
        match value:
            case bool():
                raise invalid_request()
            case int():
                number = Decimal(value)
            case Decimal():
                # With an exponent, as other languages write small numbers, it is the same number.
                far = abs(value.adjusted()) > _DIGITS_MAX
                number = ZERO if far else parse_decimal(f"{value:f}")
            case str():
                number = parse_decimal(value)
            case _:
                raise invalid_request()
    except ValueError:
        raise invalid_request() from None
    # Far beyond every maximum; sums stay exact below it.
    if not ZERO < number < Decimal(1000000000000):
        raise invalid_request()
    return number


def flag(fields: Mapping[str, object], name: str) -> bool:
    value = fields.get(name, False)
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise invalid_request()


def price_of(fields: Mapping[str, object], name: str, listing: Listing) -> int:
    """A price in ticks; it must be a whole number of them."""
    ticks = listing.grid.ticks(amount(fields, name))
    if ticks is None or ticks % listing.tick_step:
        raise invalid_request()
    return ticks


def reprice_ticks_of(fields: Mapping[str, object]) -> int | None:
    """How far from the other side a crossing post-only order is moved; ``None`` for not at all."""
    if not flag(fields, "postOnlyReprice"):
        return None
    text = fields.get("postOnlyRepriceTicks", "1")
    if not isinstance(text, str | int | Decimal) or isinstance(text, bool):
        raise invalid_request()
    digits = str(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len("50")):
        raise invalid_request()
    if not 1 <= int(digits) <= _REPRICE_TICKS_MAX:
        raise invalid_request()
    return int(digits)


def name_of(fields: Mapping[str, object]) -> tuple[str | None, str | None]:
    """The order's name in a request: its id, or the customer's id; exactly one of them."""
    order_id, customer_order_id = fields.get("orderId"), fields.get("customerOrderId")
    if (order_id is None) == (customer_order_id is None):
        raise invalid_request()
    if customer_order_id is not None:
        return None, _text_of_name(customer_order_id)
    if not isinstance(order_id, str):
        raise invalid_request()
    return order_id, None


def _text_of_name(value: object) -> str:
    """A customer's id of an order: some are numbers, and some clients send those as numbers."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise invalid_request()
    return str(value)


def check_margin(fields: Mapping[str, object]) -> None:
    if flag(fields, "allowMargin"):
        raise Refused(-19213, "Margin not enabled for account")


def side_of(text: object) -> Side:
    match text:
        case "BUY":
            return Side.BUY
        case "SELL":
            return Side.SELL
        case _:
            raise invalid_request()


def time_in_force_of(text: object) -> TimeInForce:
    try:
        return TimeInForce(text)
    except ValueError:
        raise invalid_request() from None


def customer_order_id_of(fields: Mapping[str, object]) -> str | None:
    value = fields.get("customerOrderId")
    if value is None or value == "":
        return None
    text = _text_of_name(value)
    if not _CUSTOMER_ORDER_ID.fullmatch(text):
        raise invalid_request()
    return text


def check_size(listing: Listing, quantity: Decimal | None, notional: Decimal | None) -> None:
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
