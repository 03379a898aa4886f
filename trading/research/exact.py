"""Sums of money without rounding: what an identity is held against to the last decimal."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext

_DIGITS = 1000
"""
More than products and sums of the longest prices can have: a plain decimal is at most 80 digits,
and three of them are multiplied at most.
"""


@contextmanager
def exact() -> Iterator[None]:
    """
    Decimals are added and multiplied without rounding in here.

    Raises:
        decimal.Inexact: A result had to be rounded, which is a defect.
    """
    with localcontext(Context(prec=_DIGITS, traps=[Inexact, InvalidOperation])):
        yield


def exact_mid(best_bid: Decimal, best_ask: Decimal) -> Decimal:
    """
    (bid + ask) / 2, in quote currency.

    Half of a decimal is a decimal, but the usual 28 digits could cut it.
    """
    with exact():
        return (best_bid + best_ask) * Decimal("0.5")
