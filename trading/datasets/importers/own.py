"""
Orders and trades of ours, which are in the venue's totals: found in what the venue told us of them.

A replayed market must be without them, or our own quantity is ahead of ourselves and our own
fills fill us again.
"""

from bisect import bisect_right
from itertools import accumulate

import attrs

from trading.core.identifiers import Pair, TradeId, VenueOrderId
from trading.core.market import Side, Trade
from trading.datasets.importers.scale import Scale
from trading.messages.account import (
    AccountEvent,
    FillReported,
    OpenOrdersListed,
    OrderReport,
    OrderReported,
)
from trading.orders.order import OrderEvent

_RESTS = frozenset({OrderEvent.RESTING, OrderEvent.PARTLY_FILLED})
_NS_PER_MS = 1_000_000
_NEAR_MS = 2_000
"""A trade and its report may tell of it in different milliseconds, where no id ties them."""

_Level = tuple[Side, int]


@attrs.frozen
class _Told:
    """What was told of an order: at a level it had so many lots from then on."""

    at_ms: int
    level: _Level
    lots: int


@attrs.define
class OwnOrders:
    """
    What is known of our orders; complete before the market is read.

    Args:
        given: Whether there was a file of the account.
        begun: Whether anything was told of an order or a trade.
    """

    given: bool = False
    begun: bool = False
    _told: dict[VenueOrderId, list[_Told]] = attrs.field(factory=dict)
    _trades: set[TradeId] = attrs.field(factory=set)
    _fills: dict[tuple[int, int], list[int]] = attrs.field(factory=dict)
    _levels: dict[_Level, tuple[list[int], list[int]]] | None = None

    def take(self, event: AccountEvent, seen_ns: int, pair: Pair, scale: Scale) -> None:
        """Note what an event tells of our orders and fills in the pair."""
        match event:
            case OrderReported(report):
                self._report(report, seen_ns, pair, scale)
            case OpenOrdersListed(reports=reports):
                for report in reports:
                    self._report(report, seen_ns, pair, scale)
            case FillReported(fill) if fill.pair == pair:
                self.begun = True
                self._trades.add(fill.trade_id)
                key = scale.prices.of(fill.price), scale.quantities.of(fill.quantity)
                self._fills.setdefault(key, []).append(fill.traded_at_ms)
            case _:
                pass

    def has(self, order: VenueOrderId) -> bool:
        """Whether an order is ours."""
        return order in self._told

    def made(self, trade: Trade, price: int, lots: int) -> bool:
        """Whether one side of a trade is ours: by its id, or by price, quantity and time."""
        if trade.trade_id is not None and trade.trade_id in self._trades:
            return True
        times = self._fills.get((price, lots), ())
        return any(abs(at_ms - trade.traded_at_ms) <= _NEAR_MS for at_ms in times)

    def resting(self, side: Side, price: int, at_ms: int) -> int:
        """How many lots of ours rested at a price, in ticks, by the venue's clock."""
        if self._levels is None:
            self._levels = self._summed()
        times, totals = self._levels.get((side, price), ((), ()))
        index = bisect_right(times, at_ms)
        return totals[index - 1] if index else 0

    def _report(self, report: OrderReport, seen_ns: int, pair: Pair, scale: Scale) -> None:
        if report.pair != pair or report.event is None:
            return
        self.begun, self._levels = True, None
        rests = report.event in _RESTS
        lots = scale.quantities.of(report.remaining_quantity) if rests else 0
        told = _Told(
            report.updated_at_ms or seen_ns // _NS_PER_MS,
            (report.side, scale.prices.of(report.price)),
            lots,
        )
        self._told.setdefault(report.venue_order_id, []).append(told)

    def _summed(self) -> dict[_Level, tuple[list[int], list[int]]]:
        changes: dict[_Level, list[tuple[int, int]]] = {}
        for reports in self._told.values():
            level, lots = None, 0
            for told in sorted(reports, key=lambda told: told.at_ms):
                if level is not None and lots:
                    changes.setdefault(level, []).append((told.at_ms, -lots))
                level, lots = told.level, told.lots
                changes.setdefault(level, []).append((told.at_ms, lots))
        summed = {}
        for key, found in changes.items():
            found.sort(key=lambda change: change[0])
            totals = list(accumulate(lots for _, lots in found))
            summed[key] = [at_ms for at_ms, _ in found], totals
        return summed
