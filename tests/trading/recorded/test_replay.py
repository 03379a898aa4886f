"""A recorded life folded again: gaps, errors, and what no recorder can have written."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest
from typing_extensions import override

from trading.core.identifiers import ClientOrderId, StrategyName
from trading.core.market import Side
from trading.decisions.decision import Decision, Quote
from trading.orders.order import Order, OrderStatus
from trading.recorded.noted import (
    Ended,
    Entry,
    Gap,
    HandedOver,
    LifeBegun,
    Looked,
    Part,
    Reloaded,
    TimeTied,
)
from trading.recorded.replay import DamagedSession, DecisionReplay, Tally
from trading.recorded.session_lines import SessionLines
from trading.strategies.interface import View
from trading.strategies.looking import StrategyLife
from trading.testing import PAIR, a_view, balances

DOGE = StrategyName("doge")


@attrs.frozen
class Counting:
    """Places an order at each so manieth look; its state is the number of looks."""

    every: int = 3
    forgets_after: int = 10**9

    def begin(self, now: float) -> int:
        return 0

    def decide(self, view: View, state: int) -> tuple[Decision, int]:
        looks = 0 if state >= self.forgets_after else state + 1
        quote = Quote(side=Side.BUY, price=Decimal(90 + looks), quantity=Decimal(1), level=0)
        places = (quote,) if looks % self.every == 0 else ()
        return Decision(places=places, wanted=(quote,)), looks


def an_order(number: int) -> Order:
    return Order(
        client_order_id=ClientOrderId(f"qw-paper-doge-1-{number}"),
        strategy=DOGE,
        pair=PAIR,
        side=Side.BUY,
        price=Decimal(90),
        quantity=Decimal(1),
        created_at=0.0,
        changed_at=0.0,
        status=OrderStatus.OPEN,
    )


def a_look_at(second: int) -> View:
    """Orders come and go, and now and then a balance is not free yet."""
    orders = tuple(an_order(number) for number in range(second % 4))
    reserved = Decimal(5_000) if second % 5 == 0 else Decimal(0)
    return a_view(
        second / 2,
        orders=orders,
        balances=balances(quote=str(10_000 + second), reserved_quote=reserved),
    )


def a_life(strategy: Any, looks: int, *, begun: float = 0.0) -> list[Entry]:
    life = StrategyLife(DOGE, strategy, begun, pause_s=1.0, settle_s=1.0)
    entries: list[Entry] = [LifeBegun(DOGE, begun, 1.0, 1.0)]
    for second in range(looks):
        view = attrs.evolve(a_look_at(second), now=begun + second / 2)
        decision = life.decide(view, {})
        entries.append(Looked(DOGE, life.looks, view, {}, decision, life.state, life.mark))
    return entries


def lines(entries: Iterable[Entry | Gap]) -> list[bytes]:
    made = SessionLines()
    return [made.line(entry)[1] for entry in entries]


def folded(written: Iterable[bytes], strategy: Any, make: Any = None) -> DecisionReplay:
    replay = DecisionReplay({DOGE: strategy}, make or (lambda _tables: {}))
    for line in written:
        replay.take(line)
    return replay


def tally(written: Iterable[bytes], strategy: Any) -> Tally:
    return folded(written, strategy).tallies[DOGE]


def with_a_gap(entries: list[Entry], first: int, last: int) -> list[Entry | Gap]:
    """The same with some entries lost."""
    return [*entries[:first], Gap(Part.DECISIONS, 0, last - first), *entries[last:]]


def test_the_same_strategy_decides_the_same_at_every_look() -> None:
    entries = [*a_life(Counting(), 40), *a_life(Counting(), 10, begun=100.0), Ended(200.0)]
    replay = folded(lines(entries), Counting())
    found = replay.tallies[DOGE]
    assert (found.looks, found.judged, found.unjudged, found.lives) == (50, 50, 0, 2)
    assert found.first is None
    assert replay.ended


def test_a_view_is_whole_now_and_then() -> None:
    whole = [b'"whole":true' in line for line in lines(a_life(Counting(), 2_100))]
    assert [place for place, is_so in enumerate(whole) if is_so] == [1, 1_000, 2_000]


def test_the_first_difference_has_the_look_its_time_and_what_had_changed() -> None:
    entries: list[Entry] = [TimeTied(0.0, 10**18, "begin"), *a_life(Counting(), 40)]
    [first] = folded(lines(entries), Counting(every=4)).differences
    assert (first.look, first.mono, first.wall_ns) == (3, 1.0, 10**18 + 10**9)
    assert set(first.changed) == {"orders", "balances"}
    assert set(first.recorded) == set(first.now)
    assert '"places"' not in first.recorded
    assert "93" in first.recorded["places"]
    assert first.now["places"] == "[]"


def test_after_a_gap_looks_are_judged_once_the_memory_is_the_same_again() -> None:
    # At the eighth look it forgets all that was before: from then on nothing of the gap is left.
    entries = with_a_gap(a_life(Counting(forgets_after=7), 40), 3, 6)
    found = tally(lines(entries), Counting(forgets_after=7))
    assert found.first is None
    assert found.unjudged > 0
    assert found.judged > 0
    assert found.unjudged + found.judged == found.looks == 37


def test_after_a_gap_nothing_is_judged_while_the_memory_is_another_but_the_next_life_is() -> None:
    lost = with_a_gap(a_life(Counting(), 20), 5, 8)
    entries = [*lost, *a_life(Counting(), 10, begun=100.0)]
    found = tally(lines(entries), Counting())
    assert found.first is None
    assert (found.judged, found.unjudged) == (4 + 10, 13)


def test_looks_of_a_life_whose_beginning_was_lost_are_not_judged() -> None:
    found = tally(lines(with_a_gap(a_life(Counting(), 5), 0, 1)), Counting())
    assert (found.judged, found.unjudged) == (0, 5)


def test_a_difference_after_a_gap_says_that_there_was_one() -> None:
    entries = [
        *with_a_gap(a_life(Counting(forgets_after=7), 30), 3, 4),
        *a_life(Counting(forgets_after=7), 5, begun=100.0),
    ]
    assert folded(lines(entries), Counting(forgets_after=7)).differences == ()
    [first] = folded(lines(entries), Counting(forgets_after=7, every=2)).differences
    assert not first.after_gap


def test_a_strategy_goes_on_as_a_reload_says() -> None:
    life = StrategyLife(DOGE, Counting(), 0.0, pause_s=1.0, settle_s=1.0)
    entries: list[Entry] = [LifeBegun(DOGE, 0.0, 1.0, 1.0)]
    for second in range(20):
        if second == 10:
            entries += [Reloaded(5.0, {"doge": {"every": 4}}), HandedOver(DOGE, 5.0)]
            life.hand_over(Counting(every=4), 5.0)
        decision = life.decide(view := a_look_at(second), {})
        entries.append(Looked(DOGE, life.looks, view, {}, decision, life.state, life.mark))

    def make(tables: Mapping[str, Any]) -> Mapping[StrategyName, Any]:
        return {StrategyName(name): Counting(**table) for name, table in tables.items()}

    assert folded(lines(entries), Counting(), make).tallies[DOGE].judged == 20
    [first] = folded(lines(entries), Counting(), lambda _tables: {}).differences
    assert first.look > 10


@attrs.frozen
class Raising(Counting):
    @override
    def decide(self, view: View, state: int) -> tuple[Decision, int]:
        if state == 4:
            raise ZeroDivisionError("of late")
        return super().decide(view, state)


def test_a_strategy_that_raises_now_is_a_difference() -> None:
    [first] = folded(lines(a_life(Counting(), 10)), Raising()).differences
    assert first.look == 5
    assert first.now == {"raised": "ZeroDivisionError('of late')"}


@attrs.frozen
class WithoutAValue(Counting):
    @override
    def begin(self, now: float) -> Any:
        return lambda: 0

    @override
    def decide(self, view: View, state: Any) -> tuple[Decision, Any]:
        decision, _ = super().decide(view, 1)
        return decision, state


def test_of_a_state_that_is_no_value_only_the_decision_is_compared() -> None:
    found = tally(lines(a_life(WithoutAValue(), 10)), WithoutAValue())
    assert (found.judged, found.stateless) == (10, 10)


def out_of_order(written: list[bytes]) -> list[bytes]:
    return [*written[:4], written[5], written[4], *written[6:]]


def twice(written: list[bytes]) -> list[bytes]:
    return [*written[:5], *written[4:]]


def without_the_whole(written: list[bytes]) -> list[bytes]:
    return [written[0], written[2].replace(b'"look":2', b'"look":1')]


def of_nobody(written: list[bytes]) -> list[bytes]:
    return [written[0].replace(b"doge", b"cats")]


def back_in_time(written: list[bytes]) -> list[bytes]:
    return [*written[:3], written[3].replace(b'"mono":1.0', b'"mono":0.1')]


def no_object(written: list[bytes]) -> list[bytes]:
    return [*written[:3], written[3][:40]]


def another_field(written: list[bytes]) -> list[bytes]:
    return [written[0], written[1].replace(b'"fees"', b'"fee"')]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (out_of_order, "look 5 of doge comes after look 3"),
        (twice, "look 4 of doge comes after look 4"),
        (without_the_whole, "the whole view before it is not there"),
        (of_nobody, "strategy cats is in no configuration"),
        (back_in_time, "lines are in another order"),
        (no_object, "it is no line of decisions"),
        (another_field, "a view has no field 'fee'"),
    ],
)
def test_what_no_recorder_has_written_is_damage(
    damage: Callable[[list[bytes]], list[bytes]], said: str
) -> None:
    with pytest.raises(DamagedSession, match=said):
        folded(damage(lines(a_life(Counting(), 10))), Counting())
