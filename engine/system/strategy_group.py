"""The strategies' part of the tree: one child each, isolated from each other."""

from actors.strategy import StrategyActor
from engine.environment.world import World
from engine.supervision.policy import Restart, RestartStrategy
from engine.supervision.tree import ChildSpec, SupervisorSpec, Vouch
from engine.wiring.wires import StrategyPorts, Wires
from trading.core.identifiers import StrategyName
from trading.readiness.lease import Component


def strategy_group(wires: Wires, world: World) -> SupervisorSpec:
    """
    All strategies.

    Where there are several, each has a supervisor of its own that is given up alone when its
    strategy fails too often: the others quote on. A single one that fails so often ends the engine,
    as there is nothing left to do, and a new order gateway would not help.
    """
    children: list[ChildSpec | SupervisorSpec] = [
        _child(name, port, wires, world) for name, port in wires.strategies.items()
    ]
    several = len(children) > 1
    if several:
        children = [_alone(child) for child in children]
    return SupervisorSpec(
        name="strategies",
        strategy=RestartStrategy.ONE_FOR_ONE,
        children=tuple(children),
        ends_all=not several,
    )


def _alone(child: ChildSpec | SupervisorSpec) -> SupervisorSpec:
    return SupervisorSpec(
        name=f"only {child.name}",
        strategy=RestartStrategy.ONE_FOR_ONE,
        restart=Restart.TEMPORARY,
        children=(child,),
    )


def _child(name: StrategyName, port: StrategyPorts, wires: Wires, world: World) -> ChildSpec:
    actor = StrategyActor(
        name=name,
        pair=port.pair,
        config=port.config,
        readiness=port.readiness,
        top=port.top,
        account=wires.account,
        held=wires.held,
        instrument=port.instrument,
        working=port.working,
        bell=port.bell,
        freed=port.freed,
        instructions=wires.instructions.send,
        decision=port.decision,
        clock=port.clock,
        facts=wires.facts,
        trades=wires.last_trades[port.pair],
        other_market=port.other_market,
        custom_price=port.custom_price,
        performance=port.performance,
        wall_clock=world.wall_clock,
        tap=wires.tap,
    )
    running = Vouch(Component.STRATEGY_RUNNING, "the strategy's start", name)
    return ChildSpec(name=f"strategy {name}", actor=actor, vouches_for=(running,))
