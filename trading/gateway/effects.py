"""What the gateway's core wants done, as values; its actor carries them out, in their order."""

import enum
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import msgspec

from trading.core.identifiers import Currency, Pair, StrategyName
from trading.journal.entries import LedgerEntry
from trading.messages.gateway import WorkingOrders
from trading.venues.interface import Call
from trading.venues.rate_limits import Priority

Ticket = int
"""Names one question of the core's; the answer to it carries the same."""


class EnterLanes(msgspec.Struct, frozen=True):
    """Wait until the rate limits have room for a frame; ``Answered`` once it is counted there."""

    ticket: Ticket
    lanes: tuple[str, ...]
    priority: Priority


class SendFrame(msgspec.Struct, frozen=True):
    """Hand a frame to the account's socket; ``Answered`` with whether it was taken."""

    ticket: Ticket
    frame: str


@attrs.frozen
class SendCall:
    """
    Ask the venue by REST; answered by ``Answered`` or ``Failed``.

    Args:
        confirmed: Nothing leaves before ``AboutToLeave`` was answered by ``LetGo``.
    """

    ticket: Ticket
    call: Call[Any] = attrs.field(eq=lambda call: (call.verb, call.path, call.body))
    priority: Priority
    confirmed: bool = False


class LetGo(msgspec.Struct, frozen=True):
    """The call that is about to leave may leave."""

    ticket: Ticket


class Drop(msgspec.Struct, frozen=True):
    """The answer does not matter any more; what has not left never leaves."""

    ticket: Ticket


class Journal(msgspec.Struct, frozen=True):
    """
    Entries for the ledger.

    Args:
        receipt: Answered by ``Durable`` once all of this and before it is durable; or ``None``.
    """

    entries: tuple[LedgerEntry, ...]
    receipt: Ticket | None = None


class Publish(msgspec.Struct, frozen=True):
    """
    Show a strategy its orders.

    Args:
        wakes: It decides anew; otherwise the view is renewed for those who look.
    """

    strategy: StrategyName
    view: WorkingOrders
    wakes: bool = True


class ShowHeld(msgspec.Struct, frozen=True):
    """
    Show the strategies what all of their orders hold together: a currency may be shared.

    Args:
        amounts: By currency.
    """

    amounts: Mapping[Currency, Decimal]


class Reconciled(msgspec.Struct, frozen=True):
    """
    State whether the venue's lists agree with ours.

    Args:
        disagreement: Why they do not, or are not known to; empty when they agree.
    """

    disagreement: str


class DoubtRules(msgspec.Struct, frozen=True):
    """Have a pair's rules read anew; nothing is placed there until then."""

    pair: Pair
    reason: str


class SlowDown(msgspec.Struct, frozen=True):
    """The venue has asked for fewer requests in these lanes."""

    lanes: tuple[str, ...]


class CallHalt(msgspec.Struct, frozen=True):
    """Nothing may be quoted any more until a person resumes."""

    reason: str


class ShowFlat(msgspec.Struct, frozen=True):
    """
    The proof that no order of ours is left at the venue.

    Args:
        proven: Whether it stands now; otherwise the old one is withdrawn.
    """

    proven: bool


class Level(enum.Enum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Log(msgspec.Struct, frozen=True):
    """One event for the log."""

    level: Level
    event: str
    fields: Mapping[str, Any] = msgspec.field(default_factory=dict)


Effect = (
    EnterLanes
    | SendFrame
    | SendCall
    | LetGo
    | Drop
    | Journal
    | Publish
    | ShowHeld
    | Reconciled
    | DoubtRules
    | SlowDown
    | CallHalt
    | ShowFlat
    | Log
)
