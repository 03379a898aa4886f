"""
Prices and quantities as whole ticks and lots.

A price is on a tick or refused. Of quantities a few may be finer than a lot, of orders from before
a venue made its lots larger: they are rounded down, but no level vanishes by it, and they are
counted. Where they are many it is the lot that is wrong.
"""

from collections.abc import Callable
from decimal import Decimal

import attrs
from typing_extensions import override

from trading.core.decimals import ZERO, decimal_text, parse_decimal

_TEXTS_KEPT_MAX = 200_000
"""Texts of prices and quantities repeat; this many are remembered before the memory begins anew."""
_STEPS_MAX = 2**62
_FINER_SHARE_MAX = 0.01
"""Of Binance's BTCUSDT, whose lot is 0.00001, it is 1 in 5,000."""
_MET_MIN = 1000
"""So many different quantities say whether the lot is wrong before all were read."""


class NoStep(ValueError):
    """A price or quantity is no whole number of ticks or lots."""


class WrongLot(NoStep):
    """Many quantities are finer than the lot; the message says where the first of them stands."""


class _Steps(dict[str, int]):
    """Texts of numbers as whole steps, looked up: a look-up takes a tenth of a division."""

    def __init__(self, step: Decimal, option: str) -> None:
        super().__init__()
        if step <= ZERO:
            raise NoStep(f"{option} has to be more than zero, not {decimal_text(step)}")
        self._step, self._option = step, option

    def __missing__(self, text: str) -> int:
        steps = self.of(parse_decimal(text))
        if len(self) >= _TEXTS_KEPT_MAX:
            self.clear()
        self[text] = steps
        return steps

    def of(self, value: Decimal) -> int:
        """
        A number that is no text.

        Raises:
            NoStep: It is no whole number of steps, or out of bounds.
        """
        steps = int(value / self._step)
        if not -_STEPS_MAX < steps < _STEPS_MAX:
            raise NoStep(
                f"{decimal_text(value)} is out of bounds: it is more than 2^62 times"
                f" {self._option} {decimal_text(self._step)}; make {self._option} coarser, unless"
                " the row is wrong"
            )
        return steps if steps * self._step == value else self._between(value, steps)

    def _between(self, value: Decimal, _steps: int) -> int:
        raise NoStep(f"the price {self._told(value)}")

    def _told(self, value: Decimal) -> str:
        exponent = value.normalize().as_tuple().exponent
        fits = Decimal(1).scaleb(min(0, exponent if isinstance(exponent, int) else 0))
        return (
            f"{decimal_text(value)} is no multiple of {self._option} {decimal_text(self._step)};"
            f" {decimal_text(fits)} would fit it"
        )


class _Lots(_Steps):
    """``place`` tells which row is read; ``finer`` and ``met`` count different quantities."""

    def __init__(self, step: Decimal, option: str) -> None:
        super().__init__(step, option)
        self.place: Callable[[], str] = str
        self.finer, self.met, self._first = 0, 0, ""

    @override
    def of(self, value: Decimal) -> int:
        self.met += 1
        return super().of(value)

    def check(self) -> None:
        """
        Look whether the lot can be right.

        Raises:
            WrongLot: Too many quantities are finer.
        """
        if self.finer > _FINER_SHARE_MAX * self.met:
            raise WrongLot(
                f"{self._first} ({self.finer:,} of {self.met:,} different quantities are finer)"
            )

    @override
    def _between(self, value: Decimal, steps: int) -> int:
        self._first = self._first or f"{self.place()}the quantity {self._told(value)}"
        self.finer += 1
        if self.met >= _MET_MIN:
            self.check()
        return max(steps, 1)


@attrs.define
class Scale:
    """
    A dataset's tick and lot.

    ``prices`` and ``quantities`` give the steps of a text: ``scale.prices["61837.63"]``.

    Args:
        options: How a user calls tick and lot.

    Raises:
        NoStep: Of either: the text is no whole number of steps.
        ValueError: It is no plain decimal number.
    """

    tick: Decimal
    lot: Decimal
    options: tuple[str, str] = ("--tick", "--lot")
    prices: _Steps = attrs.field(init=False)
    quantities: _Lots = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        tick, lot = self.options
        self.prices = _Steps(self.tick, tick)
        self.quantities = _Lots(self.lot, lot)
