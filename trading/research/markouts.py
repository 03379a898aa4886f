"""Markouts: what fills were worth a while later, and what that says of who traded with us."""

from collections.abc import Sequence
from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.research.exact import exact
from trading.research.mid_path import MidPath
from trading.research.result import RunFill
from trading.research.stated import NotStated
from trading.research.worth import in_bps, lacking, sign

HORIZONS_S = (1, 5, 30, 60)
"""Seconds after a fill at which it is looked at."""

_NS = 1_000_000_000


@attrs.frozen(kw_only=True)
class Markout:
    """
    Fills at the mid price a while later.

    Args:
        horizon_s: How long after each fill.
        money: Σ s (m(t+h) - p) q, in quote currency.
        bps: The same in basis points of Σ p q, rounded as floating point is.
        fills: How many were counted.
        left_out: How many were not: their t+h is past the end, or across a gap.
        adverse: Adverse selection, markout less spread captured, over the fills for which both are
            known, in quote currency.
        adverse_bps: The same in basis points of their Σ p q.
    """

    horizon_s: int
    money: Decimal
    bps: float
    fills: int
    left_out: int
    adverse: Decimal | NotStated
    adverse_bps: float | NotStated


NO_FILLS = NotStated("there are no fills")
_NO_FILL_LEFT = NotStated("no fill has a mid price then: past the end, or across a gap")
_NO_MID_BEFORE = NotStated("no mid price is known before the fills")


def markout(fills: Sequence[RunFill], path: MidPath | None, horizon_s: int) -> Markout | NotStated:
    """The markout of some fills; needs a continuous mid price."""
    if (reason := lacking(path)) is not None:
        return reason
    assert path is not None
    if not fills:
        return NO_FILLS
    with exact():
        sums = _Sums()
        for fill in fills:
            sums.add(fill, path, horizon_s * _NS)
        if not sums.fills:
            return _NO_FILL_LEFT
        both = sums.both
        return Markout(
            horizon_s=horizon_s,
            money=sums.money,
            bps=in_bps(sums.money, sums.paid),
            fills=sums.fills,
            left_out=len(fills) - sums.fills,
            adverse=sums.adverse if both else _NO_MID_BEFORE,
            adverse_bps=in_bps(sums.adverse, sums.paid_of_both) if both else _NO_MID_BEFORE,
        )


@attrs.define
class _Sums:
    money: Decimal = ZERO
    paid: Decimal = ZERO
    fills: int = 0
    adverse: Decimal = ZERO
    paid_of_both: Decimal = ZERO
    both: int = 0

    def add(self, fill: RunFill, path: MidPath, horizon_ns: int) -> None:
        later_ns = fill.at_ns + horizon_ns
        mid = path.at(later_ns)
        if mid is None or not path.whole(fill.at_ns, later_ns):
            return
        paid = fill.price * fill.quantity
        self.money += sign(fill.side) * (mid - fill.price) * fill.quantity
        self.paid += paid
        self.fills += 1
        if (before := path.before(fill.at_ns)) is not None:
            # markout - captured = s (m(t+h) - p) q - s (m⁻ - p) q
            self.adverse += sign(fill.side) * (mid - before) * fill.quantity
            self.paid_of_both += paid
            self.both += 1
