"""One strategy at the gateway: its wires, its limits, and the checks of its orders."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

import attrs
import structlog
import trio

from actors.ports.facts import FactBoard
from actors.ports.ports import Latest, WallClock
from trading.account.account import AccountView
from trading.core.identifiers import Pair, StrategyName, strategy_of
from trading.core.instrument import Instrument
from trading.core.market import TopOfBook, Trade
from trading.journal.entries import FillBooked
from trading.messages.gateway import WorkingOrders
from trading.orders.order import Order
from trading.readiness.lease import Component, Readiness
from trading.risk import (
    CheckedAmendment,
    CheckedOrder,
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
from trading.strategies.config import StrategyConfig

log = structlog.get_logger()

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


@attrs.frozen(kw_only=True)
class GatewayPorts:
    """
    The wires and values that the gateway keeps for one strategy.

    Args:
        config: Holds the limits that no order of it may break.
        readiness: Its lease to quote; without it orders are withdrawn and none is taken.
        instrument: The rules its orders must obey.
        top: The pair's book.
        last_trade: Anyone's last trade of the pair.
        working: Its orders as the gateway knows them.
    """

    strategy: StrategyName
    pair: Pair
    config: Latest[StrategyConfig]
    readiness: Latest[Readiness]
    instrument: Latest[Instrument]
    top: Latest[TopOfBook]
    last_trade: Latest[Trade]
    working: Latest[WorkingOrders]

    @property
    def limits(self) -> RiskLimits:
        """What no order of it may break, as of now."""
        config = self.config.read()
        assert config is not None, "the system gives it before anything starts"
        return config.limits

    def not_permitted(self, withdrawn: str, now: float) -> str:
        """
        Why the strategy may not have orders at the venue; empty when it may.

        Args:
            withdrawn: Why nothing may be quoted at all.
        """
        if withdrawn:
            return withdrawn
        readiness = self.readiness.read()
        if readiness is None or not readiness.ready:
            missing = "readiness is not known" if readiness is None else readiness.reasons
            return f"not ready: {missing}"
        return "" if readiness.holds_at(now) else "not ready: the lease has lapsed"


@attrs.frozen(kw_only=True)
class SharedState:
    """
    What the ports of all strategies share.

    Args:
        instruments: The rules of every traded pair: two pairs may share a currency.
        venue_clock: The venue's wall clock, as far as we know how far it is from ours.
        rules_doubted: Why each pair's rules may have changed; nothing is placed there
            until they are read anew.
    """

    account: Latest[AccountView]
    facts: FactBoard
    instruments: Mapping[Pair, Latest[Instrument]]
    wall_clock: WallClock
    venue_clock: WallClock
    rules_doubted: Mapping[Pair, Latest[str]] = attrs.field(factory=dict)

    def doubt_rules(self, pair: Pair, reason: str) -> None:
        """Have a pair's rules read anew; nothing is placed there until then."""
        if (slot := self.rules_doubted.get(pair)) is not None:
            log.warning("rules_doubted", pair=pair, reason=reason)
            slot.put(reason)

    def doubtful(self, pair: Pair) -> str:
        """Why a pair's rules may have changed; empty when nothing speaks against them."""
        slot = self.rules_doubted.get(pair)
        reason = None if slot is None else slot.read()
        if not reason:
            return ""
        return f"the pair's rules are to be read anew, for the venue says: {reason}"

    def reconciled(self, disagreement: str) -> None:
        """
        Affirm that the venue's lists agree with ours, until the contrary is known.

        Comparing needs no readiness: otherwise each would wait for the other.

        Args:
            disagreement: Why they do not, or are not known to; empty when they agree.
        """
        if disagreement:
            self.facts.revoke(Component.RECONCILED, disagreement)
        else:
            evidence = "the venue's lists agree with ours"
            self.facts.affirm(Component.RECONCILED, evidence, valid_for_s=math.inf)


