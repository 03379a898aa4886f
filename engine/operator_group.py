"""The parts of the tree that serve whoever watches and commands the engine."""

from collections.abc import Callable
from typing import Any

from actors.kill_switch import KillSwitchActor
from actors.meter import MeterActor
from actors.operator_socket import OperatorSocketActor
from actors.ports import Latest
from config.settings import Settings
from engine.control_protocol import REQUEST_LENGTH_MAX
from engine.locks import door_name
from engine.operator_desk import OperatorDesk
from engine.reloading import Reloader
from engine.restart_policy import Restart, RestartLimit, RestartStrategy
from engine.status import ReadTree, Watched
from engine.tree import ChildSpec, SupervisorSpec
from engine.wires import Lossless, Wires
from engine.world import World

_LIMIT = RestartLimit(20, 60.0)  # as long as it works at all it is there


def kill_switch(wires: Wires) -> ChildSpec:
    """What halts; it starts before whoever trades."""
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
) -> SupervisorSpec:
    """
    The meter and the door for commands.

    It is temporary: trading goes on without it, whatever is wrong with it.
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
        name=door_name(settings.engine),
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
        ),
    )


def _depth(wire: Lossless[Any]) -> Callable[[], int]:
    return lambda: wire.receive.statistics().current_buffer_used


def _sent(wire: Lossless[Any]) -> Callable[[], int]:
    return lambda: wire.count.sent


def _shown(slot: Latest[Any]) -> Callable[[], int]:
    return lambda: slot.puts
