"""
Readiness as a lease: a fold over facts that must be renewed, never a latch and never forced.

Five components are what market makers know from Hummingbot; the others are ours.
"""

import math
from collections.abc import Mapping

import msgspec

from trading.core.enumeration import TableKey
from trading.core.identifiers import Pair, StrategyName


class Component(TableKey):
    SYMBOLS_MAPPING = "symbols_mapping_initialized"
    ORDER_BOOK = "order_books_initialized"
    ACCOUNT_BALANCE = "account_balance"
    TRADING_RULES = "trading_rule_initialized"
    USER_STREAM = "user_stream_initialized"
    CLOCK = "clock_offset_known"
    LEDGER = "ledger_writable"
    RECONCILED = "orders_reconciled"
    VENUE_ONLINE = "venue_online"
    STRATEGY_RUNNING = "strategy_running"


INITIALISATION = (
    Component.SYMBOLS_MAPPING,
    Component.ORDER_BOOK,
    Component.ACCOUNT_BALANCE,
    Component.TRADING_RULES,
    Component.USER_STREAM,
)
"""The components that Hummingbot has too; none stands before the venue has answered."""

Scope = Pair | StrategyName | None
"""What a fact is about: one pair, one strategy, or everything."""

FactKey = tuple[Component, Scope]


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    What an actor knows about one component, with evidence and an end.

    A struct, for each change of a book makes one.

    Args:
        holds: Whether it is in order.
        evidence: Why: what was seen, or what is missing, in words.
        observed_at: Monotonic seconds.
        valid_until: Monotonic seconds at which it lapses unless renewed.
        since: Monotonic seconds from which on it has held, or has not, whatever the evidence.
    """

    component: Component
    scope: Scope = None
    holds: bool
    evidence: str
    observed_at: float
    valid_until: float = math.inf
    since: float

    @property
    def key(self) -> FactKey:
        return (self.component, self.scope)

    def standing(self, now: float) -> bool:
        """Whether it holds and has not lapsed."""
        return self.holds and now < self.valid_until

    def since_at(self, now: float) -> float:
        """Monotonic seconds from which on it has been as it is at ``now``: a lapse is a change."""
        return self.valid_until if self.holds and not self.standing(now) else self.since

    def renews(self, before: "Fact | None") -> bool:
        """Whether it held all the time, and only lasts longer now."""
        return (
            before is not None
            and self.holds
            and before.standing(self.observed_at)
            and self.valid_until >= before.valid_until
        )


def in_force_since(before: Fact | None, now: float, *, holds: bool) -> float:
    """Monotonic seconds from which on it has been as it is ``now``, knowing the fact before."""
    if before is None or before.standing(now) != holds:
        return now
    return before.since_at(now)


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """
    A component of a strategy that is missing.

    Args:
        since: Monotonic seconds.
        evidence: What was said of it last.
    """

    component: Component
    strategy: StrategyName
    pair: Pair
    since: float
    evidence: str


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whether one strategy may quote, and why not.

    Args:
        standing: The components that hold now, with the evidence.
        missing: Every other component, with the reason in words.
        valid_until: Monotonic seconds at which the first of the standing facts lapses.
    """

    strategy: StrategyName
    pair: Pair
    standing: Mapping[Component, str]
    missing: Mapping[Component, str]
    valid_until: float

    @property
    def ready(self) -> bool:
        return not self.missing

    @property
    def reasons(self) -> str:
        """What is missing, in one sentence; empty when nothing is."""
        return "; ".join(f"{component.value}: {why}" for component, why in self.missing.items())

    def holds_at(self, now: float) -> bool:
        """Whether the lease runs: readers ask at the moment of use, not only on news."""
        return self.ready and now < self.valid_until

    @property
    def count(self) -> str:
        """How many of all components stand: ``8/10``."""
        return f"{len(self.standing)}/{len(Component)}"


class Milestones(msgspec.Struct, frozen=True, kw_only=True):
    """
    How long after the engine's start things first were in order, in seconds.

    Args:
        components: Each that ever stood.
        ready: All of them at once; ``None`` while that never was.
    """

    components: Mapping[Component, float] = msgspec.field(default_factory=dict)
    ready: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the venue ever answered anything."""
        return any(component in self.components for component in INITIALISATION)

    @property
    def count(self) -> str:
        """How many of all components ever stood: ``8/10``."""
        return f"{len(self.components)}/{len(Component)}"

    def extended(self, readiness: Readiness, after_s: float) -> "Milestones":
        """With whatever stands for the first time."""
        reached = {
            component: self.components.get(component, after_s)
            for component in Component
            if component in self.components or component in readiness.standing
        }
        ready = after_s if self.ready is None and readiness.ready else self.ready
        return Milestones(components=reached, ready=ready)


def assess(
    facts: Mapping[FactKey, Fact], strategy: StrategyName, pair: Pair, now: float
) -> Readiness:
    """Fold what is known into one strategy's readiness at ``now``."""
    standing: dict[Component, str] = {}
    missing: dict[Component, str] = {}
    valid_until = math.inf
    for component in Component:
        fact = fact_about(facts, component, strategy, pair)
        if fact is None:
            missing[component] = "nothing heard yet"
        elif fact.standing(now):
            standing[component] = fact.evidence
            valid_until = min(valid_until, fact.valid_until)
        elif fact.holds:
            # The same words at every look: a reason that counts seconds would be news each time.
            lease_s = fact.valid_until - fact.observed_at
            missing[component] = f"not renewed within {lease_s:g} s: {fact.evidence}"
        else:
            missing[component] = fact.evidence
    return Readiness(
        strategy=strategy,
        pair=pair,
        standing=standing,
        missing=missing,
        valid_until=valid_until,
    )


def what_is_missing(
    facts: Mapping[FactKey, Fact],
    strategy: StrategyName,
    pair: Pair,
    began_at: float,
    now: float,
) -> tuple[Missing, ...]:
    """
    What one strategy misses at ``now``, and since when.

    Args:
        began_at: Monotonic seconds from which on nothing has been heard of the others.
    """
    found = []
    for component in Component:
        fact = fact_about(facts, component, strategy, pair)
        if fact is not None and fact.standing(now):
            continue
        found.append(
            Missing(
                component=component,
                strategy=strategy,
                pair=pair,
                since=began_at if fact is None else fact.since_at(now),
                evidence="nothing heard yet" if fact is None else fact.evidence,
            )
        )
    return tuple(found)


def fact_about(
    facts: Mapping[FactKey, Fact], component: Component, strategy: StrategyName, pair: Pair
) -> Fact | None:
    """
    The fact about one component that holds for a strategy on its pair; ``None`` without one.

    Of facts for everything, for the pair and for the strategy, the one that does not hold counts,
    or else the one that lapses first.
    """
    found = [
        fact
        for scope in (None, pair, strategy)
        if (fact := facts.get((component, scope))) is not None
    ]
    if len(found) > 1:
        return min(found, key=lambda fact: (fact.holds, fact.valid_until))
    return found[0] if found else None
