"""A strategy's decision: quotes, cancels, amendments, and the gates that are shut."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

import attrs
import msgspec

from trading.core.identifiers import ClientOrderId
from trading.core.market import Side

_NO_INPUTS: Mapping[str, str] = MappingProxyType({})


class Quote(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    An order we want to show: on tick, on lot.

    A struct, for ten of them are made for one decision; ``at`` and ``of`` change a copy.

    Args:
        post_only: Whether the venue is to refuse it rather than let it take.
    """

    side: Side
    price: Decimal
    quantity: Decimal
    level: int
    post_only: bool = True

    def at(self, price: Decimal) -> "Quote":
        """The same at another price."""
        return Quote(
            side=self.side,
            price=price,
            quantity=self.quantity,
            level=self.level,
            post_only=self.post_only,
        )

    def of(self, quantity: Decimal) -> "Quote":
        """The same with another quantity."""
        return Quote(
            side=self.side,
            price=self.price,
            quantity=quantity,
            level=self.level,
            post_only=self.post_only,
        )


@attrs.frozen
class Amend:
    """
    A working order to make smaller in its place, which keeps its turn in the queue.

    Args:
        quantity: Filled and remaining together, in base currency; smaller than it is, on lot.
    """

    order_id: ClientOrderId
    quantity: Decimal


@attrs.frozen(kw_only=True)
class Gate:
    """
    A reason for not quoting.

    Args:
        code: A stable word, for counting: ``refresh_running``.
        side: The side that is shut, ``None`` for both.
        sentence: For a person, with the figures in it.
        opens_at: Monotonic seconds at which time alone opens it, where it does.
        inputs: The figures of the sentence by name, as text, for machines.
    """

    code: str
    side: Side | None
    sentence: str
    opens_at: float | None = None
    inputs: Mapping[str, str] = attrs.field(default=_NO_INPUTS, hash=False)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """
    What to do now: cancels go first.

    Args:
        wanted: What the strategy would like to show, whether or not it may place it now.
        ungated: What it would like to show if it were not for the gates, as far as it got: a
            quote that was dropped early is not yet on tick, and not yet moved by what comes later.
        gates: Why something wanted is not placed, or why nothing is wanted.
        look_again_at: Monotonic seconds at which to decide again though nothing changed.
    """

    cancels: tuple[ClientOrderId, ...] = ()
    places: tuple[Quote, ...] = ()
    amends: tuple[Amend, ...] = ()
    wanted: tuple[Quote, ...] = ()
    ungated: tuple[Quote, ...] = ()
    gates: tuple[Gate, ...] = ()
    look_again_at: float | None = None
