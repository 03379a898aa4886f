"""The strategy's actor: calls it with the newest view, sends its decision to the gateway."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

import attrs
import structlog
import trio

from actors.ports.facts import FactBoard
from actors.ports.lossless import SendPort
from actors.ports.ports import Latest, OptionalBell, RecentItems, Wakeup, WallClock
from actors.ports.tap import Tap
from trading.account.account import AccountView
from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import MarketPrices, SeenPrices, TopOfBook, Trade
from trading.decisions.decision import Decision, Gate
from trading.journal.performance import Performance
from trading.messages.gateway import Instruction, WorkingOrders
from trading.orders.order import OrderStatus
from trading.readiness.gate_changes import GateChanges
from trading.readiness.gate_clock import GateClock
from trading.readiness.lease import Component, Readiness
from trading.recorded.noted import HandedOver, LifeBegun, Looked
from trading.strategies.config import StrategyConfig
from trading.strategies.interface import (
    NO_TRADES,
    Prices,
    ReferencePrice,
    SeenTrades,
    Strategy,
    View,
)
from trading.strategies.looking import SETTLING, StrategyLife

log = structlog.get_logger()

V = TypeVar("V")

_NOTHING_HELD: Mapping[Currency, Decimal] = MappingProxyType({})


@attrs.frozen(kw_only=True)
class StrategyActor:
    """
    Runs one strategy; level-triggered: missing a change cannot make it wrong.

    An error of the strategy ends this life, which revokes the fact that the strategy runs: so the
    gateway cancels its orders.

    Ports:
        readiness, top, account, instrument, working: The parts of the view (newest).
        bell: Rung when any of them changes.
        freed: Rings it also when no balance but only what is free of it has changed.
        instructions: Its decisions, to the gateway (capacity 0).
        decision: The newest decision, which tells why nothing is quoted.
        clock: Counts how long the strategy quotes, and what keeps it from quoting.
        facts: Whether the strategy runs.
        trades: Anyone's last trades of the pair (newest).
        held: What the orders of all strategies hold, by currency (newest): one may be shared.
        other_market, custom_price: Prices from elsewhere (newest), where the strategy asks for
            them.
        performance: The cost of the inventory.
        config: The strategy itself; another one takes over between two decisions.
        tap: Takes each look for the session's recording; ``None`` where none is made.

    Args:
        pause_s: Before a decision without effect is taken again, and before a look that was asked
            for in the past: without it the actor could loop while no time passes.
        wall_clock: Tells the time of day, where the strategy asks for it.
        settle_s: How long the balance that an ended order held is waited for.

    Raises:
        UnsoundDecision: The strategy's answer is not a valid decision.
    """

    name: StrategyName
    pair: Pair
    config: Latest[StrategyConfig]
    readiness: Latest[Readiness]
    top: Latest[TopOfBook]
    account: Latest[AccountView]
    instrument: Latest[Instrument]
    working: Latest[WorkingOrders]
    bell: Wakeup
    freed: OptionalBell | None = None
    instructions: SendPort[Instruction]
    decision: Latest[Decision]
    clock: GateClock
    facts: FactBoard
    pause_s: float = 1.0
    settle_s: float = 1.0
    held: Latest[Mapping[Currency, Decimal]] | None = None
    trades: RecentItems[Trade] | None = None
    other_market: Latest[SeenPrices] | None = None
    custom_price: Latest[ReferencePrice] | None = None
    performance: Latest[Performance] | None = None
    wall_clock: WallClock | None = None
    tap: Tap | None = None

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        now = trio.current_time()
        life = StrategyLife(
            self.name, self._newest(), now, pause_s=self.pause_s, settle_s=self.settle_s
        )
        if self.tap is not None:
            self.tap.note(LifeBegun(self.name, now, self.pause_s, self.settle_s))
        seen = self.working.read()
        number = seen.instruction if seen is not None else 0
        task_status.started()
        await self._until_the_former_life_is_withdrawn()
        self.facts.affirm(
            Component.STRATEGY_RUNNING, "running", scope=self.name, valid_for_s=float("inf")
        )
        changes = GateChanges()
        try:
            await self._decide_again_and_again(life, number, changes)
        finally:
            self.clock.stop(trio.current_time())
            self._tell(changes, Decision(), None)

    async def _decide_again_and_again(
        self, life: StrategyLife, number: int, changes: GateChanges
    ) -> None:
        gates: tuple[Gate, ...] = ()
        while True:
            if (newest := self._newest()) is not life.strategy:
                self._hand_over(life, newest)
            view = self._look(number)
            if isinstance(view, View):
                decision = self._decide(life, view)
            else:
                decision = Decision(gates=(view,))
            self.decision.put(decision)
            gates = decision.gates
            working = self.working.peek()
            self.clock.look(trio.current_time(), decision, working)
            self._tell(changes, decision, working)
            if decision.cancels or decision.places or decision.amends:
                number += 1
                await self._instruct(
                    Instruction(
                        strategy=self.name,
                        number=number,
                        cancels=decision.cancels,
                        places=decision.places,
                        amends=decision.amends,
                    )
                )
                continue
            if self.freed is not None:
                self.freed.wanted = any(map(_may_open_with_a_balance, gates))
            if decision.look_again_at is None:
                await self.bell.wait()
            else:
                with trio.move_on_at(self._next_look(decision.look_again_at)):
                    await self.bell.wait()

    def _tell(
        self, changes: GateChanges, decision: Decision, working: WorkingOrders | None
    ) -> None:
        """Log what keeps each side from quoting, where that has changed."""
        now = trio.current_time()
        for change in changes.seen(now, self.clock.causes(), decision, working):
            counted = {"untold": change.untold} if change.untold else {}
            log.info(
                "gates_changed",
                strategy=self.name,
                side=change.side.value,
                quoting=change.quoting,
                codes=list(change.codes),
                sentences=list(change.sentences),
                **counted,
            )

    async def _instruct(self, instruction: Instruction) -> None:
        """Hand over a decision: at once where the gateway waits for one, as nearly always."""
        try:
            self.instructions.send_nowait(instruction)
        except trio.WouldBlock:
            await self.instructions.send(instruction)

    async def _until_the_former_life_is_withdrawn(self) -> None:
        """
        Wait until the gateway cancels the orders of a former life, where there was one.

        The gateway does so because the fact that this strategy runs does not hold; revoked and
        affirmed within one moment, that would never have been noticed.
        """
        fact = self.facts.facts.get((Component.STRATEGY_RUNNING, self.name))
        if fact is None or fact.holds:
            return
        while self._left_by_the_former_life():
            with trio.move_on_after(self.pause_s):
                await self.bell.wait()

    def _left_by_the_former_life(self) -> bool:
        readiness, working = self.readiness.read(), self.working.read()
        if readiness is not None and readiness.holds_at(trio.current_time()):
            return True
        orders = () if working is None else working.orders
        return any(order.status in _STANDING for order in orders)

    def _newest(self) -> Strategy[Any]:
        config = self.config.read()
        assert config is not None, "the system gives it before anything starts"
        return config.strategy

    def _hand_over(self, life: StrategyLife, strategy: Strategy[Any]) -> None:
        now = trio.current_time()
        life.hand_over(strategy, now)
        if self.tap is not None:
            self.tap.note(HandedOver(self.name, now))

    def _decide(self, life: StrategyLife, view: View) -> Decision:
        held = _peek(self.held) or _NOTHING_HELD
        decision = life.decide(view, held)
        if self.tap is not None:
            self.tap.note(
                Looked(self.name, life.looks, view, held, decision, life.state, life.mark)
            )
        return decision

    def _next_look(self, at: float) -> float:
        now = trio.current_time()
        return at if at > now else now + self.pause_s

    def _look(self, number: int) -> View | Gate:
        """The whole view of this moment, or the gate that says why there is none."""
        now = trio.current_time()
        readiness = self.readiness.read()
        if readiness is None or not readiness.holds_at(now):
            missing = "nothing is known" if readiness is None else readiness.reasons
            return _shut("not_ready", f"not ready: {missing or 'the lease has lapsed'}")
        working = self.working.read()
        if working is None or not working.reconciled or working.instruction < number:
            return _shut("orders_not_known", "waiting for the gateway's view of our orders")
        top, account = self.top.read(), self.account.read()
        instrument = self.instrument.read()
        if top is None or account is None or instrument is None:
            return _shut("view_incomplete", "a part of the view was just withdrawn")
        fees = account.fees.get(self.pair)
        if fees is None:
            return _shut("fees_not_known", f"the venue names no fees for {self.pair}")
        return View(
            now=now,
            instrument=instrument,
            top=top,
            balances=account.balances,
            fees=fees,
            orders=working.orders,
            completed=working.completed,
            prices=self._prices(now),
            trades=self._trades(),
            unix_s=None if self.wall_clock is None else self.wall_clock() / 1e9,
        )

    def _trades(self) -> SeenTrades:
        return (
            NO_TRADES if self.trades is None else SeenTrades(self.trades.puts, self.trades.recent)
        )

    def _prices(self, now: float) -> Prices:
        trade, other = _peek(self.trades), _peek(self.other_market)
        performance = _peek(self.performance)
        return Prices(
            # Dated now: it is the last one while the feed lives; without a feed there is no view.
            last_trade=None if trade is None else ReferencePrice(trade.price, now),
            external_bid=_aged(other, lambda prices: prices.best_bid),
            external_ask=_aged(other, lambda prices: prices.best_ask),
            external_last_trade=_aged(other, lambda prices: prices.last_trade),
            custom=_peek(self.custom_price),
            inventory_cost=None if performance is None else performance.position.unit_cost,
        )


def _may_open_with_a_balance(gate: Gate) -> bool:
    return gate.opens_at is None or gate.code == SETTLING.code


def _peek(slot: Latest[V] | None) -> V | None:
    return None if slot is None else slot.read()


def _aged(
    seen: SeenPrices | None, which: Callable[[MarketPrices], Decimal | None]
) -> ReferencePrice | None:
    price = None if seen is None else which(seen.prices)
    return None if seen is None or price is None else ReferencePrice(price, seen.at)


_STANDING = frozenset({OrderStatus.PENDING, OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED})
"""Statuses of working orders for which no cancel was sent yet."""


def _shut(code: str, sentence: str) -> Gate:
    return Gate(code=code, side=None, sentence=sentence)
