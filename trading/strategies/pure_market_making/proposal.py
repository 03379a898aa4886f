"""A proposal: the quotes under consideration, and why others were dropped."""

from collections.abc import Callable, Iterable

import attrs

from trading.market import Side
from trading.strategies.interface import Gate, Quote


@attrs.frozen(kw_only=True)
class Proposal:
    """
    Quotes on their way through the modifiers.

    Args:
        buys: Nearest to the reference price first.
        sells: Nearest to the reference price first.
        gates: Why quotes were dropped or made smaller so far.
    """

    buys: tuple[Quote, ...] = ()
    sells: tuple[Quote, ...] = ()
    gates: tuple[Gate, ...] = ()

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """In the order in which they are placed: all buys, then all sells."""
        return self.buys + self.sells

    def of(self, side: Side) -> tuple[Quote, ...]:
        return self.buys if side is Side.BUY else self.sells

    def each(self, change: "Change") -> "Proposal":
        """This proposal with every quote changed or dropped by itself, and the reasons added."""
        gates = list(self.gates)
        return Proposal(
            buys=_changed(self.buys, change, gates),
            sells=_changed(self.sells, change, gates),
            gates=tuple(gates),
        )

    def without(self, side: Side, because: Iterable[Gate]) -> "Proposal":
        """This proposal with nothing on a side."""
        return Proposal(
            buys=() if side is Side.BUY else self.buys,
            sells=() if side is Side.SELL else self.sells,
            gates=(*self.gates, *because),
        )


Change = Callable[[Quote], tuple[Quote | None, Gate | None]]
"""What becomes of one quote: itself, another or nothing; and why, where it lost something."""

Modifier = Callable[[Proposal], Proposal]


def _changed(quotes: tuple[Quote, ...], change: Change, gates: list[Gate]) -> tuple[Quote, ...]:
    kept: list[Quote] = []
    for quote in quotes:
        changed, gate = change(quote)
        if changed is not None:
            kept.append(changed)
        if gate is not None:
            gates.append(gate)
    return tuple(kept)
