"""Decimal arithmetic for the limits: it rounds nothing and raises nothing on absurd numbers."""

from contextlib import AbstractContextManager
from decimal import Context, localcontext

_CONTEXT = Context(prec=200, traps=[])
"""
Exact for sums and products of any numbers that a venue knows. Nothing raises: what overflows is
infinite and what makes no sense is NaN, with which no comparison holds. So a limit must say what
has to hold (``not a <= b`` refuses NaN), never what must not.
"""


def exact() -> AbstractContextManager[Context]:
    return localcontext(_CONTEXT)
