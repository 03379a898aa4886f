"""Uptime: for how much of the time orders stood at the venue, how close, and how large."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from operator import itemgetter

import attrs

from trading.core.decimals import ZERO
from trading.core.market import SIDES, Side
from trading.research.mid_path import MidPath
from trading.research.result import Run, RunFill, RunOrder
from trading.research.stated import NotStated
from trading.research.worth import lacking

WITHIN_BPS = (5, 10, 25, 50)
"""Distances from the mid price for which uptime is told, basis points."""

_BPS = 10_000


@attrs.frozen(kw_only=True)
class Shares:
    """Shares of a time, between 0 and 1: with a bid, with an ask, with both."""

    buy: float
    sell: float
    both: float


@attrs.frozen(kw_only=True)
class Uptime:
    """
    How a run quoted.

    Args:
        quoted: Time with an order at the venue / all time.
        within: By basis points: time with an order no further than that from the mid price / time
            in which the mid price is known.
        spread_bps: Time-weighted (best own ask - best own bid) / mid, over the time with both and
            a mid price, in basis points.
        spread: Time-weighted best own ask - best own bid, over the time with both, in quote
            currency.
        size: By side: time-weighted quantity that remained, over the time with an order there, in
            base currency.
    """

    quoted: Shares
    within: Mapping[int, Shares] | NotStated
    spread_bps: float | NotStated
    spread: float | NotStated
    size: Mapping[Side, float | NotStated]


def uptime(run: Run, path: MidPath | None) -> Uptime | NotStated:
    """Uptime by when orders were known to come and go, which is later than they did."""
    if run.to_ns == run.from_ns:
        return NotStated("the run took no time")
    reason = lacking(path)
    sums = _Sums()
    for state in quotes(run, None if reason is not None else path):
        sums.add(state)
    return sums.result(reason)


@attrs.frozen(kw_only=True)
class Quoted:
    """
    What stood at the venue from one moment to the next.

    Args:
        bid: The best of ours; ``None`` without one.
        ask: Likewise.
        sizes: By side, what remained of all orders there, in base currency.
    """

    from_ns: int
    to_ns: int
    bid: Decimal | None
    ask: Decimal | None
    sizes: Mapping[Side, Decimal]
    mid: Decimal | None

    @property
    def length_ns(self) -> int:
        return self.to_ns - self.from_ns


def quotes(run: Run, path: MidPath | None) -> Iterator[Quoted]:
    """Our quotes and the mid price, constant pieces from the beginning to the end of a run."""
    standing = _Standing()
    mid: Decimal | None = None
    for (ns, changes), (later, _) in pairwise(_changes(run, path)):
        for change in changes:
            if isinstance(change, _Mid):
                mid = change.price
            else:
                standing.apply(change)
        if later > ns:
            yield Quoted(
                from_ns=ns,
                to_ns=later,
                bid=standing.best(Side.BUY),
                ask=standing.best(Side.SELL),
                sizes={side: standing.size(side) for side in SIDES},
                mid=mid,
            )


@attrs.frozen
class _Placed:
    order: RunOrder


@attrs.frozen
class _Ended:
    order: RunOrder


@attrs.frozen
class _Mid:
    price: Decimal | None


_Change = _Placed | _Ended | _Mid | RunFill


def _changes(run: Run, path: MidPath | None) -> list[tuple[int, list[_Change]]]:
    """What changes at each moment, ascending; also the beginning and the end of the run."""
    by_time: dict[int, list[_Change]] = {run.from_ns: [], run.to_ns: []}
    for ns, change in (*_of_orders(run), *_of_mids(run, path)):
        within = min(max(ns, run.from_ns), run.to_ns)
        by_time.setdefault(within, []).append(change)
    return sorted(by_time.items(), key=itemgetter(0))


def _of_orders(run: Run) -> Iterator[tuple[int, _Change]]:
    """Placed before filled before ended, where it happens at one moment."""
    there = [order for order in run.orders if order.placed_ns is not None]
    for order in there:
        if order.placed_ns is not None:
            yield order.placed_ns, _Placed(order)
    for fill in run.fills:
        yield fill.at_ns, fill
    for order in there:
        if order.ended_ns is not None:
            yield order.ended_ns, _Ended(order)


def _of_mids(run: Run, path: MidPath | None) -> Iterator[tuple[int, _Change]]:
    if path is None:
        return
    for ns, price in zip(path.series.at_ns, path.series.prices, strict=True):
        yield ns, _Mid(price)
    if path.series.until_ns < run.to_ns:
        yield path.series.until_ns, _Mid(None)


@attrs.define
class _Standing:
    """Our orders at the venue, and what remains of each."""

    _orders: dict[str, RunOrder] = attrs.field(factory=dict)
    _filled: dict[str, Decimal] = attrs.field(factory=dict)
    _best: dict[Side, Decimal | None] = attrs.field(factory=dict)
    _size: dict[Side, Decimal] = attrs.field(factory=dict)

    def apply(self, change: _Placed | _Ended | RunFill) -> None:
        match change:
            case _Placed(order):
                self._orders[order.order_id] = order
            case _Ended(order):
                self._orders.pop(order.order_id, None)
            case RunFill():
                so_far = self._filled.get(change.order_id, ZERO)
                self._filled[change.order_id] = so_far + change.quantity
        self._best.clear()
        self._size.clear()

    def best(self, side: Side) -> Decimal | None:
        if side not in self._best:
            prices = [order.price for order in self._of(side)]
            better = max if side is Side.BUY else min
            self._best[side] = better(prices) if prices else None
        return self._best[side]

    def size(self, side: Side) -> Decimal:
        if side not in self._size:
            self._size[side] = sum((self._remaining(order) for order in self._of(side)), ZERO)
        return self._size[side]

    def _of(self, side: Side) -> Sequence[RunOrder]:
        return [
            order
            for order in self._orders.values()
            if order.side is side and self._remaining(order) > ZERO
        ]

    def _remaining(self, order: RunOrder) -> Decimal:
        return order.quantity - self._filled.get(order.order_id, ZERO)


@attrs.define
class _Sums:
    """Nanoseconds, and values weighted by them."""

    total: int = 0
    with_mid: int = 0
    sides: dict[Side, int] = attrs.field(factory=lambda: dict.fromkeys(SIDES, 0))
    both: int = 0
    both_with_mid: int = 0
    near: dict[tuple[int, Side | None], int] = attrs.field(
        factory=lambda: dict.fromkeys(
            ((bps, side) for bps in WITHIN_BPS for side in (*SIDES, None)), 0
        )
    )
    sizes: dict[Side, float] = attrs.field(factory=lambda: dict.fromkeys(SIDES, 0.0))
    spread: float = 0.0
    spread_bps: float = 0.0

    def add(self, state: Quoted) -> None:
        length = state.length_ns
        self.total += length
        if state.bid is not None:
            self.sides[Side.BUY] += length
            self.sizes[Side.BUY] += length * float(state.sizes[Side.BUY])
        if state.ask is not None:
            self.sides[Side.SELL] += length
            self.sizes[Side.SELL] += length * float(state.sizes[Side.SELL])
        if state.bid is not None and state.ask is not None:
            self.both += length
            self.spread += length * float(state.ask - state.bid)
        if state.mid is not None and state.mid > ZERO:
            self._add_near(state, float(state.mid), length)

    def _add_near(self, state: Quoted, mid: float, length: int) -> None:
        self.with_mid += length
        below = None if state.bid is None else (mid - float(state.bid)) / mid * _BPS
        above = None if state.ask is None else (float(state.ask) - mid) / mid * _BPS
        for bps in WITHIN_BPS:
            near_bid = below is not None and below <= bps
            near_ask = above is not None and above <= bps
            self.near[bps, Side.BUY] += length * near_bid
            self.near[bps, Side.SELL] += length * near_ask
            self.near[bps, None] += length * (near_bid and near_ask)
        if below is not None and above is not None:
            self.both_with_mid += length
            self.spread_bps += length * (below + above)

    def result(self, reason: NotStated | None) -> Uptime:
        never = NotStated("there never was an order on both sides")
        within: Mapping[int, Shares] | NotStated
        spread_bps: float | NotStated
        if reason is not None or not self.with_mid:
            within = spread_bps = reason or NotStated("no mid price is known in this time")
        else:
            within = {bps: self._near(bps) for bps in WITHIN_BPS}
            spread_bps = self.spread_bps / self.both_with_mid if self.both_with_mid else never
        return Uptime(
            quoted=Shares(
                buy=self.sides[Side.BUY] / self.total,
                sell=self.sides[Side.SELL] / self.total,
                both=self.both / self.total,
            ),
            within=within,
            spread_bps=spread_bps,
            spread=self.spread / self.both if self.both else never,
            size={side: self._size(side) for side in SIDES},
        )

    def _near(self, bps: int) -> Shares:
        return Shares(
            buy=self.near[bps, Side.BUY] / self.with_mid,
            sell=self.near[bps, Side.SELL] / self.with_mid,
            both=self.near[bps, None] / self.with_mid,
        )

    def _size(self, side: Side) -> float | NotStated:
        if not self.sides[side]:
            return NotStated(f"there never was a {side.value} order")
        return self.sizes[side] / self.sides[side]
