"""
One side of an order book: its levels in order, each found by the text of its price.

What is read after every change, the lines that the checksum covers and the levels that are shown,
is kept and only changed with them (``benchmarks/order_book.py``).
"""

import abc
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from itertools import islice
from typing import Generic, TypeVar

from trading.core.decimals import parse_decimal
from trading.core.market import PriceLevel, Side

_PRICES_KEPT_MAX = 20_000
"""Prices return, so emptied levels are kept; beyond so many they are dropped."""

_ALL, _NONE = Decimal("-Infinity"), Decimal("Infinity")
"""Ranks from which on every level is among the kept ones, and none is."""


class Level(abc.ABC):
    """
    One price of a side, the same for every text of that number.

    ``text`` is the first of them. ``rank`` orders the levels of a side, the best has the highest.
    ``shown`` is the level as numbers: most are shown many times as they are.
    """

    __slots__ = ("price", "rank", "shown", "text")

    price: Decimal
    rank: Decimal
    shown: PriceLevel | None
    text: str

    @abc.abstractmethod
    def lines(self) -> Collection[str]:
        """What the checksum hashes of it, in the wire's own text and order."""

    @abc.abstractmethod
    def quantity(self) -> Decimal:
        """All that rests there, in base currency."""

    def show(self) -> PriceLevel:
        self.shown = PriceLevel(self.price, self.quantity())
        return self.shown


L = TypeVar("L", bound=Level)


class FirstLines:
    """
    The lines of the best levels, best first, and some more: those that the checksum covers.

    Args:
        covered: How many those are.

    Attributes:
        reach: The rank of the last level that has lines here; all of a better one's are. A change
            of a worse one is to be left out.
        changed: Whether the covered lines may be others than when they were last asked for.
    """

    def __init__(self, covered: int) -> None:
        self._covered = covered
        self._lines: list[str] | None = None
        self.reach = _NONE
        self.changed = True

    def first(self, levels: Sequence[Level]) -> list[str]:
        """The lines that the checksum covers; ``levels`` are the side's, the best last."""
        if self._lines is None:
            self._lines, self.reach = [], _ALL
            for level in reversed(levels):
                self._lines += islice(level.lines(), 2 * self._covered)
                if len(self._lines) >= 2 * self._covered:
                    self.reach = level.rank
                    break
        return self._lines[: self._covered]

    def replace(self, rank: Decimal, old: str, new: str) -> None:
        """Change a line of a level of this rank."""
        if self._lines is not None and rank > self.reach:
            at = self._lines.index(old)
            self._lines[at] = new
            self.changed = self.changed or at < self._covered
        else:
            self.forget()

    def insert(self, rank: Decimal, after: str | None, new: str) -> None:
        """Add a line to a level of this rank, after another one; before all for ``None``."""
        if self._lines is not None and rank > self.reach and len(self._lines) < 4 * self._covered:
            at = 0 if after is None else self._lines.index(after) + 1
            self._lines.insert(at, new)
            self.changed = self.changed or at < self._covered
        else:
            self.forget()

    def remove(self, rank: Decimal, old: str) -> None:
        """Take a line of a level of this rank out."""
        if (
            self._lines is not None
            and rank > self.reach
            and (len(self._lines) > self._covered or self.reach is _ALL)
        ):
            at = self._lines.index(old)
            del self._lines[at]
            self.changed = self.changed or at < self._covered
        else:
            self.forget()

    def forget(self) -> None:
        """Gather the lines anew when they are asked for."""
        self._lines, self.reach, self.changed = None, _NONE, True


class BookSide(Generic[L]):
    """
    The levels of a side at which something rests.

    Args:
        side: Which it is.
        level: Makes one of its levels.
        covered: How many lines of it the checksum covers.

    Attributes:
        levels: Worst first: most changes are near the best, at the end of the list.
        by_text: Levels by the texts of their price, whether or not anything rests there.
        shown_from: The rank of the last level that is kept as shown.
        lines: What the checksum covers; told of changes whose rank is at least its ``reach``.
    """

    def __init__(self, side: Side, level: Callable[[], L], covered: int) -> None:
        self.levels: list[L] = []
        self.by_text: dict[str, L] = {}
        self.lines = FirstLines(covered)
        self.shown_from = _NONE
        self._ranks: list[Decimal] = []
        self._falling = side is Side.SELL
        self._level = level
        self._by_price: dict[Decimal, L] = {}
        self._shown: tuple[PriceLevel, ...] | None = None
        self._shown_depth = 0

    def begin(self, level: L) -> L | None:
        """
        Put a level in its place, now that something rests there.

        Returns:
            The next better level; ``None`` where it is the best.
        """
        ranks, levels, rank = self._ranks, self.levels, level.rank
        if not ranks or rank > ranks[-1]:
            ranks.append(rank)
            levels.append(level)
            return None
        at = bisect_left(ranks, rank)
        ranks.insert(at, rank)
        levels.insert(at, level)
        return levels[at + 1]

    def end(self, level: L) -> None:
        """Take a level out, now that nothing rests there any more."""
        at = bisect_left(self._ranks, level.rank)
        del self._ranks[at], self.levels[at]

    def hide(self) -> None:
        """Forget the levels shown, now that one of them has changed."""
        self._shown, self.shown_from = None, _NONE

    def shown(self, depth: int | None) -> tuple[PriceLevel, ...]:
        """The best levels, best first, all for ``None``; the same while none has changed."""
        wanted = len(self.levels) if depth is None else depth
        if self._shown is None or wanted != self._shown_depth:
            best = self.levels[: -wanted - 1 : -1]
            self._shown = tuple([level.shown or level.show() for level in best])
            self._shown_depth = wanted
            self.shown_from = best[-1].rank if len(best) == wanted > 0 else _ALL
        return self._shown

    def meet(self, text: str) -> L:
        """
        The level of a price whose text is not in ``by_text``.

        Raises:
            ValueError: It is not a plain decimal number, which no message has.
        """
        price = parse_decimal(text)
        if len(self.by_text) > len(self.levels) + _PRICES_KEPT_MAX:
            self._by_price = {level.price: level for level in self.levels}
            self.by_text = {level.text: level for level in self.levels}
        level = self._by_price.get(price)
        if level is None:
            level = self._by_price[price] = self._level()
            level.text, level.price, level.shown = text, price, None
            # Negated without rounding: the minus of a Decimal keeps 28 digits.
            level.rank = price.copy_negate() if self._falling else price
        self.by_text[text] = level
        return level
