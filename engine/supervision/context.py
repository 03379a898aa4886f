"""The state that all supervisors of one tree share."""

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
    The nursery of all lives of a tree, and those that did not stop in time.

    Args:
        nursery: Every life of the tree is a task of the root's nursery: a supervisor below can
            end while one of its children does not.
        overdue: Lives that did not stop in time, each with its event.
    """

    observe: Observer
    random: Random
    on_leak: OnLeak
    nursery: trio.Nursery | None = None
    overdue: list[tuple[Life, LifeEvent]] = attrs.field(factory=list)

    def leaked(self) -> list[LifeEvent]:
        """The overdue lives that still run."""
        return [event for life, event in self.overdue if not life.ended.is_set()]
