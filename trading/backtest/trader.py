"""One strategy in a backtest: what it sees, when it looks, and what it decides."""

from collections.abc import Mapping
from decimal import Decimal

from trading.account.account import AccountView
from trading.backtest.gate_spans import GateSpans
from trading.backtest.pair_view import PairView
from trading.core.identifiers import Currency, StrategyName
from trading.decisions.decision import Decision, Gate
from trading.gateway.seen import StrategySeen
from trading.journal.performance import Performance, PerformanceFold
from trading.messages.gateway import Instruction, WorkingOrders
from trading.readiness.lease import Component, Readiness
from trading.strategies.config import StrategyConfig
from trading.strategies.interface import Prices, ReferencePrice, SeenTrades, View
from trading.strategies.looking import SETTLING, StrategyLife

PAUSE_S = 1.0
"""Before a decision without effect is taken again, as in the engine."""
SETTLE_S = 1.0
"""How long the balance that an ended order held is waited for, as in the engine."""
_FOREVER = float("inf")
_NS_PER_S = 1_000_000_000
_NOT_READY = Gate(code="not_ready", side=None, sentence="there is no book to quote by")
_NOT_KNOWN = Gate(
    code="orders_not_known", side=None, sentence="waiting for the gateway's view of our orders"
)
_NEVER = float("-inf")


class Trader:
    """
    A strategy, level-triggered as in the engine: it looks when something it looks at has changed.

    Args:
        life: That goes on; ``None`` for a new one.

    Attributes:
        rung: Whether something has changed since it last looked.
        look_at: When it looks in any case, monotonic seconds.
        working: Its orders as the gateway last showed them; ``None`` before.
        instructions: How many decisions were to do something.
        gates: What kept it from quoting, and when.
    """

    def __init__(
        self,
        name: StrategyName,
        config: StrategyConfig,
        pair: PairView,
        life: StrategyLife | None = None,
    ) -> None:
        self.name = name
        self.pair = pair
        self.config = config
        self.rung = True
        self.look_at = _FOREVER
        self.working: WorkingOrders | None = None
        self.instructions = 0
        self.readiness = self._ready("")
        self.fold = PerformanceFold(pair.instrument)
        self.gates = GateSpans()
        self._life = life or StrategyLife(
            name, config.strategy, 0.0, pause_s=PAUSE_S, settle_s=SETTLE_S
        )
        self._wants_what_is_freed = True
        self._performance: Performance | None = None

    @property
    def decisions(self) -> int:
        """How often it has looked."""
        return self._life.looks

    def due(self, now: float) -> bool:
        return self.rung or self.look_at <= now

    def ring_for_balances(self, *, total_changed: bool) -> None:
        """Note changed balances: of what is only free of them a strategy seldom wants to know."""
        self.rung = self.rung or total_changed or self._wants_what_is_freed

    def note_ready(self, reason: str) -> None:
        """Take why the pair may not be quoted; empty while it may."""
        if reason != self.readiness.reasons.removeprefix(_RECONCILED):
            self.readiness = self._ready(reason)
            self.rung = True

    def note_booked(self) -> None:
        """Note that the ledger has added to the figures."""
        self._performance = self.fold.performance

    def seen(self) -> StrategySeen:
        """What the gateway sees of it."""
        return StrategySeen(
            pair=self.pair.pair,
            limits=self.config.limits,
            readiness=self.readiness,
            top=self.pair.top,
            last_trade=self.pair.last_trade,
        )

    def look(
        self,
        now: float,
        account: AccountView,
        held: Mapping[Currency, Decimal],
        now_ns: int,
    ) -> Instruction | None:
        """
        Look and decide; what is to be done, if anything.

        Args:
            held: What all orders hold, by currency.
            now_ns: The time of day, nanoseconds since the epoch.
        """
        self.rung, self.look_at = False, _FOREVER
        view = self._view(now, account, now_ns / _NS_PER_S)
        if isinstance(view, Gate):
            self.gates.look((view,), now_ns)
            return None
        decision = self._life.decide(view, held)
        self.gates.look(decision.gates, now_ns)
        if decision.cancels or decision.places or decision.amends:
            self.instructions += 1
            self.rung = True  # it looks again at once, as in the engine
            return self._instruction(decision)
        self._wants_what_is_freed = any(map(_may_open_with_a_balance, decision.gates))
        if (again := decision.look_again_at) is not None:
            self.look_at = again if again > now else now + PAUSE_S
        return None

    def _instruction(self, decision: Decision) -> Instruction:
        return Instruction(
            strategy=self.name,
            number=self.instructions,
            cancels=decision.cancels,
            places=decision.places,
            amends=decision.amends,
        )

    def _view(self, now: float, account: AccountView, unix_s: float) -> View | Gate:
        """The whole view of this moment, or the gate that says why there is none."""
        working, top = self.working, self.pair.top
        if not self.readiness.holds_at(now) or top is None:
            return _NOT_READY
        if working is None or not working.reconciled or working.instruction < self.instructions:
            return _NOT_KNOWN
        trade = self.pair.last_trade
        cost = None if self._performance is None else self._performance.position.unit_cost
        return View(
            now=now,
            instrument=self.pair.instrument,
            top=top,
            balances=account.balances,
            fees=account.fees[self.pair.pair],
            orders=working.orders,
            completed=working.completed,
            prices=Prices(
                last_trade=None if trade is None else ReferencePrice(trade.price, now),
                inventory_cost=cost,
            ),
            trades=SeenTrades(self.pair.seen, self.pair.recent),
            unix_s=unix_s,
        )

    def _ready(self, reason: str) -> Readiness:
        return Readiness(
            strategy=self.name,
            pair=self.pair.pair,
            standing={},
            missing={Component.ORDER_BOOK: reason} if reason else {},
            valid_until=_FOREVER,
        )


_RECONCILED = f"{Component.ORDER_BOOK.value}: "


def _may_open_with_a_balance(gate: Gate) -> bool:
    return gate.opens_at is None or gate.code == SETTLING.code
