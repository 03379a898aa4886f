"""A proposal: the quotes under consideration, and why others were dropped."""

from collections.abc import Callable

import attrs

from trading.market import Side
from trading.strategies.interface import Gate, Quote


@attrs.frozen(kw_only=True)
class Proposal:
    """
    Quotes on their way through the modifiers.

    Args:
        buys: Nearest to the mid price first.
        sells: Nearest to the mid price first.
        gates: Why quotes were dropped or made smaller so far.
    """

    buys: tuple[Quote, ...] = ()
    sells: tuple[Quote, ...] = ()
    gates: tuple[Gate, ...] = ()

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """In the order in which they are placed: all buys, then all sells."""
        return self.buys + self.sells

    def each(self, change: "Change") -> "Proposal":
        """This proposal with every quote changed or dropped by itself, and the reasons added."""
        gates: list[Gate] = []
        kept: dict[Side, list[Quote]] = {Side.BUY: [], Side.SELL: []}
        for quote in self.quotes:
            changed, gate = change(quote)
            if changed is not None:
                kept[quote.side].append(changed)
            if gate is not None:
                gates.append(gate)
        return Proposal(
            buys=tuple(kept[Side.BUY]),
            sells=tuple(kept[Side.SELL]),
            gates=(*self.gates, *gates),
        )


Change = Callable[[Quote], tuple[Quote | None, Gate | None]]
"""What becomes of one quote: itself, another or nothing; and why, where it lost something."""

Modifier = Callable[[Proposal], Proposal]
