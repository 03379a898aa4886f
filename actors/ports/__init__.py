"""
The ports of actors: channels, slots, facts, and the values they carry.

The names below are what an actor of another package is wired with; they stay as they are within a
minor version. Where they lie is our own affair.
"""

from actors.ports.facts import FactBoard
from actors.ports.ledger_store import LedgerStore
from actors.ports.lossless import deliver, drain
from actors.ports.operator_orders import Answer, Flatness, KillOrder, OperatorOrder, ResumeOrder
from actors.ports.ports import (
    Actor,
    JournalBatch,
    Latest,
    Receipt,
    RecentItems,
    Wakeup,
    WallClock,
)
from actors.ports.retry import Retried, Retry
from actors.ports.stalls import Stalls
from actors.ports.ticks import next_tick

__all__ = [
    "Actor",
    "Answer",
    "FactBoard",
    "Flatness",
    "JournalBatch",
    "KillOrder",
    "Latest",
    "LedgerStore",
    "OperatorOrder",
    "Receipt",
    "RecentItems",
    "ResumeOrder",
    "Retried",
    "Retry",
    "Stalls",
    "Wakeup",
    "WallClock",
    "deliver",
    "drain",
    "next_tick",
]
