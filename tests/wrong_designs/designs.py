"""
Deliberately wrong designs, as changes of the running code.

Each is a mistake that real connectors have made. Those with tests named have to make them fail:

    python -m pytest -p tests.wrong_designs.plugin --wrong-design NAME

and every one has to be found by a simulation: docs/wrong-designs.md says by which.

    python -m tests.wrong_designs.hunt NAME
"""

from collections.abc import Mapping

from tests.wrong_designs import books, orders, readiness, sockets, strategies, supervision
from tests.wrong_designs.design import Design

ROOMS: Mapping[str, Mapping[str, Design]] = {
    "sockets": sockets.DESIGNS,
    "book": books.DESIGNS,
    "readiness": readiness.DESIGNS,
    "supervision": supervision.DESIGNS,
    "orders": orders.DESIGNS,
    "strategies": strategies.DESIGNS,
}
"""By what they get wrong."""

DESIGNS: Mapping[str, Design] = {
    name: design for room in ROOMS.values() for name, design in room.items()
}


def room_of(name: str) -> str:
    """Where a design belongs."""
    return next(room for room, designs in ROOMS.items() if name in designs)
