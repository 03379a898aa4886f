"""The remedy of a shut gate: the smallest change that opens it, in words and as figures."""

from decimal import Decimal

import msgspec

from trading.core.decimals import decimal_text


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """
    The smallest change that opens a gate.

    Args:
        words: For a person.
        what: What has to change: a key of the strategy (``limits.price_collar``), ``quantity``
            (a quote's, in base currency), ``best bid``, ``best ask``, ``reference price``, or
            ``available CUR`` (of a currency). Empty where it is not ours to change, or is many
            things.
        value: What it has to be, as it would be written into a configuration.
    """

    words: str
    what: str = ""
    value: str = ""


def percent_above(fraction: Decimal) -> str:
    """A fraction as a percentage with four decimal places, rounded up: ``10.0501 %``."""
    step = Decimal("0.000001")
    up = fraction.quantize(step)
    return f"{decimal_text((up if up >= fraction else up + step) * 100)} %"


def percent_below(fraction: Decimal) -> str:
    """The same, rounded down."""
    step = Decimal("0.000001")
    down = fraction.quantize(step)
    return f"{decimal_text((down if down <= fraction else down - step) * 100)} %"
