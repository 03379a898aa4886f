"""A proposal: the quotes under consideration, and why others were dropped."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from trading.core.market import Side
from trading.decisions.decision import Gate, Quote


class Proposal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    Quotes on their way through the modifiers: many are made for one decision, so it is a struct.

    Args:
        buys: Nearest to the reference price first.
        sells: Nearest to the reference price first.
        gates: Why quotes were dropped or made smaller so far.
        dropped: The quotes that were dropped, as they were then; to be shown.
    """

    buys: tuple[Quote, ...] = ()
    sells: tuple[Quote, ...] = ()
    gates: tuple[Gate, ...] = ()
    dropped: tuple[Quote, ...] = ()

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """In the order in which they are placed: all buys, then all sells."""
        return self.buys + self.sells

    def of(self, side: Side) -> tuple[Quote, ...]:
        return self.buys if side is Side.BUY else self.sells

    def each(self, *changes: "Change") -> "Proposal":
        """
        This proposal with every quote changed or dropped by itself, and the reasons added.

        Args:
            changes: One after the other; what one of them drops, the next ones do not see.
        """
        steps: list[_Step] = [(change, []) for change in changes]
        dropped: list[Quote] = []
        return Proposal(
            buys=_through(steps, self.buys, dropped),
            sells=_through(steps, self.sells, dropped),
            gates=self.gates + tuple([gate for _, gates in steps for gate in gates]),
            dropped=self.dropped + tuple(dropped),
        )

    def showing(self, buys: tuple[Quote, ...], sells: tuple[Quote, ...]) -> "Proposal":
        """This proposal with other quotes, for the same reasons."""
        return Proposal(buys=buys, sells=sells, gates=self.gates, dropped=self.dropped)

    def without(self, side: Side, because: Iterable[Gate]) -> "Proposal":
        """This proposal with nothing on a side."""
        return Proposal(
            buys=() if side is Side.BUY else self.buys,
            sells=() if side is Side.SELL else self.sells,
            gates=(*self.gates, *because),
            dropped=self.dropped + self.of(side),
        )


Change = Callable[[Quote], tuple[Quote | None, Gate | None]]
"""What becomes of one quote: itself, another or nothing; and why, where it lost something."""

Modifier = Callable[[Proposal], Proposal]


_Step = tuple[Change, list[Gate]]
"""A change, and what it gave as reasons."""


def _through(
    steps: Sequence[_Step], quotes: tuple[Quote, ...], dropped: list[Quote]
) -> tuple[Quote, ...]:
    kept: list[Quote] = []
    for quote in quotes:
        left = quote
        for change, gates in steps:
            changed, gate = change(left)
            if gate is not None:
                gates.append(gate)
            if changed is None:
                dropped.append(left)
                break
            left = changed
        else:
            kept.append(left)
    return tuple(kept)
