"""Decimal text, both ways: strict on the way in, normalised on the way out."""

import re
from decimal import Decimal

_PLAIN_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)

is_plain_number = re.compile(r"[0-9]{1,40}+(?:\.[0-9]{1,40}+)?").fullmatch
"""Whether a text is a number of zero or more without exponent, comma or space (truthy if so)."""

is_positive_number = re.compile(r"(?=[0.]*+[1-9])[0-9]{1,40}+(?:\.[0-9]{1,40}+)?").fullmatch
"""Likewise, but of more than zero."""

_NUMBERS_KEPT_MAX = 20_000
"""More than the prices that a busy market has in an hour, and a few megabytes."""


class PositiveNumbers(dict[str, bool]):
    """
    Whether a text is a positive number, looked up: for texts that come again, as prices do.

    A look-up takes a fifth of the time of a pattern. Other texts are not kept, which may be of any
    length; beyond a bound all are dropped, and met again.
    """

    def __missing__(self, text: str) -> bool:
        if not is_positive_number(text):
            return False
        if len(self) >= _NUMBERS_KEPT_MAX:
            self.clear()
        self[text] = True
        return True


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
