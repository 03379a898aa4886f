"""What the gateway's core is told, one event at a time."""

from typing import Any

import attrs

from trading.core.errors import TradingError
from trading.gateway.effects import Ticket
from trading.messages.account import OrderNews
from trading.messages.gateway import Instruction


@attrs.frozen
class Instructed:
    """A strategy has decided."""

    instruction: Instruction


@attrs.frozen
class Told:
    """The venue's news, in order: a burst is taken as a whole before a strategy decides on it."""

    news: tuple[OrderNews, ...]


@attrs.frozen
class Looked:
    """It is time to look around, or something around has changed."""


@attrs.frozen
class AboutToLeave:
    """A call has its turn and its connection; nothing of it was sent."""

    ticket: Ticket


@attrs.frozen
class Answered:
    """
    The answer to a question.

    Args:
        value: Of a call, what the venue has said; of a frame, whether the account's socket took it
            (if not, it has certainly not left); of a wait for room, nothing.
    """

    ticket: Ticket
    value: Any = None


@attrs.frozen
class Failed:
    """
    A call has failed.

    Args:
        error: ``Outage``: nothing happened; ``Rejected``: the venue said no; ``OutcomeUnknown``;
            or ``Fatal``.
    """

    ticket: Ticket
    error: TradingError


@attrs.frozen
class Durable:
    """The ledger has made durable what was posted up to this receipt."""

    ticket: Ticket


Event = Instructed | Told | Looked | AboutToLeave | Answered | Failed | Durable
