"""The status of a running engine, as one value: built from its wires, which are only read."""

from collections.abc import Callable
from typing import Any

import msgspec

from actors.net.rate_gate import RateGate
from actors.watch.meter import Meters
from engine.supervision.events import ChildStatus, SupervisorStatus
from engine.views.strategy_status import strategy_status
from engine.wiring.wires import Wires

Json = dict[str, Any]

ReadTree = Callable[[float], SupervisorStatus]
"""Reads the supervision tree at a moment in monotonic seconds."""


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """
    The parts of a running engine that the status reads.

    Args:
        started_at: Monotonic seconds.
        tree: The supervision tree at a moment; ``None`` until it is there.
    """

    engine: str
    venue: str
    session: int
    started_at: float
    wires: Wires
    gate: RateGate
    tree: ReadTree | None = None


def status(watched: Watched, now: float) -> Json:
    """The status at ``now`` monotonic seconds; money is text, times are seconds."""
    wires = watched.wires
    tree = None if watched.tree is None else watched.tree(now)
    meters = wires.meters.peek() or Meters()
    return {
        "engine": watched.engine,
        "venue": watched.venue,
        "session": watched.session,
        # Grows with every look of a strategy: two alike have nothing new between them.
        "sequence": sum(port.decision.puts for port in wires.strategies.values()),
        "uptime_s": _seconds(now - watched.started_at),
        "halt": wires.halt.peek(),
        "stopping": wires.stopping.peek(),
        "recording": _recording(wires),
        "alerts": _alerts(wires),
        "strategies": {
            name: strategy_status(name, port, wires, now, started_at=watched.started_at, tree=tree)
            for name, port in wires.strategies.items()
        },
        "tree": None if tree is None else _supervisor(tree, now),
        "rate_limits": {
            lane: {
                "used": use.used,
                "maximum": use.maximum,
                "window_s": use.window_s,
                "closed_for_s": _seconds(use.closed_for_s),
                "turned_away": use.turned_away,
            }
            for lane, use in watched.gate.budget.use_at(now).items()
        },
        "mailboxes": _mailboxes(wires, meters),
        "newest": {
            name: {
                "puts": slot.puts,
                "replaced_unread": slot.replaced_unread,
                "per_s": round(meters.rates.get(name, 0.0), 3),
            }
            for name, slot in wires.slots().items()
        },
        "loop": _loop(meters),
    }


def _recording(wires: Wires) -> Json | None:
    """How the session's recording is getting on; ``None`` where none is made."""
    state = wires.recording.peek()
    if state is None:
        return None
    return {
        "folder": state.folder,
        "bytes": state.size,
        "dropped": 0 if wires.tap is None else wires.tap.dropped,
        "ended": state.ended or None,
    }


def _alerts(wires: Wires) -> Json | None:
    """How messages to a person get on; ``None`` where nobody is to be told."""
    book = wires.alerts.peek()
    if book is None:
        return None
    return {
        "heartbeat_trouble": book.heartbeat or None,
        "destinations": [
            {
                "name": outbox.name,
                "sent": outbox.sent,
                "waiting": len(outbox.waiting),
                "dropped": outbox.dropped,
                "failed": outbox.failed,
                "trouble": outbox.trouble or None,
            }
            for outbox in book.outboxes
        ],
    }


def _loop(meters: Meters) -> Json:
    return {"late_s": _seconds(meters.late_s), "worst_s": _seconds(meters.worst_s)}


def _mailboxes(wires: Wires, meters: Meters) -> Json:
    peaks = meters.depths_max
    boxes = {}
    for name, wire in wires.mailboxes().items():
        now = wire.receive.statistics()
        boxes[name] = {
            "waiting": now.current_buffer_used,
            "peak": max(peaks.get(name, 0), now.current_buffer_used),
            "capacity": int(now.max_buffer_size),
            "senders_waiting": now.tasks_waiting_send,
            "messages": wire.count.sent,
            "per_s": round(meters.rates.get(name, 0.0), 3),
            "found_full": wire.count.found_full,
        }
    return boxes


def _supervisor(supervisor: SupervisorStatus, now: float) -> Json:
    return {
        "name": supervisor.name,
        "strategy": supervisor.strategy.value,
        "failures_in_window": supervisor.failures_in_window,
        "failures_forgiven": supervisor.limit,
        "children": [_child(child, now) for child in supervisor.children],
    }


def _child(child: ChildStatus, now: float) -> Json:
    next_start = child.next_start_at
    return {
        "name": child.name,
        "state": child.state.value,
        "life": child.life,
        "age_s": None if child.started_at is None else _seconds(now - child.started_at),
        "starts_in_s": None if next_start is None else _seconds(next_start - now),
        "last_failure": child.last_cause or None,
        "inside": None if child.inside is None else _supervisor(child.inside, now),
    }


def _seconds(seconds: float) -> float:
    return round(seconds, 3)
