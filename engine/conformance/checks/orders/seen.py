"""What the checks with orders hear: the desk of a run, and the frames of an order."""

from collections.abc import Mapping, Sequence

from engine.conformance.lab import Lab
from engine.conformance.line import Heard
from engine.conformance.order_desk import OrderDesk
from trading.venues.valr.conformance.check import NotTried

PLACED, CANCELLED = "PLACE_LIMIT_WS_RESPONSE", "CANCEL_ORDER_WS_RESPONSE"
MODIFIED, OUTCOME = "MODIFY_ORDER_WS_RESPONSE", "MODIFY_ORDER_OUTCOME"
PROCESSED, STATUS = "ORDER_PROCESSED", "ORDER_STATUS_UPDATE"
LISTED, BALANCE = "OPEN_ORDERS_UPDATE", "BALANCE_UPDATE"
FAILED_CANCEL, BATCH = "FAILED_CANCEL_ORDER", "BATCH_ORDERS_WS_RESPONSE"
ARMED = "CANCEL_ON_DISCONNECT_UPDATE"
WAIT_S = 10.0
"""For what an order leads to."""
PAUSE_S = 0.25
HALVES = 2
"""An order of half the smallest quantity is too small; times are told to half a second."""
COMMANDS = "simulator/sockets/commands.py"
_USUAL = (MODIFIED, CANCELLED, OUTCOME, FAILED_CANCEL, STATUS, PROCESSED, LISTED, BALANCE)


def desk_of(lab: Lab) -> OrderDesk:
    """
    The desk of this run.

    Raises:
        NotTried: There is none.
    """
    if not isinstance(lab.desk, OrderDesk):
        raise NotTried(lab.no_desk or "there is no desk for orders")
    return lab.desk


def kinds(heard: Sequence[Heard]) -> list[str]:
    """The types of some frames, in order, each run of one type once."""
    found = [str(one.said.get("type")) for one in heard]
    return [kind for at, kind in enumerate(found) if at == 0 or found[at - 1] != kind]


def said(heard: Sequence[Heard], kind: str) -> Mapping[str, object] | None:
    """What the first frame of a type says."""
    for one in heard:
        if one.said.get("type") == kind:
            data = one.said.get("data", {})
            return data if isinstance(data, dict) else {}
    return None


def usual_first(kind: str) -> int:
    """Where a type comes in the usual order."""
    return _USUAL.index(kind) if kind in _USUAL else len(_USUAL)


def halved(seconds: float) -> float | int:
    rounded = round(seconds * HALVES) / HALVES
    return int(rounded) if rounded == int(rounded) else rounded
