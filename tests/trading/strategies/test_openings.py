"""The smallest change that is named opens the gate; a step less does not, where it is a figure."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import msgspec
import pytest

from tests.trading.strategies.test_pmm_gates import CASES, Case
from trading.core.market import Side
from trading.decisions.decision import Gate
from trading.decisions.remedy import Remedy
from trading.strategies.interface import View
from trading.strategies.pure_market_making import Parameters, State
from trading.strategies.pure_market_making.features import PriceSource
from trading.strategies.pure_market_making.strategy import PureMarketMaking
from trading.strategies.remedies import opening
from trading.testing import a_top, a_view, balances

D = Decimal
Situation = tuple[View, Parameters, State]
Change = Callable[[Situation, str, Gate], Situation]

BY_CODE = {case.code: case for case in CASES}


def gates_of(situation: Situation) -> dict[str, Gate]:
    view, wanted, state = situation
    decision, _ = PureMarketMaking(wanted).decide(view, state)
    return {gate.code: gate for gate in decision.gates}


def evolved(wanted: Parameters, name: str, value: Any) -> Parameters:
    return attrs.evolve(wanted, **{name: value})


def wanting(name: str, value: object) -> Change:
    return lambda s, _value, _gate: (s[0], evolved(s[1], name, value), s[2])


def setting(name: str) -> Change:
    """A figure of the strategy's own, as it is written."""
    return lambda s, value, _gate: (
        s[0],
        evolved(s[1], name, type(getattr(s[1], name))(value)),
        s[2],
    )


def target(situation: Situation, value: str, _gate: Gate) -> Situation:
    view, wanted, state = situation
    assert wanted.inventory_skew is not None
    share = D(value.removesuffix(" %")) / 100
    skew = attrs.evolve(wanted.inventory_skew, target_base=share)
    return view, attrs.evolve(wanted, inventory_skew=skew), state


def quantity(situation: Situation, value: str, gate: Gate) -> Situation:
    view, wanted, state = situation
    levels = tuple(
        attrs.evolve(level, amount=D(value)) if level.side is gate.side else level
        for level in wanted.order_override
    )
    return view, attrs.evolve(wanted, order_override=levels), state


def more(currency: str) -> Change:
    def change(situation: Situation, value: str, _gate: Gate) -> Situation:
        view, wanted, state = situation
        held = {c: b.available for c, b in view.balances.items()}
        given = {c: amount + (D(value) if c == currency else 0) for c, amount in held.items()}
        now = balances(*(str(given[c]) for c in sorted(given)))
        return attrs.evolve(view, balances=now), wanted, state

    return change


def best_bid(situation: Situation, value: str, _gate: Gate) -> Situation:
    view, wanted, state = situation
    return attrs.evolve(view, top=a_top(value, D(value) + 1)), wanted, state


def mid_price(situation: Situation, value: str, _gate: Gate) -> Situation:
    view, wanted, state = situation
    top = a_top(D(value) - D("0.01"), D(value) + D("0.01"))
    return attrs.evolve(view, top=top), wanted, state


CHANGES: dict[str, Change] = {
    "price_ceiling": setting("price_ceiling"),
    "price_floor": setting("price_floor"),
    "price_age_max": setting("price_age_max"),
    "inventory_target_base_pct": target,
    "ping_pong_enabled": wanting("ping_pong_enabled", value=False),
    "inventory_price": wanting("inventory_price", value=D(90)),
    "quantity": quantity,
    "available USDT": more("USDT"),
    "available DOGE": more("DOGE"),
    "best bid": best_bid,
    "reference price": mid_price,
}
STEPS = {
    "price_ceiling": "-0.01",
    "price_floor": "0.01",
    "moving_ceiling": "0.01",
    "moving_floor": "-0.01",
    "price_lapsed": "-0.1",
    "quantity_too_small": "-0.001",
    "budget": "-1",
    "budget_shrunk": "-0.01",
    "would_cross": "0.01",
    "trading_rule": "-0.01",
}


def situation_of(case: Case) -> tuple[Situation, Gate, Remedy]:
    situation = case.decide()
    gate = gates_of(situation)[case.code]
    return situation, gate, opening(gate, situation[0].instrument)


FIGURES = [
    code
    for code, case in BY_CODE.items()
    if code not in {"fill_delay", "refresh_running"} and situation_of(case)[2].what
]


@pytest.mark.parametrize("code", FIGURES)
def test_the_smallest_change_opens_the_gate(code: str) -> None:
    situation, gate, change = situation_of(BY_CODE[code])
    assert change.value in change.words
    opened = CHANGES[change.what](situation, change.value, gate)
    assert code not in gates_of(opened)


@pytest.mark.parametrize("code", STEPS)
def test_a_step_less_than_the_smallest_change_does_not(code: str) -> None:
    situation, gate, change = situation_of(BY_CODE[code])
    short = f"{D(change.value) + D(STEPS[code])}"
    still = gates_of(CHANGES[change.what](situation, short, gate))
    # What is short of money by a little is made smaller instead of dropped.
    assert {code, "budget_shrunk"} & set(still)


def test_every_gate_with_a_figure_is_tried() -> None:
    assert set(FIGURES) == {
        *("price_ceiling", "price_floor", "moving_ceiling", "moving_floor", "price_lapsed"),
        *("ping_pong", "inventory_skew", "inventory_cost_unknown", "quantity_too_small"),
        *("budget", "budget_shrunk", "would_cross", "trading_rule"),
    }


def test_timers_open_at_their_moment_and_a_little_before_it_they_do_not() -> None:
    for code in ("fill_delay", "refresh_running"):
        view, wanted, state = BY_CODE[code].decide()
        state = msgspec.structs.replace(state, create_at=105.0)
        gate = gates_of((view, wanted, state))[code]
        assert gate.opens_at is not None
        assert code not in gates_of((attrs.evolve(view, now=gate.opens_at), wanted, state))
        assert code in gates_of((attrs.evolve(view, now=gate.opens_at - 0.01), wanted, state))
        assert opening(gate, view.instrument).words == "time alone opens it"


def test_a_window_opens_at_its_moment() -> None:
    view, wanted, state = BY_CODE["outside_trading_window"].decide()
    gate = gates_of((view, wanted, state))["outside_trading_window"]
    assert gate.opens_at is not None
    passed = gate.opens_at - view.now
    assert view.unix_s is not None
    later = attrs.evolve(view, now=gate.opens_at, unix_s=view.unix_s + passed)
    assert gates_of((later, wanted, state)) == {}


def test_a_source_that_gives_a_price_opens_the_gate_of_an_unknown_one() -> None:
    view, wanted, state = BY_CODE["price_unknown"].decide()
    gate = gates_of((view, wanted, state))["price_unknown"]
    assert opening(gate, view.instrument).words == "the source has to give a price"
    known = attrs.evolve(wanted, price_source=PriceSource.CURRENT_MARKET)
    assert gates_of((view, known, state)) == {}


def test_whatever_the_gate_there_is_a_word_on_what_opens_it() -> None:
    for code in ("orders_working", "cancel_pending", "order_unknown", "no_level", "unheard_of"):
        gate = Gate(code=code, side=Side.BUY, sentence="why")
        assert opening(gate, a_view().instrument).words
