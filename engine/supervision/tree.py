"""The supervision tree as a value: supervisors and children, their order and deadlines."""

import math
from collections.abc import Iterator

import attrs
from attrs import validators

from actors.ports.ports import Actor
from engine.supervision.policy import Backoff, Policy, Restart, RestartLimit, RestartStrategy
from trading.core.identifiers import StrategyName
from trading.readiness.lease import Component, FactKey, Scope

_GROUP_STOP_MARGIN_S = 1.0
"""The time that a supervisor may take to stop beyond its children's own deadlines."""


@attrs.frozen
class Vouch:
    """
    A fact of readiness that a child establishes.

    Args:
        scope: The pair or strategy that it is about; ``None`` for all.
        waits_for: The news that the child needs first, in words.
        ends_with_life: Whether the fact is revoked when a life of the child is over; otherwise it
            stands until it lapses.
        may_begin_anew: Whether ending the child's life is a way to have the fact established.
    """

    component: Component
    waits_for: str
    scope: Scope = None
    ends_with_life: bool = attrs.field(default=True, kw_only=True)
    may_begin_anew: bool = attrs.field(default=True, kw_only=True)

    @property
    def fact(self) -> FactKey:
        return (self.component, self.scope)


@attrs.frozen(kw_only=True)
class ChildSpec:
    """
    An actor and how it is supervised.

    Args:
        vouches_for: The facts of readiness that it establishes.
        fetches_price_for: The strategy that quotes around the price that it fetches, if any.
        start_deadline_s: Seconds it may take to call ``started()``; later is a defect.
        stop_deadline_s: Seconds it may take to end once cancelled, its last will included.
    """

    name: str = attrs.field(validator=validators.min_len(1))
    actor: Actor
    restart: Restart = Restart.PERMANENT
    vouches_for: tuple[Vouch, ...] = ()
    fetches_price_for: StrategyName | None = None
    start_deadline_s: float = attrs.field(default=10.0, validator=validators.gt(0))
    stop_deadline_s: float = attrs.field(default=5.0, validator=validators.gt(0))


@attrs.frozen(kw_only=True)
class SupervisorSpec:
    """
    A supervisor: a child like any other, with children of its own.

    Args:
        children: Started in this order, stopped in reverse: those that others depend on come first.
        restart: Whether its own supervisor starts it again when it has given up.
        limit: How many defects of its children it forgives.
        ends_all: Whether the whole tree stops when it has given up: without its children there is
            nothing to do, and restarting all those above would not help.

    Raises:
        ValueError: There are no children, or two of one name.
    """

    name: str = attrs.field(validator=validators.min_len(1))
    strategy: RestartStrategy
    children: "tuple[ChildSpec | SupervisorSpec, ...]" = attrs.field(
        validator=validators.min_len(1)
    )
    restart: Restart = Restart.PERMANENT
    limit: RestartLimit = RestartLimit()
    backoff: Backoff = Backoff()
    ends_all: bool = False

    def __attrs_post_init__(self) -> None:
        names = [child.name for child in self.children]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"children of {self.name!r} share a name: {', '.join(twice)}")

    @property
    def start_deadline_s(self) -> float:
        """No deadline of its own: each of its children has one."""
        return math.inf

    @property
    def stop_deadline_s(self) -> float:
        """
        Long enough for every child to use up its own, one after the other.

        An actor may get its deadline twice, where the loop stood still at the first.
        """
        return _GROUP_STOP_MARGIN_S + sum(
            child.stop_deadline_s * (1 if isinstance(child, SupervisorSpec) else 2)
            for child in self.children
        )

    def leaves(self) -> "Iterator[ChildSpec]":
        """Every actor below, at any depth."""
        for child in self.children:
            if isinstance(child, SupervisorSpec):
                yield from child.leaves()
            else:
                yield child

    @property
    def policy(self) -> Policy:
        return Policy(
            strategy=self.strategy,
            children=tuple(child.name for child in self.children),
            limit=self.limit,
            backoff=self.backoff,
        )
