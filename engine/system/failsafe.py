"""What is done about a component of readiness that is missing for too long."""

import contextlib
from collections.abc import Mapping

import attrs
import trio

from actors.ports.ports import Latest
from actors.ports.retry import Retried, Retry
from actors.watch.initialisation import InitialisationActor
from config.settings import Settings
from engine.supervision.tree import ChildSpec, SupervisorSpec
from engine.views.status import ReadTree
from engine.wiring.owners import child_named, owner_of
from engine.wiring.wires import Wires
from trading.readiness.lease import Component, Missing

_NOT_RETRIED: Mapping[Component, str] = {
    # A commit that has begun is not abandoned: ending the ledger would end the engine with it.
    Component.LEDGER: "nothing: the ledger waits for its disk",
    # It asks the venue's lists again and again by itself, as soon as there is a stream.
    Component.RECONCILED: "nothing: the order gateway keeps comparing by itself",
}


def retries_of(wires: Wires) -> dict[str, Retry]:
    """A way to have each child begin anew that knows a component and may be retried."""
    return {
        owner_of(component, name, port.pair).child: Retry()
        for name, port in wires.strategies.items()
        for component in Component
        if component not in _NOT_RETRIED
    }


def retried(spec: SupervisorSpec, retries: Mapping[str, Retry]) -> SupervisorSpec:
    """The same tree, with those actors within reach of their retries."""
    children: list[ChildSpec | SupervisorSpec] = []
    for child in spec.children:
        if isinstance(child, SupervisorSpec):
            children.append(retried(child, retries))
        elif (retry := retries.get(child.name)) is not None:
            children.append(attrs.evolve(child, actor=Retried(child.actor, retry)))
        else:
            children.append(child)
    return attrs.evolve(spec, children=tuple(children))


def failsafe(
    settings: Settings,
    wires: Wires,
    retries: Mapping[str, Retry],
    supervision: Latest[ReadTree],
) -> ChildSpec:
    """
    The child that has asked anew for what is missing.

    Args:
        retries: How to have a child begin anew, by its name.
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
    """Finds whom to ask, and asks in the way that disturbs the others least."""

    wires: Wires
    retries: Mapping[str, Retry]
    supervision: Latest[ReadTree]

    def ask_anew(self, what: Missing, reason: str) -> str:
        if (instead := _NOT_RETRIED.get(what.component)) is not None:
            return instead
        if what.component is Component.TRADING_RULES and self._another_stands(what.component):
            # Whoever knows has the list, and begun anew it would take the others' quotes away.
            return "nothing: trading rules looks at the venue's list again by itself"
        if what.component is Component.ORDER_BOOK and self._another_stands(what.component):
            # A restart takes every book with it; a fresh snapshot only this one.
            return self._fresh_snapshot(what)
        child = owner_of(what.component, what.strategy, what.pair).child
        if self.retries[child].ask(reason):
            return f"{child}, from the beginning"
        return f"{child}, by its supervisor"

    def last_error(self, what: Missing) -> str:
        read = self.supervision.peek()
        tree = None if read is None else read(trio.current_time())
        owner = owner_of(what.component, what.strategy, what.pair)
        child = child_named(tree, owner.child)
        return "" if child is None else child.last_cause

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
