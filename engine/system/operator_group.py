"""The operator's part of the tree: kill switch, metrics, and the socket for commands."""

from collections.abc import Callable
from typing import Any

import msgspec
import trio

from actors.ports.lossless import Lossless
from actors.ports.ports import Latest
from actors.watch.kill_switch import KillSwitchActor
from actors.watch.meter import MeterActor
from actors.watch.operator_socket import OperatorSocketActor
from config.settings import Settings
from engine.control.operator_desk import OperatorDesk
from engine.control.protocol import REQUEST_LENGTH_MAX
from engine.control.reloading import Reloader
from engine.environment.state_folder import socket_name
from engine.environment.world import World
from engine.supervision.policy import Restart, RestartLimit, RestartStrategy
from engine.supervision.tree import ChildSpec, SupervisorSpec
from engine.views.status import ReadTree, Watched, status
from engine.wiring.wires import Wires

_LIMIT = RestartLimit(20, 60.0)  # as long as it works at all it is there


def kill_switch(wires: Wires) -> ChildSpec:
    """The kill switch; it starts before the actors that trade."""
    switch = KillSwitchActor(
        orders=wires.operator.receive,
        breach=wires.breach,
        remembered=wires.remembered,
        halt=wires.halt,
        ledger=wires.ledger.send,
        flat=wires.flat,
        working={name: port.working for name, port in wires.strategies.items()},
        bell=wires.halt_bell,
    )
    return ChildSpec(name="kill switch", actor=switch)


def operator_group(
    settings: Settings,
    world: World,
    watched: Watched,
    reloader: Reloader,
    supervision: Latest[ReadTree],
    given_up_before: tuple[SupervisorSpec, ...] = (),
) -> SupervisorSpec:
    """
    The meter and the socket for commands.

    It is temporary: trading goes on without it.

    Args:
        given_up_before: The session's recorder and who tells a person, where there are any; given
            up before the others.
    """
    meter = MeterActor(
        meters=watched.wires.meters,
        depths={name: _depth(wire) for name, wire in watched.wires.mailboxes().items()},
        counts={
            **{name: _sent(wire) for name, wire in watched.wires.mailboxes().items()},
            **{name: _shown(slot) for name, slot in watched.wires.slots().items()},
        },
    )
    desk = OperatorDesk(
        reloader=reloader, watched=watched, supervision=supervision, wall_clock=world.wall_clock
    )
    server = OperatorSocketActor(
        local=world.local,
        name=socket_name(settings.engine),
        answer=desk.answer,
        line_length_max=REQUEST_LENGTH_MAX,
    )
    return SupervisorSpec(
        name="operator",
        strategy=RestartStrategy.ONE_FOR_ONE,
        restart=Restart.TEMPORARY,
        limit=_LIMIT,
        children=(
            ChildSpec(name="meter", actor=meter),
            ChildSpec(name="operator socket", actor=server),
            *_metrics(settings, world, watched, supervision),
            *given_up_before,
        ),
    )


def _metrics(
    settings: Settings, world: World, watched: Watched, supervision: Latest[ReadTree]
) -> tuple[SupervisorSpec, ...]:
    """The metrics server for Prometheus, if configured; the first child that is given up."""
    port = settings.engine.metrics_port
    if port is None:
        return ()

    from actors.watch.metrics_server import MetricsServerActor  # noqa: PLC0415  # as below
    from engine.views.metrics import CONTENT_TYPE, metrics_text  # noqa: PLC0415  # most have no port

    def read() -> bytes:
        seen = msgspec.structs.replace(watched, tree=supervision.peek())
        return metrics_text(status(seen, trio.current_time()))

    server = MetricsServerActor(
        network=world.network, port=port, read=read, content_type=CONTENT_TYPE
    )
    return (
        SupervisorSpec(
            name="metrics",
            strategy=RestartStrategy.ONE_FOR_ONE,
            restart=Restart.TEMPORARY,
            children=(ChildSpec(name="metrics server", actor=server),),
        ),
    )


def _depth(wire: Lossless[Any]) -> Callable[[], int]:
    return lambda: wire.receive.statistics().current_buffer_used


def _sent(wire: Lossless[Any]) -> Callable[[], int]:
    return lambda: wire.count.sent


def _shown(slot: Latest[Any]) -> Callable[[], int]:
    return lambda: slot.puts
