"""The failsafe: renews a component of readiness that is missing for too long."""

import contextlib
from collections.abc import Mapping

import attrs
import trio

from actors.ports.ports import Latest
from actors.ports.retry import Retried, Retry
from actors.watch.initialisation import InitialisationActor
from config.settings import Settings
from engine.supervision.events import ChildStatus
from engine.supervision.tree import ChildSpec, SupervisorSpec
from engine.views.status import ReadTree
from engine.wiring.wires import Wires
from trading.readiness.lease import Component, Missing

_INSTEAD: Mapping[Component, str] = {
    Component.LEDGER: "nothing: the ledger waits for its disk",
    Component.RECONCILED: "nothing: the order gateway keeps comparing by itself",
}
"""The remedies for components whose child may not be restarted."""


class Retries:
    """Ways to restart children that establish a fact, by the child's name."""

    def __init__(self) -> None:
        self._retries: dict[str, Retry] = {}

    def ask(self, child: str, reason: str) -> bool:
        """End a child's present life; whether there was one."""
        return self._retries[child].ask(reason)

    def within(self, spec: SupervisorSpec) -> SupervisorSpec:
        """The same tree, with each such child restartable."""
        children: list[ChildSpec | SupervisorSpec] = []
        for child in spec.children:
            if isinstance(child, SupervisorSpec):
                children.append(self.within(child))
            elif any(vouch.may_begin_anew for vouch in child.vouches_for):
                retry = self._retries[child.name] = Retry()
                children.append(attrs.evolve(child, actor=Retried(child.actor, retry)))
            else:
                children.append(child)
        return attrs.evolve(spec, children=tuple(children))


def failsafe(
    settings: Settings,
    wires: Wires,
    retries: Retries,
    supervision: Latest[ReadTree],
) -> ChildSpec:
    """
    The child that asks anew for missing components.

    Args:
        retries: To restart a child.
    """
    desk = _Failsafe(wires=wires, retries=retries, supervision=supervision)
    actor = InitialisationActor(
        facts=wires.facts,
        stopping=wires.stopping,
        pairs={name: port.pair for name, port in wires.strategies.items()},
        ask_anew=desk.ask_anew,
        last_error=desk.last_error,
        began_at=trio.current_time(),
        deadline_s=settings.engine.initialisation_deadline_s,
    )
    return ChildSpec(name="initialisation", actor=actor)


@attrs.frozen(kw_only=True)
class _Failsafe:
    """Finds the child to restart or ask, in the way that disturbs the others least."""

    wires: Wires
    retries: Retries
    supervision: Latest[ReadTree]

    def ask_anew(self, what: Missing, reason: str) -> str:
        if (instead := _INSTEAD.get(what.component)) is not None:
            return instead
        if what.component is Component.TRADING_RULES and self._another_stands(what.component):
            # The child has the list already, and its restart would stop the quotes of the others.
            return "nothing: trading rules looks at the venue's list again by itself"
        if what.component is Component.ORDER_BOOK and self._another_stands(what.component):
            # A restart takes every book with it; a fresh snapshot only this one.
            return self._fresh_snapshot(what)
        child = self._child(what)
        assert child is not None, "each component has a child that vouches for it"
        if self.retries.ask(child.name, reason):
            return f"{child.name}, from the beginning"
        return f"{child.name}, by its supervisor"

    def last_error(self, what: Missing) -> str:
        child = self._child(what)
        return "" if child is None else child.last_cause

    def _child(self, what: Missing) -> ChildStatus | None:
        read = self.supervision.peek()
        tree = None if read is None else read(trio.current_time())
        vouching = tree and tree.vouching(what.component, what.strategy, what.pair)
        return vouching[0] if vouching else None

    def _another_stands(self, wanted: Component) -> bool:
        now = trio.current_time()
        return any(
            fact.standing(now)
            for (component, _), fact in self.wires.facts.facts.items()
            if component is wanted
        )

    def _fresh_snapshot(self, what: Missing) -> str:
        with contextlib.suppress(trio.WouldBlock):  # then it has been asked for already
            self.wires.renewals.send.send_nowait(what.pair)
        return f"a fresh snapshot of {what.pair}"
