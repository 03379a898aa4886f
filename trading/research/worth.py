"""
Where the change of worth came from: spread captured, inventory, fees.

With s = +1 for a buy and -1 for a sell, p the price, q the quantity, m the mid price and m⁻ the
last one before the fill:

    captured + inventory + undivided - fees = change of worth at mid

to the last decimal, all in quote currency.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.research.exact import exact
from trading.research.mid_path import MidPath
from trading.research.result import Run, RunFill
from trading.research.stated import NotStated

NO_MIDS = NotStated("no mid price is known in this time")
ONLY_AT_DECISIONS = NotStated("the mid price is known at decisions alone")

_BPS = 10_000


def sign(side: Side) -> int:
    """+1 for a buy, -1 for a sell: what a fill does to the position."""
    return 1 if side is Side.BUY else -1


@attrs.frozen(kw_only=True)
class Step:
    """
    The state of a run from a moment on.

    Args:
        mid: The mid price in force; ``None`` where it is not known.
        position: In base currency, what the run's fills and their fees in it add up to.
        cash: In quote currency, likewise.
    """

    at_ns: int
    mid: Decimal | None
    position: Decimal
    cash: Decimal

    @property
    def gain(self) -> Decimal | None:
        """Worth at mid against having held what there was, in quote currency."""
        return None if self.mid is None else self.cash + self.position * self.mid


def steps(run: Run, path: MidPath | None) -> Iterator[Step]:
    """
    Every change of the mid price and of the position, in order; at one moment fills come first.

    To be gone through within ``exact``.
    """
    position = cash = ZERO
    mid: Decimal | None = None
    for ns, what in _merged(run, path):
        if isinstance(what, RunFill):
            position += sign(what.side) * what.quantity - base_fee(what, run)
            cash -= sign(what.side) * what.quantity * what.price + quote_fee(what, run)
        else:
            mid = what
        yield Step(at_ns=ns, mid=mid, position=position, cash=cash)


def base_fee(fill: RunFill, run: Run) -> Decimal:
    """A fill's fee where it is in base currency."""
    return fill.fee if fill.fee_currency == run.base else ZERO


def quote_fee(fill: RunFill, run: Run) -> Decimal:
    """A fill's fee where it is in quote currency."""
    return fill.fee if fill.fee_currency == run.quote else ZERO


def fees_paid(run: Run) -> dict[str, Decimal]:
    """Fees by currency, in each; negative is a rebate, and none are left out."""
    paid: dict[str, Decimal] = {}
    with exact():
        for fill in run.fills:
            if fill.fee != ZERO:
                paid[fill.fee_currency] = paid.get(fill.fee_currency, ZERO) + fill.fee
    return paid


@attrs.frozen(kw_only=True)
class Captured:
    """
    Spread captured, Σ s (m⁻ - p) q over fills, in quote currency.

    Args:
        bps: The same in basis points of Σ p q.
        left_out: Fills before which no mid price was known.
    """

    money: Decimal
    bps: float
    fills: int
    left_out: int


def captured(fills: Sequence[RunFill], path: MidPath | None) -> Captured | NotStated:
    """Spread captured; needs a continuous mid price."""
    if (reason := lacking(path)) is not None:
        return reason
    assert path is not None
    money, paid, counted = ZERO, ZERO, 0
    with exact():
        for fill in fills:
            if (mid := path.before(fill.at_ns)) is not None:
                money += sign(fill.side) * (mid - fill.price) * fill.quantity
                paid += fill.price * fill.quantity
                counted += 1
    return Captured(
        money=money,
        bps=in_bps(money, paid),
        fills=counted,
        left_out=len(fills) - counted,
    )


def in_bps(money: Decimal, of: Decimal) -> float:
    """A part of an amount in basis points; 0 of nothing."""
    return float(money) / float(of) * _BPS if of else 0.0


def lacking(path: MidPath | None) -> NotStated | None:
    """Why nothing can be said that needs the mid price at any moment; ``None`` if it can."""
    if path is None or not any(True for _ in path.known()):
        return NO_MIDS
    return None if path.series.continuous else ONLY_AT_DECISIONS


@attrs.frozen(kw_only=True)
class Change:
    """
    Worth at mid at the end less that at the beginning, in quote currency.

    Args:
        traded: Against having held, Σ s (m_end - p) q - fees: what trading made.
        held: What the holdings of the beginning gained; ``None`` where they are not known.
        first_ns: When the mid price of the beginning was known.
        last_ns: Since when the mid price of the end was.
    """

    traded: Decimal
    held: Decimal | None
    first_mid: Decimal
    last_mid: Decimal
    first_ns: int
    last_ns: int

    @property
    def worth(self) -> Decimal:
        """All of it that is known."""
        with exact():
            return self.traded if self.held is None else self.traded + self.held


