"""The actor around a strategy: when it asks, what it shows it, and what it does with the answer."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import attrs
import msgspec
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from actors.ports.facts import FactBoard
from actors.ports.lossless import Lossless
from actors.ports.ports import Latest, OptionalBell, Wakeup
from actors.strategy import StrategyActor
from tests.support.builders import (
    DOGE,
    DOGE_RULES,
    MAKER,
    a_quote,
    a_top,
    an_account,
    an_order,
    ready,
)
from tests.support.lives import begin
from trading.account.account import AccountView
from trading.core.identifiers import Currency
from trading.core.instrument import Instrument
from trading.core.market import TopOfBook
from trading.decisions.decision import Decision, Gate
from trading.messages.gateway import Instruction, WorkingOrders
from trading.orders.completed import CompletedOrders
from trading.orders.order import Order
from trading.readiness.gate_clock import GateClock
from trading.readiness.lease import Component, Readiness
from trading.risk import RiskLimits
from trading.strategies.config import StrategyConfig
from trading.strategies.interface import View

Answer = Callable[[View], Decision]


@attrs.define
class Scripted:
    """A strategy that says what a test wants, and remembers what it was shown."""

    answer: Answer
    views: list[View] = attrs.field(factory=list)

    def begin(self, now: float) -> int:
        return 0

    def decide(self, view: View, state: int) -> tuple[Decision, int]:
        self.views.append(view)
        return self.answer(view), state + 1


def nothing(view: View) -> Decision:
    return Decision()


def place_one(view: View) -> Decision:
    return Decision() if view.orders else Decision(places=(a_quote(),))


@attrs.define
class Rig:
    """A strategy's ports, and a gateway played by the test."""

    strategy: Scripted
    bell: Wakeup = attrs.field(factory=Wakeup)
    instructions: Lossless[Instruction] = attrs.field(factory=lambda: Lossless.of(0))
    decision: Latest[Decision] = attrs.field(factory=Latest)
    facts: FactBoard = attrs.field(factory=FactBoard)
    held: Latest[Mapping[Currency, Decimal]] = attrs.field(factory=Latest)
    freed: OptionalBell = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.freed = OptionalBell(self.bell)
        self.readiness, self.top = Latest[Readiness](self.bell), Latest[TopOfBook](self.bell)
        self.account, self.instrument = (
            Latest[AccountView](self.bell),
            Latest[Instrument](self.bell),
        )
        self.working = Latest[WorkingOrders](self.bell)
        self.config = Latest[StrategyConfig](self.bell)
        self.config.put(StrategyConfig(strategy=self.strategy, limits=RiskLimits()))
        self.readiness.put(ready())
        self.top.put(a_top())
        self.account.put(an_account())
        self.instrument.put(DOGE_RULES)
        self.show(0)

    readiness: Latest[Readiness] = attrs.field(init=False)
    top: Latest[TopOfBook] = attrs.field(init=False)
    account: Latest[AccountView] = attrs.field(init=False)
    instrument: Latest[Instrument] = attrs.field(init=False)
    working: Latest[WorkingOrders] = attrs.field(init=False)
    config: Latest[StrategyConfig] = attrs.field(init=False)

    @property
    def actor(self) -> StrategyActor:
        return StrategyActor(
            name=MAKER,
            pair=DOGE,
            config=self.config,
            readiness=self.readiness,
            top=self.top,
            account=self.account,
            instrument=self.instrument,
            working=self.working,
            bell=self.bell,
            freed=self.freed,
            held=self.held,
            instructions=self.instructions.send,
            decision=self.decision,
            clock=GateClock(0.0),
            facts=self.facts,
        )

    async def begin(self, nursery: trio.Nursery) -> None:
        await self.bell.wait()  # what was rung while the rig was built is old news
        await begin(nursery, self.actor)

    def show(self, instruction: int, *orders: Order, reconciled: bool = True) -> None:
        """The gateway's view after an instruction."""
        view = WorkingOrders(
            orders=orders,
            completed=CompletedOrders(),
            instruction=instruction,
            reconciled=reconciled,
        )
        self.working.put(view)

    @property
    def gates(self) -> list[str]:
        decision = self.decision.read()
        return [] if decision is None else [gate.code for gate in decision.gates]


