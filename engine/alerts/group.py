"""The part of the tree that tells a person; given up when it fails too often, and nothing else."""

import attrs

from actors.ports.ports import Latest
from actors.watch.alerts import AlertsActor
from config.load.alert_addresses import AlertAddresses
from config.settings import Settings
from engine.alerts.messengers import ProcessMessenger
from engine.alerts.observing import Observer
from engine.environment.world import World
from engine.logs.ear import Ear
from engine.supervision.policy import Restart, RestartStrategy
from engine.supervision.tree import ChildSpec, SupervisorSpec
from engine.views.status import ReadTree
from engine.wiring.wires import Wires
from trading.alerts.heard import KINDS
from trading.alerts.quiet import QuietHours


def telling_world(world: World, addresses: AlertAddresses) -> World:
    """The world with a messenger for each destination, and an ear for the log."""
    if not addresses.secrets:
        return world
    return attrs.evolve(
        world,
        messengers=tuple(ProcessMessenger(address=address) for address in addresses.to),
        heartbeat=addresses.heartbeat,
        ear=Ear(KINDS),
    )


def alerts_group(
    settings: Settings, world: World, wires: Wires, supervision: Latest[ReadTree]
) -> tuple[SupervisorSpec, ...]:
    """The actors of ``[alerts]``; none where it names no destination."""
    children: list[ChildSpec] = []
    if world.messengers:
        quiet = settings.alerts.quiet_hours
        actor = AlertsActor(
            book=wires.alerts,
            observe=Observer(
                wires=wires, supervision=supervision, wall_clock=world.wall_clock, ear=world.ear
            ),
            wall_clock=world.wall_clock,
            engine=settings.engine.name,
            messengers=world.messengers,
            terms=settings.alerts.terms,
            quiet=None if quiet is None else QuietHours(quiet.start, quiet.end),
        )
        children.append(ChildSpec(name="messages", actor=actor))
    if world.heartbeat is not None:
        children.append(_heartbeat(settings, world, wires, world.heartbeat.reveal()))
    if not children:
        return ()
    return (
        SupervisorSpec(
            name="alerts",
            strategy=RestartStrategy.ONE_FOR_ONE,
            restart=Restart.TEMPORARY,
            children=tuple(children),
        ),
    )


def _heartbeat(settings: Settings, world: World, wires: Wires, url: str) -> ChildSpec:
    # Most engines have none, and reading an address takes memory.
    from engine.alerts.heartbeats import heartbeat  # noqa: PLC0415

    actor = heartbeat(url, world.network, wires.alerts, every_s=settings.alerts.heartbeat_s)
    return ChildSpec(name="heartbeat", actor=actor)
