"""One side of a book as totals per price: best first, with the changes since last asked."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from trading.core.market import Side


class Ladder:
    """
    Prices in ticks, quantities in lots.

    Keys are kept so that the best price is the last of a sorted list: nearly all changes happen
    there, where inserting and deleting move little.

    Attributes:
        version: How often it has changed.
    """

    def __init__(self, side: Side) -> None:
        self._sign = 1 if side is Side.BUY else -1
        self._keys: list[int] = []
        self._quantities: dict[int, int] = {}
        self._before: dict[int, int] = {}
        self.version = 0

    def __len__(self) -> int:
        return len(self._keys)

    def set(self, price: int, quantity: int) -> None:
        """Set the total at a price; zero removes the level."""
        present = self._quantities.get(price, 0)
        if quantity != present:
            self._change(price, present, quantity)

    def add(self, price: int, quantity: int) -> None:
        """Add to the total at a price; less than zero takes away."""
        if quantity:
            present = self._quantities.get(price, 0)
            self._change(price, present, present + quantity)

    def _change(self, price: int, present: int, quantity: int) -> None:
        self.version += 1
        self._before.setdefault(price, present)
        key = price * self._sign
        if quantity == 0:
            del self._quantities[price]
            del self._keys[bisect_left(self._keys, key)]
        else:
            if present == 0:
                insort(self._keys, key)
            self._quantities[price] = quantity

    def quantity(self, price: int) -> int:
        return self._quantities.get(price, 0)

    def best(self) -> int | None:
        return self._keys[-1] * self._sign if self._keys else None

    def worst(self) -> int | None:
        return self._keys[0] * self._sign if self._keys else None

    def levels(self) -> Iterator[tuple[int, int]]:
        """Price and total, best first; the ladder must not change meanwhile."""
        for key in reversed(self._keys):
            price = key * self._sign
            yield price, self._quantities[price]

    def best_levels(self, depth: int) -> list[tuple[int, int]]:
        """The first so many of ``levels``."""
        sign, quantities = self._sign, self._quantities
        return [(key * sign, quantities[key * sign]) for key in self._keys[: -depth - 1 : -1]]

    def best_prices(self, depth: int) -> list[int]:
        """The prices of ``best_levels``."""
        keys = self._keys[: -depth - 1 : -1]
        return keys if self._sign == 1 else [-key for key in keys]

    @property
    def changed(self) -> bool:
        """Whether it may have changed since ``take_changes``."""
        return bool(self._before)

    def take_changes(self) -> list[tuple[int, int]]:
        """Each price whose total differs from when last asked, with its total now."""
        if not self._before:
            return []
        changes = [
            (price, now)
            for price, before in self._before.items()
            if (now := self._quantities.get(price, 0)) != before
        ]
        self._before = {}
        return changes
