"""Prices as whole ticks and quantities as whole lots, to and from decimals and the wire's text."""

from decimal import Decimal

from trading.simulator.core.pair import SimulatedPair

_TEXTS_KEPT_MAX = 20_000
"""Prices come back often; so many texts are kept before the memory begins again."""


class Grid:
    """One pair's steps. Integers inside are exact and fast; text appears only at the wire."""

    def __init__(self, pair: SimulatedPair) -> None:
        exponent = pair.tick_size.as_tuple().exponent
        assert isinstance(exponent, int)
        self._tick_size = pair.tick_size
        self._price_places = max(0, -exponent)
        self._tick_units = int(pair.tick_size.scaleb(self._price_places))
        self._quantity_places = pair.base_decimal_places
        self._lot_size = Decimal(1).scaleb(-pair.base_decimal_places)
        self._price_texts: dict[int, str] = {}

    def price(self, ticks: int) -> Decimal:
        return ticks * self._tick_size

    def quantity(self, lots: int) -> Decimal:
        return lots * self._lot_size

    def notional(self, tick_lots: int) -> Decimal:
        """Quote currency from a sum of ticks times lots."""
        return tick_lots * self._tick_size * self._lot_size

    def ticks(self, price: Decimal) -> int | None:
        """A price in ticks, or ``None`` when it is not on one."""
        ticks = int(price // self._tick_size)
        return ticks if ticks * self._tick_size == price else None

    def nearest_ticks(self, price: Decimal) -> int:
        """A price in ticks, rounded down, but never to nothing."""
        return max(1, int(price // self._tick_size))

    def lots(self, quantity: Decimal) -> int:
        """A quantity in lots, truncated as the venue does."""
        return int(quantity // self._lot_size)

    def tick_lots(self, notional: Decimal) -> int:
        """Quote currency in ticks times lots, rounded down."""
        return int(notional // (self._tick_size * self._lot_size))

    def price_text(self, ticks: int) -> str:
        text = self._price_texts.get(ticks)
        if text is None:
            if len(self._price_texts) >= _TEXTS_KEPT_MAX:
                self._price_texts.clear()
            text = _text(ticks * self._tick_units, self._price_places)
            self._price_texts[ticks] = text
        return text

    def price_number(self, ticks: int) -> int | float:
        """A price as a JSON number, where the wire has one."""
        return ticks * self._tick_units if self._price_places == 0 else float(self.price(ticks))

    def quantity_text(self, lots: int) -> str:
        return _text(lots, self._quantity_places)


def _text(units: int, places: int) -> str:
    """Non-negative units of ``10 ** -places`` without trailing zeros."""
    if places == 0:
        return str(units)
    digits = str(units).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")
