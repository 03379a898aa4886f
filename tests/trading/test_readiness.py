"""Readiness: a lease of facts, folded anew at each look."""

import math

import pytest
from msgspec.structs import replace

from tests.trading.builders import PAIR, STRATEGY
from trading.core.identifiers import Pair, StrategyName
from trading.readiness.lease import (
    Component,
    Fact,
    FactKey,
    Milestones,
    Readiness,
    Scope,
    assess,
)

SCOPES: dict[Component, Scope] = {
    Component.SYMBOLS_MAPPING: None,
    Component.ORDER_BOOK: PAIR,
    Component.ACCOUNT_BALANCE: None,
    Component.TRADING_RULES: PAIR,
    Component.USER_STREAM: None,
    Component.CLOCK: None,
    Component.LEDGER: None,
    Component.RECONCILED: None,
    Component.VENUE_ONLINE: None,
    Component.STRATEGY_RUNNING: STRATEGY,
}


def a_fact(component: Component, valid_until: float = math.inf) -> Fact:
    return Fact(
        component=component,
        scope=SCOPES[component],
        holds=True,
        evidence=f"saw {component.value}",
        observed_at=1.0,
        valid_until=valid_until,
        since=1.0,
    )


def all_facts() -> dict[FactKey, Fact]:
    return {fact.key: fact for fact in map(a_fact, Component)}


def looked_at(
    facts: dict[FactKey, Fact],
    now: float = 2.0,
    strategy: StrategyName = STRATEGY,
    pair: Pair = PAIR,
) -> Readiness:
    return assess(facts, strategy, pair, now)


def test_all_facts_make_ready() -> None:
    readiness = looked_at(all_facts())
    assert readiness.ready
    assert readiness.holds_at(1e12)
    assert readiness.count == "10/10"
    assert readiness.reasons == ""
    assert set(readiness.standing) == set(Component)


def test_nothing_known_is_not_ready_and_names_every_component() -> None:
    readiness = looked_at({})
    assert not readiness.ready
    assert not readiness.holds_at(0.0)
    assert readiness.count == "0/10"
    assert set(readiness.missing) == set(Component)
    assert "order_books_initialized: nothing heard yet" in readiness.reasons


@pytest.mark.parametrize("component", Component)
def test_one_missing_component_is_enough(component: Component) -> None:
    facts = all_facts()
    del facts[component, SCOPES[component]]
    assert list(looked_at(facts).missing) == [component]


@pytest.mark.parametrize("component", Component)
def test_one_revoked_fact_is_enough_and_gives_its_reason(component: Component) -> None:
    facts = all_facts()
    fact = replace(a_fact(component), holds=False, evidence="the feed is gone")
    readiness = looked_at({**facts, fact.key: fact})
    assert readiness.missing == {component: "the feed is gone"}
    assert readiness.reasons == f"{component.value}: the feed is gone"


@pytest.mark.parametrize("component", Component)
def test_a_fact_lapses_unless_it_is_renewed(component: Component) -> None:
    facts = all_facts()
    fact = a_fact(component, valid_until=5.0)
    facts[fact.key] = fact
    held = looked_at(facts, 4.999)
    assert held.ready
    assert held.valid_until == 5.0
    assert held.holds_at(4.999)
    assert not held.holds_at(5.0)
    lapsed = looked_at(facts, 5.0)
    assert list(lapsed.missing) == [component]
    reason = lapsed.missing[component]
    assert reason.startswith("not renewed")
    assert reason.endswith(f"saw {component.value}")


def test_readiness_lasts_as_long_as_the_first_fact_to_lapse() -> None:
    facts = all_facts()
    for component, until in ((Component.ORDER_BOOK, 9.0), (Component.USER_STREAM, 7.0)):
        facts[component, SCOPES[component]] = a_fact(component, until)
    assert looked_at(facts).valid_until == 7.0


def test_facts_about_another_pair_or_strategy_prove_nothing() -> None:
    other_pair = looked_at(all_facts(), pair=Pair("BTCZAR"))
    assert set(other_pair.missing) == {Component.ORDER_BOOK, Component.TRADING_RULES}
    other_strategy = looked_at(all_facts(), strategy=StrategyName("other"))
    assert set(other_strategy.missing) == {Component.STRATEGY_RUNNING}


# Milestones.


def test_milestones_keep_the_first_time_each_component_stood() -> None:
    facts = all_facts()
    some = {key: fact for key, fact in facts.items() if key[0] is not Component.ORDER_BOOK}
    early = Milestones().extended(looked_at(some), 0.5)
    assert Component.ORDER_BOOK not in early.components
    assert set(early.components.values()) == {0.5}
    assert early.count == "9/10"
    assert early.ready is None
    later = early.extended(looked_at(facts), 1.25)
    assert later.components[Component.ORDER_BOOK] == 1.25
    assert later.components[Component.USER_STREAM] == 0.5
    assert later.ready == 1.25


def test_milestones_survive_what_comes_after() -> None:
    reached = Milestones().extended(looked_at(all_facts()), 0.5)
    assert reached.extended(looked_at({}), 9.0) == reached
    assert reached.extended(looked_at(all_facts()), 10.0) == reached


def test_readiness_needs_everything_at_once_and_not_one_after_the_other() -> None:
    milestones = Milestones()
    for after_s, component in enumerate(Component):
        fact = a_fact(component)
        milestones = milestones.extended(looked_at({fact.key: fact}), float(after_s))
    assert milestones.count == "10/10"
    assert milestones.ready is None


def test_the_venue_is_reached_once_it_has_answered_anything() -> None:
    ours = (Component.LEDGER, Component.STRATEGY_RUNNING)
    facts = [a_fact(component) for component in ours]
    alone = Milestones().extended(looked_at({fact.key: fact for fact in facts}), 0.5)
    assert alone.count == "2/10"
    assert not alone.reached
    facts.append(a_fact(Component.SYMBOLS_MAPPING))
    assert alone.extended(looked_at({fact.key: fact for fact in facts}), 1.0).reached
