"""The risk limits of one strategy at the gateway: orders sent, fills, profit."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from typing_extensions import override

from trading.core.identifiers import Pair, StrategyName, strategy_of
from trading.core.instrument import Instrument
from trading.gateway.seen import PairSeen, StrategySeen
from trading.gateway.turn import Turn
from trading.journal.entries import FillBooked
from trading.orders.order import Order
from trading.risk import (
    CheckedAmendment,
    CheckedOrder,
    OpenOrders,
    ProfitWatch,
    Refusal,
    RefusalCode,
    Results,
    RiskLimits,
    RiskView,
    breaches,
    check,
    check_amendment,
)

_DAY_NS = 86_400 * 10**9
_OF_WORKING_ORDERS = frozenset(
    {
        RefusalCode.FAR_FROM_MID,
        RefusalCode.FAR_FROM_LAST_TRADE,
        RefusalCode.NOTIONAL_LIMIT,
        RefusalCode.TOO_MANY_ORDERS,
        RefusalCode.BASE_HOLDING_LOW,
        RefusalCode.BASE_HOLDING_HIGH,
        RefusalCode.QUOTE_HOLDING_LOW,
        RefusalCode.QUOTE_HOLDING_HIGH,
    }
)
_PLACEMENTS_S = 60.0


class RiskGate:
    """
    The risk limits of one strategy in one life of the gateway: orders sent, fills, profit.

    Args:
        strategy: Whose limits they are.
        working: All orders of the engine that are not terminal.
        unbooked: Fills that are missing, as orders in doubt.
        fills: Booked by former lives, oldest first.
    """

    def __init__(
        self,
        turn: Turn,
        strategy: StrategyName,
        working: OpenOrders,
        unbooked: Callable[[], tuple[Order, ...]],
        fills: Iterable[FillBooked],
    ) -> None:
        self._turn = turn
        self.strategy = strategy
        self._working = working
        self._unbooked = unbooked
        self._watch: ProfitWatch | None = None
        self._before = list(fills)
        self._fills: deque[FillBooked] = deque(self._before)
        self._placements: deque[float] = deque()
        self._booked = 0
        self._unbroken: tuple[Decimal | None, int, RiskLimits] | None = None

    def booked(self, entry: FillBooked) -> None:
        """A fill of any strategy."""
        self._booked += 1
        self._fills.append(entry)
        if self._watch is None:
            self._before.append(entry)
        else:
            self._count(self._watch, entry)

    def forgive(self) -> None:
        """Forget what led to a halt, as a person has lifted it."""
        self._unbroken = None
        self._watch = None
        self._before.clear()
        self._fills.clear()

    def placed(self, now: float) -> None:
        """Count an order that is about to leave."""
        self._placements.append(now)

    def not_placed(self, at: float) -> None:
        """Uncount an order of that moment: it was taken back, and has not left."""
        if at in self._placements:
            self._placements.remove(at)

    def check(
        self, order: Order, beside: Sequence[Order] = ()
    ) -> CheckedOrder | tuple[Refusal, ...] | None:
        """
        Whether an order may leave; ``None`` while the pair's rules are not known.

        Args:
            beside: Further intended orders, counted as if they worked already.
        """
        view = self._view(self._turn.seen.of(self.strategy).instrument, beside)
        if view is None:
            return None
        return check(order, view, self._seen.limits)

    def no_longer_fits(self, order: Order) -> str:
        """
        The limits, changed since a working order was sent, that it now breaks; empty if none.

        Available balance and the rate of orders do not matter to an order that is there already.
        """
        checked = self.check(order)
        refusals = checked if isinstance(checked, tuple) else ()
        return "; ".join(each.sentence for each in refusals if each.code in _OF_WORKING_ORDERS)

    def check_amendment(
        self, order: Order, quantity: Decimal
    ) -> CheckedAmendment | tuple[Refusal, ...] | None:
        """Whether a working order may be made smaller; ``None`` as above."""
        view = self._view(self._turn.seen.of(self.strategy).rules)
        if view is None:
            return None
        return check_amendment(order, order.price, quantity, view, self._seen.limits)

    def breach(self) -> str:
        """Which limit that ends the strategy is broken, in a sentence; empty if none."""
        instrument = self._turn.seen.of(self.strategy).rules
        if instrument is None:
            return ""
        # Time alone breaks no limit: fills grow old, and a new day begins without a loss.
        figures = (self.mid_price, self._booked, self._seen.limits)
        if figures == self._unbroken:
            return ""
        now = self._turn.now
        results = Results(
            strategy=self.strategy,
            instrument=instrument,
            now=now,
            profit=self._profit(instrument).profit,
            recent_fills=self._recent_fills(now),
        )
        broken = breaches(results, self._seen.limits)
        self._unbroken = None if broken else figures
        return "; ".join(refusal.sentence for refusal in broken)

    @property
    def mid_price(self) -> Decimal | None:
        top = self._seen.top
        return None if top is None else top.mid_price

    @property
    def _seen(self) -> StrategySeen:
        return self._turn.seen.strategies[self.strategy]

    def _view(self, instrument: Instrument | None, beside: Sequence[Order] = ()) -> RiskView | None:
        if instrument is None:
            return None
        turn, seen, pair = self._turn, self._seen, self._turn.seen.of(self.strategy)
        account = turn.seen.account
        return RiskView(
            strategy=self.strategy,
            instrument=instrument,
            now=turn.now,
            top=seen.top,
            book_at=pair.book_at,
            last_trade_price=None if seen.last_trade is None else seen.last_trade.price,
            # A lease is given only where the venue's clock is known.
            clock_sure=seen.readiness is not None and seen.readiness.holds_at(turn.now),
            working=self._working,
            beside=(*self._unbooked(), *beside),
            balances={} if account is None else account.balances,
            profit=self._profit(instrument).profit,
            recent_fills=self._recent_fills(turn.now),
            placements=self._recent_placements(turn.now),
            other_instruments=_Rules(turn.seen.pairs),
        )

    def _profit(self, instrument: Instrument) -> ProfitWatch:
        if self._watch is None:
            self._watch = ProfitWatch(instrument)
            for entry in self._before:
                self._count(self._watch, entry)
            self._before.clear()
        if (mid_price := self.mid_price) is not None:
            self._watch.add_mid_price(mid_price, self._day(self._turn.now))
        return self._watch

    def _count(self, watch: ProfitWatch, entry: FillBooked) -> None:
        order_id = entry.fill.client_order_id
        if order_id is not None and strategy_of(order_id) == self.strategy:
            watch.add_fill(entry.fill, self._day(entry.at))

    def _day(self, at: float) -> int:
        """The UTC day of a monotonic moment, counted from the epoch."""
        return (self._turn.seen.wall_ns - round((self._turn.now - at) * 1e9)) // _DAY_NS

    def _recent_fills(self, now: float) -> tuple[FillBooked, ...]:
        # A balance comes a moment later than its fill; a minute covers that many times over.
        since = now - max(self._seen.limits.fills_window_s, 60.0)
        while self._fills and self._fills[0].at < since:
            self._fills.popleft()
        return tuple(self._fills)

    def _recent_placements(self, now: float) -> int:
        while self._placements and self._placements[0] <= now - _PLACEMENTS_S:
            self._placements.popleft()
        return len(self._placements)


class _Rules(Mapping[Pair, Instrument]):
    """The rules of the pairs that are seen, as far as they are known; nothing is copied."""

    def __init__(self, pairs: Mapping[Pair, PairSeen]) -> None:
        self._pairs = pairs

    @override
    def __getitem__(self, pair: Pair) -> Instrument:
        rules = self._pairs[pair].rules
        if rules is None:
            raise KeyError(pair)
        return rules

    @override
    def __iter__(self) -> Iterator[Pair]:
        return (pair for pair, seen in self._pairs.items() if seen.rules is not None)

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)
