"""A market that is told while it happens: what comes is seen, and happens, at that moment."""

from collections import deque
from collections.abc import Iterable

from trading.datasets.record import Kind
from trading.simulator.market.two_clocks import Row, Told, told_at_once

_TRADE = int(Kind.TRADE)


class LiveClocks:
    """
    Deals out what is pushed, in the order in which it came.

    Attributes:
        open: It never ends by itself.
    """

    open = True

    def __init__(self) -> None:
        self._happening: deque[Told] = deque()
        self._unseen: deque[Told] = deque()

    def push(self, rows: Iterable[Row], at_ns: int) -> None:
        """
        Take what was told just now.

        Args:
            at_ns: This moment by the market's clock; what came before is no later.
        """
        for group in told_at_once(rows):
            told = Told(at_ns, at_ns, group, of_trades=_of_trades(group))
            self._happening.append(told)
            self._unseen.append(told)

    @property
    def happens_ns(self) -> int | None:
        return self._happening[0].happens_ns if self._happening else None

    @property
    def seen_ns(self) -> int | None:
        return self._unseen[0].seen_ns if self._unseen else None

    def happen(self) -> list[Told]:
        """What came at the next moment: trades before all others, then as it came."""
        at = self._happening[0].happens_ns
        trades: list[Told] = []
        others: list[Told] = []
        while self._happening and self._happening[0].happens_ns == at:
            told = self._happening.popleft()
            (trades if told.of_trades else others).append(told)
        return trades + others

    def see(self) -> Told:
        return self._unseen.popleft()


def _of_trades(rows: list[Row]) -> bool:
    return all(row[5] == _TRADE for row in rows)
