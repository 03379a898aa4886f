"""How the quantities of a pair's book are written, and what its checksums take of them."""

from collections.abc import Iterable

from trading.simulator.core.grid import Grid
from trading.venues.valr.rules import VenueRules


class BookTexts:
    """
    The texts of a pair's book.

    Attributes:
        quantity: The text of so many lots on the wire.
        summed: The text of so many lots in a checksum.
    """

    def __init__(self, grid: Grid, rules: VenueRules) -> None:
        self._grid = grid
        self._decimals = rules.quantity_decimals
        self.quantity = self.summed = grid.quantity_text
        if self._decimals:
            self.quantity = self._padded
            if rules.checksum_quantities == "written":
                self.summed = self._padded

    def summed_level(self, price: int, lots: int) -> str:
        """A level as ``price:quantity``, as a checksum takes it."""
        return f"{self._grid.price_text(price)}:{self.summed(lots)}"

    def summed_levels(self, levels: Iterable[tuple[int, int]]) -> list[str]:
        return [self.summed_level(price, lots) for price, lots in levels]

    def _padded(self, lots: int) -> str:
        whole, _, fraction = self._grid.quantity_text(lots).partition(".")
        return f"{whole}.{fraction.ljust(self._decimals, '0')}"
