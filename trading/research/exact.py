"""Sums of money without rounding: what an identity is held against to the last decimal."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Context, Inexact, InvalidOperation, localcontext

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