def change_of_worth(run: Run, path: MidPath | None) -> Change | NotStated:
    """The change from flows of money alone: no fill is looked at beside the mid price."""
    known = [] if path is None else list(path.known())
    if not known:
        return NO_MIDS
    first, last = known[0], known[-1]
    with exact():
        base = sum(
            (sign(fill.side) * fill.quantity - base_fee(fill, run) for fill in run.fills), ZERO
        )
        spent = sum(
            (
                sign(fill.side) * fill.quantity * fill.price + quote_fee(fill, run)
                for fill in run.fills
            ),
            ZERO,
        )
        held = None if run.start is None else run.start.base * (last[1] - first[1])
        return Change(
            traded=base * last[1] - spent,
            held=held,
            first_mid=first[1],
            last_mid=last[1],
            first_ns=first[0],
            last_ns=last[0],
        )


@attrs.frozen(kw_only=True)
class Identity:
    """
    The parts of the change of worth, in quote currency.

    Args:
        captured: Σ s (m⁻ - p) q.
        inventory: Σ position · dm, of what was traded.
        held: Σ holdings of the beginning · dm; ``None`` where these are not known.
        undivided: Σ s (m - p) q of fills while no mid price was known, with the next one there is:
            between captured and inventory it cannot be told apart.
        undivided_fills: How many these are.
        fees: In base and quote currency, the former at m⁻.
        change: Of worth at mid, from flows of money.
    """

    captured: Decimal
    inventory: Decimal
    held: Decimal | None
    undivided: Decimal
    undivided_fills: int
    fees: Decimal
    change: Change

    @property
    def total(self) -> Decimal:
        """Captured + inventory + undivided - fees: the change of worth, to the last decimal."""
        with exact():
            return self.captured + self.inventory + (self.held or ZERO) + self.undivided - self.fees

    @property
    def holds(self) -> bool:
        """Whether the parts are the whole."""
        with exact():
            return self.total == self.change.worth


def identity(run: Run, path: MidPath | None) -> Identity | NotStated:
    """The parts of the change of worth; needs a continuous mid price."""
    if (reason := lacking(path)) is not None:
        return reason
    assert path is not None
    change = change_of_worth(run, path)
    assert isinstance(change, Change), "a mid price is known"
    with exact():
        parts = _Parts(run)
        for _, what in _merged(run, path):
            if isinstance(what, RunFill):
                parts.fill(what)
            else:
                parts.move(what)
        parts.settle()
    return Identity(
        captured=parts.captured,
        inventory=parts.inventory,
        held=None if run.start is None else parts.held,
        undivided=parts.undivided,
        undivided_fills=parts.undivided_fills,
        fees=parts.fees,
        change=change,
    )


@attrs.define
class _Parts:
    """What adds up while one goes along a run."""

    run: Run
    captured: Decimal = ZERO
    inventory: Decimal = ZERO
    held: Decimal = ZERO
    undivided: Decimal = ZERO
    undivided_fills: int = 0
    fees: Decimal = ZERO
    _position: Decimal = ZERO
    _mid: Decimal | None = None
    _in_force: bool = False
    _waiting: list[RunFill] = attrs.field(factory=list)

    def fill(self, fill: RunFill) -> None:
        if self._mid is None or not self._in_force:
            self._waiting.append(fill)
            return
        self.captured += sign(fill.side) * (self._mid - fill.price) * fill.quantity
        self._take_on(fill, self._mid)

    def move(self, mid: Decimal | None) -> None:
        self._in_force = mid is not None
        if mid is None:
            return
        if self._mid is not None:
            self.inventory += self._position * (mid - self._mid)
            if self.run.start is not None:
                self.held += self.run.start.base * (mid - self._mid)
        self._mid = mid
        self.settle()

    def settle(self) -> None:
        """Count what was filled while no mid price was known, at the one that is known now."""
        for fill in self._waiting:
            assert self._mid is not None, "there is a mid price in the run"
            self.undivided += sign(fill.side) * (self._mid - fill.price) * fill.quantity
            self.undivided_fills += 1
            self._take_on(fill, self._mid)
        self._waiting.clear()

    def _take_on(self, fill: RunFill, mid: Decimal) -> None:
        in_base = base_fee(fill, self.run)
        self.fees += quote_fee(fill, self.run) + in_base * mid
        self._position += sign(fill.side) * fill.quantity - in_base


def _merged(run: Run, path: MidPath | None) -> Iterator[tuple[int, RunFill | Decimal | None]]:
    """Fills and mid prices by time; of one moment fills first. The end of the series is a gap."""
    series = None if path is None else path.series
    times = () if series is None else series.at_ns
    place = 0
    for fill in run.fills:
        while place < len(times) and times[place] < fill.at_ns:
            assert series is not None
            yield times[place], series.prices[place]
            place += 1
        if series is not None and place == len(times) and fill.at_ns > series.until_ns:
            yield series.until_ns, None
        yield fill.at_ns, fill
    while place < len(times):
        assert series is not None
        yield times[place], series.prices[place]
        place += 1
