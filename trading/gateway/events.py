"""What the gateway's core is told, one event at a time."""

from typing import Any

import msgspec

from trading.core.errors import TradingError
from trading.gateway.effects import Ticket
from trading.messages.account import OrderNews
from trading.messages.gateway import Instruction


class Instructed(msgspec.Struct, frozen=True):
    """A strategy has decided."""

    instruction: Instruction


class Told(msgspec.Struct, frozen=True):
    """The venue's news, in order: a burst is taken as a whole before a strategy decides on it."""

    news: tuple[OrderNews, ...]


class Looked(msgspec.Struct, frozen=True):
    """It is time to look around, or something around has changed."""


class AboutToLeave(msgspec.Struct, frozen=True):
    """A call has its turn and its connection; nothing of it was sent."""

    ticket: Ticket


class Answered(msgspec.Struct, frozen=True):
    """
    The answer to a question.

    Args:
        value: Of a call, what the venue has said; of a frame, whether the account's socket took it
            (if not, it has certainly not left); of a wait for room, nothing.
    """

    ticket: Ticket
    value: Any = None


class Failed(msgspec.Struct, frozen=True):
    """
    A call has failed.

    Args:
        error: ``Outage``: nothing happened; ``Rejected``: the venue said no; ``OutcomeUnknown``;
            or ``Fatal``.
    """

    ticket: Ticket
    error: TradingError


class Durable(msgspec.Struct, frozen=True):
    """The ledger has made durable what was posted up to this receipt."""

    ticket: Ticket


Event = Instructed | Told | Looked | AboutToLeave | Answered | Failed | Durable