async def test_it_says_that_it_runs_and_decides_on_what_is_there(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig(Scripted(nothing))
    await rig.begin(nursery)
    await trio.sleep(1)
    assert [view.top for view in rig.strategy.views] == [a_top()]
    assert rig.facts.facts[Component.STRATEGY_RUNNING, MAKER].holds


async def test_a_decision_is_one_instruction(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    order = an_order()
    rig = Rig(Scripted(lambda view: Decision(cancels=(order.client_order_id,), places=())))
    rig.show(0, order)
    await rig.begin(nursery)
    instruction = await rig.instructions.receive.receive()
    assert (instruction.number, instruction.cancels) == (1, (order.client_order_id,))


async def test_it_does_not_decide_again_before_the_gateway_has_shown_its_last_instruction(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig(Scripted(place_one))
    await rig.begin(nursery)
    assert (await rig.instructions.receive.receive()).number == 1
    rig.top.put(a_top("0.11"))
    rig.account.put(an_account())
    await trio.sleep(60)
    assert len(rig.strategy.views) == 1
    assert rig.gates == ["orders_not_known"]
    rig.show(1, an_order())
    await trio.sleep(1)
    assert len(rig.strategy.views) == 2


async def test_the_numbers_of_a_new_life_go_on_from_what_the_gateway_shows(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig(Scripted(place_one))
    rig.show(7)
    await rig.begin(nursery)
    assert (await rig.instructions.receive.receive()).number == 8


TROUBLES: list[tuple[Callable[[Rig], None], str]] = [
    (lambda rig: rig.readiness.withdraw(), "not_ready"),
    (lambda rig: rig.readiness.put(ready(valid_until=trio.current_time())), "not_ready"),
    (lambda rig: rig.show(0, reconciled=False), "orders_not_known"),
    (lambda rig: rig.working.withdraw(), "orders_not_known"),
    (lambda rig: rig.top.withdraw(), "view_incomplete"),
    (lambda rig: rig.account.withdraw(), "view_incomplete"),
    (lambda rig: rig.instrument.withdraw(), "view_incomplete"),
    (lambda rig: rig.account.put(msgspec.structs.replace(an_account(), fees={})), "fees_not_known"),
]


@pytest.mark.parametrize(("trouble", "code"), TROUBLES)
async def test_without_a_whole_view_it_is_not_asked_and_a_gate_says_why(
    nursery: trio.Nursery, autojump_clock: MockClock, trouble: Callable[[Rig], None], code: str
) -> None:
    rig = Rig(Scripted(place_one))
    trouble(rig)
    await rig.begin(nursery)
    await trio.sleep(1)
    assert rig.strategy.views == []
    assert rig.gates == [code]


async def test_it_is_asked_again_at_the_moment_it_named(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig(Scripted(lambda view: Decision(look_again_at=view.now + 15)))
    await rig.begin(nursery)
    await trio.sleep(31)
    assert [view.now for view in rig.strategy.views] == [0, 15, 30]


async def test_a_moment_that_has_passed_does_not_make_it_go_round_in_circles(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig(Scripted(lambda view: Decision(look_again_at=view.now)))
    await rig.begin(nursery)
    await trio.sleep(5.5)
    assert len(rig.strategy.views) == 6


async def test_an_instruction_that_comes_to_nothing_is_not_repeated_at_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig(Scripted(place_one))
    await rig.begin(nursery)
    taken = []
    with trio.move_on_after(5.5):
        while True:
            instruction = await rig.instructions.receive.receive()
            taken.append(trio.current_time())
            rig.show(instruction.number)  # refused, all of it
    assert taken == pytest.approx([0, 1, 2, 3, 4, 5])


async def test_a_strategy_that_raises_ends_the_life(autojump_clock: MockClock) -> None:
    def broken(view: View) -> Decision:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Rig(Scripted(broken)).actor.run()


async def test_a_lapsed_lease_is_noticed_although_nobody_says_so(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig(Scripted(lambda view: Decision(look_again_at=view.now + 4)))
    rig.readiness.put(ready(valid_until=3))
    await rig.begin(nursery)
    await trio.sleep(5)
    assert len(rig.strategy.views) == 1
    assert rig.gates == ["not_ready"]


async def test_it_waits_for_the_balance_that_an_ended_order_held(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig(Scripted(place_one))
    held = an_account(usdt_reserved="4")
    rig.account.put(held)
    rig.show(0, an_order())
    await rig.begin(nursery)
    await wait_all_tasks_blocked()

    rig.show(0)  # the order has ended, and its balance has not been heard of
    await wait_all_tasks_blocked()
    assert rig.gates == ["balance_settling"]

    rig.account.put(an_account())
    instruction = await rig.instructions.receive.receive()
    assert len(instruction.places) == 1
    assert trio.current_time() < 0.1


async def test_what_another_strategys_orders_hold_is_not_waited_for(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig(Scripted(place_one))
    rig.account.put(an_account(usdt_reserved="4"))
    rig.held.put({Currency("USDT"): Decimal(4)})
    rig.show(0, an_order())
    await rig.begin(nursery)
    await wait_all_tasks_blocked()
    rig.show(0)

    await rig.instructions.receive.receive()
    assert trio.current_time() < 0.1


async def test_what_is_freed_of_a_balance_wakes_it_only_while_a_gate_may_open_with_it(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    too_little = Gate(code="too_little", side=None, sentence="too little is free")
    gates: list[tuple[Gate, ...]] = [(), (too_little,)]
    rig = Rig(Scripted(lambda view: Decision(gates=gates[0])))
    await rig.begin(nursery)
    await wait_all_tasks_blocked()
    looks = len(rig.strategy.views)
    rig.freed.ring()
    await wait_all_tasks_blocked()
    assert len(rig.strategy.views) == looks

    gates.pop(0)
    rig.bell.ring()
    await wait_all_tasks_blocked()
    rig.freed.ring()
    await wait_all_tasks_blocked()
    assert len(rig.strategy.views) == looks + 2


async def test_a_balance_that_others_hold_is_not_waited_for_longer_than_a_moment(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig(Scripted(place_one))
    rig.account.put(an_account(usdt_reserved="4"))
    rig.show(0, an_order())
    await rig.begin(nursery)
    await wait_all_tasks_blocked()
    rig.show(0)

    await rig.instructions.receive.receive()
    assert trio.current_time() == pytest.approx(1.0, abs=0.1)
