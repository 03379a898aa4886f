"""The only way to an order that may leave: every limit, all refusals at once."""

from decimal import Decimal
from typing import final

from msgspec.structs import replace

from trading.orders.order import Order
from trading.risk import account_checks, order_checks
from trading.risk.arithmetic import exact
from trading.risk.breaches import breaches
from trading.risk.limits import RiskLimits
from trading.risk.question import Question
from trading.risk.refusal import Refusal
from trading.risk.view import RiskView

_CHECKS = (*order_checks.CHECKS, *account_checks.CHECKS)

_SEAL = object()
"""Known to this file alone, so no other code can make a checked order."""


class _Sealed:
    """The base of values that only this file can make."""

    __slots__ = ()

    def __init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError(f"a {type(self).__name__} comes from trading.risk alone")


@final
class CheckedOrder(_Sealed):
    """An order within all limits at the moment of its check; the venue takes no other."""

    __slots__ = ("_order",)

    def __init__(self, order: Order, *, seal: object) -> None:
        super().__init__(seal)
        self._order = order

    @property
    def order(self) -> Order:
        return self._order


@final
class CheckedAmendment(_Sealed):
    """A change of a working order that is within all limits, whichever of the two fills."""

    __slots__ = ("_amended", "_order")

    def __init__(self, order: Order, amended: Order, *, seal: object) -> None:
        super().__init__(seal)
        self._order = order
        self._amended = amended

    @property
    def order(self) -> Order:
        """As it works now."""
        return self._order

    @property
    def amended(self) -> Order:
        """As it is to work: the new price and the new quantity."""
        return self._amended


def check(order: Order, view: RiskView, limits: RiskLimits) -> CheckedOrder | tuple[Refusal, ...]:
    """
    Whether a new order may leave now.

    Pure and total: any order and any view of finite numbers has an answer.

    Returns:
        The order, ready to be sent; or every reason why not, at least one.
    """
    refusals = _refusals(Question(order=order, view=view, limits=limits))
    return refusals or CheckedOrder(order, seal=_SEAL)


def check_amendment(
    order: Order, price: Decimal, quantity: Decimal, view: RiskView, limits: RiskLimits
) -> CheckedAmendment | tuple[Refusal, ...]:
    """
    Whether a working order may be changed in its place now.

    Args:
        order: As it works now; ``view.working`` holds it.
        price: Its new limit price, in quote currency.
        quantity: Its new quantity, in base currency, with what is filled of it already.

    Returns:
        The change, ready to be sent; or every reason why not, at least one.
    """
    amended = replace(order, price=price, quantity=quantity)
    question = Question(order=amended, view=view, limits=limits, replaced=order)
    refusals = _refusals(question)
    return refusals or CheckedAmendment(order, amended, seal=_SEAL)


def _refusals(question: Question) -> tuple[Refusal, ...]:
    with exact():
        broken = (*order_checks.identity(question), *order_checks.amendable(question))
        if broken:
            return broken
        found = tuple(refusal for holds in _CHECKS for refusal in holds(question))
        return (*found, *breaches(question.view, question.limits))