class RiskGate:
    """
    The risk limits of one strategy in one life of the gateway: orders sent, fills, profit.

    Args:
        working: All orders of the engine that are not terminal.
        fills: Booked by former lives, oldest first.
    """

    def __init__(
        self,
        ports: GatewayPorts,
        shared: SharedState,
        working: Callable[[], Iterable[Order]],
        fills: Iterable[FillBooked],
    ) -> None:
        self.ports = ports
        self._shared = shared
        self._working = working
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
        view = self._view(without=order)
        if view is None:
            return None
        if beside:
            view = attrs.evolve(view, working=(*view.working, *beside))
        return check(order, view, self.ports.limits)

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
        view = self._view()
        if view is None:
            return None
        return check_amendment(order, order.price, quantity, view, self.ports.limits)

    def breach(self) -> str:
        """Which limit that ends the strategy is broken, in a sentence; empty if none."""
        instrument = self.ports.instrument.last
        if instrument is None:
            return ""
        # Time alone breaks no limit: fills grow old, and a new day begins without a loss.
        figures = (self.mid_price, self._booked, self.ports.limits)
        if figures == self._unbroken:
            return ""
        now = trio.current_time()
        results = Results(
            strategy=self.ports.strategy,
            instrument=instrument,
            now=now,
            profit=self._profit(instrument).profit,
            recent_fills=self._recent_fills(now),
        )
        broken = breaches(results, self.ports.limits)
        self._unbroken = None if broken else figures
        return "; ".join(refusal.sentence for refusal in broken)

    @property
    def mid_price(self) -> Decimal | None:
        top = self.ports.top.read()
        return None if top is None else top.mid_price

    def _view(self, *, without: Order | None = None) -> RiskView | None:
        ports, now = self.ports, trio.current_time()
        # What is base and what is quote stays true when a pair is suspended.
        instrument = ports.instrument.read() if without is not None else ports.instrument.last
        if instrument is None:
            return None
        readiness, account = ports.readiness.read(), self._shared.account.read()
        book = self._shared.facts.facts.get((Component.ORDER_BOOK, ports.pair))
        trade = ports.last_trade.read()
        skipped = None if without is None else without.client_order_id
        return RiskView(
            strategy=ports.strategy,
            instrument=instrument,
            now=now,
            top=ports.top.read(),
            book_at=float("-inf") if book is None or not book.holds else book.observed_at,
            last_trade_price=None if trade is None else trade.price,
            # A lease is given only where the venue's clock is known.
            clock_sure=readiness is not None and readiness.holds_at(now),
            working=tuple(o for o in self._working() if o.client_order_id != skipped),
            balances={} if account is None else account.balances,
            profit=self._profit(instrument).profit,
            recent_fills=self._recent_fills(now),
            recent_placements=self._recent_placements(now),
            other_instruments=self._others(),
        )

    def _profit(self, instrument: Instrument) -> ProfitWatch:
        if self._watch is None:
            self._watch = ProfitWatch(instrument)
            for entry in self._before:
                self._count(self._watch, entry)
            self._before.clear()
        if (mid_price := self.mid_price) is not None:
            self._watch.add_mid_price(mid_price, self._day(trio.current_time()))
        return self._watch

    def _count(self, watch: ProfitWatch, entry: FillBooked) -> None:
        order_id = entry.fill.client_order_id
        if order_id is not None and strategy_of(order_id) == self.ports.strategy:
            watch.add_fill(entry.fill, self._day(entry.at))

    def _day(self, at: float) -> int:
        """The UTC day of a monotonic moment, counted from the epoch."""
        return (self._shared.wall_clock() - round((trio.current_time() - at) * 1e9)) // _DAY_NS

    def _recent_fills(self, now: float) -> tuple[FillBooked, ...]:
        # A balance comes a moment later than its fill; a minute covers that many times over.
        since = now - max(self.ports.limits.fills_window_s, 60.0)
        while self._fills and self._fills[0].at < since:
            self._fills.popleft()
        return tuple(self._fills)

    def _recent_placements(self, now: float) -> tuple[float, ...]:
        while self._placements and self._placements[0] <= now - _PLACEMENTS_S:
            self._placements.popleft()
        return tuple(self._placements)

    def _others(self) -> Mapping[Pair, Instrument]:
        found = ((pair, slot.last) for pair, slot in self._shared.instruments.items())
        return {pair: rules for pair, rules in found if rules is not None}
