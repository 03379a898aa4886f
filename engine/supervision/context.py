"""What all supervisors of one tree share."""

from collections.abc import Callable, Sequence
from random import Random

import attrs
import trio

from engine.supervision.child import Life
from engine.supervision.events import LifeEvent

Observer = Callable[[LifeEvent], None]
OnLeak = Callable[[Sequence[LifeEvent]], None]


def wait_for_leaked(leaked: Sequence[LifeEvent]) -> None:
    """
    Do nothing: the root ends once the leaked lives have ended after all: trio drops no task.

    A child that never ends can only be left behind by ending the process, as the engine does.
    """


@attrs.define(eq=False, kw_only=True)
class SupervisionContext:
    """
    Where all lives of a tree are at home.

    Args:
        nursery: Every life of the tree is a task of the root's nursery: a supervisor below can
            end while one of its children does not.
        overdue: Lives that did not stop in time, with what was told of them.
    """

    observe: Observer
    random: Random
    on_leak: OnLeak
    nursery: trio.Nursery | None = None
    overdue: list[tuple[Life, LifeEvent]] = attrs.field(factory=list)

    def leaked(self) -> list[LifeEvent]:
        """Of the lives that are overdue, those that still run."""
        return [event for life, event in self.overdue if not life.ended.is_set()]
