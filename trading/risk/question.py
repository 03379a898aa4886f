"""The input of every limit: one order, one view and one set of limits."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import msgspec

from trading.core.decimals import ZERO, decimal_text
from trading.core.market import Side
from trading.orders.order import Order
from trading.risk.limits import RiskLimits
from trading.risk.refusal import Refusal, RefusalCode
from trading.risk.view import RiskView

_READABLE_DIGITS = 40


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whether an order may leave.

    Args:
        order: As it would be at the venue.
        replaced: The same order as it works now, where this is about a change of it.
    """

    order: Order
    view: RiskView
    limits: RiskLimits
    replaced: Order | None = None

    @property
    def added_base(self) -> Decimal:
        """
        How much more base currency would be open.

        While a change is under way, the old or the new order may be the one that fills: the larger
        of the two counts, and the old one counts already.
        """
        already = ZERO if self.replaced is None else self.replaced.remaining_quantity
        return max(ZERO, self.order.remaining_quantity - already)

    @property
    def added_quote(self) -> Decimal:
        """How much more quote currency would be open."""
        already = ZERO if self.replaced is None else _remaining_notional(self.replaced)
        return max(ZERO, _remaining_notional(self.order) - already)

    @property
    def counted_already(self) -> Order | None:
        """The order itself among the working ones: what it holds there is not counted again."""
        if self.replaced is not None:
            return None
        return self.view.working.get(self.order.client_order_id)

    def others(self, side: Side) -> Iterator[Order]:
        """All other working orders of one side of the pair."""
        own = self.order.client_order_id
        for other in self.view.working.on(self.order.pair, side):
            if other.client_order_id != own:
                yield other
        for other in self.view.beside:
            if (other.pair, other.side) == (self.order.pair, side):
                yield other

    @property
    def others_of_its_side(self) -> int:
        """How many other orders of its strategy work on its side of the pair."""
        order, view = self.order, self.view
        place = (order.strategy, order.pair, order.side)
        own = view.working.get(order.client_order_id)
        working = view.working.number(*place) - (
            own is not None and (own.strategy, own.pair, own.side) == place
        )
        return working + sum((o.strategy, o.pair, o.side) == place for o in view.beside)

    def refusal(self, code: RefusalCode, sentence: str, enough: str | None = None) -> Refusal:
        return code.refusal(self.view.strategy, sentence, enough)

    def in_base(self, amount: Decimal) -> str:
        return f"{figure(amount)} {self.view.instrument.base}"

    def in_quote(self, amount: Decimal) -> str:
        return f"{figure(amount)} {self.view.instrument.quote}"


Check = Callable[[Question], Iterator[Refusal]]


def _remaining_notional(order: Order) -> Decimal:
    return order.remaining_quantity * order.price


def figure(number: Decimal) -> str:
    """A number as a sentence shows it, however large or small it may be."""
    if not number.is_finite() or abs(number.adjusted()) > _READABLE_DIGITS:
        return f"{number:.6e}"
    return decimal_text(number)


def percentage(fraction: Decimal) -> str:
    """A fraction in percent, to three significant digits."""
    return f"{figure(Decimal(f'{fraction * 100:.3g}'))} %"
