"""Decimal text, both ways: strict on the way in, normalised on the way out."""

import re
from decimal import Decimal

_PLAIN_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)

is_plain_number = re.compile(r"[0-9]{1,40}+(?:\.[0-9]{1,40}+)?").fullmatch
"""Whether a text is a number of zero or more without exponent, comma or space (truthy if so)."""

is_positive_number = re.compile(r"(?=[0.]*+[1-9])[0-9]{1,40}+(?:\.[0-9]{1,40}+)?").fullmatch
"""Likewise, but of more than zero."""

ZERO = Decimal(0)
ONE = Decimal(1)


def parse_decimal(text: str) -> Decimal:
    """
    Read a plain decimal number.

    Raises:
        ValueError: The text is anything else: NaN, an exponent, a thousands comma, unicode digits.
    """
    if not _PLAIN_DECIMAL.fullmatch(text):
        raise ValueError(f"not a plain decimal number: {text[:60]!r}")
    return Decimal(text)


def decimal_text(value: Decimal) -> str:
    """The number without exponent and without trailing zeros, as VALR writes it."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
