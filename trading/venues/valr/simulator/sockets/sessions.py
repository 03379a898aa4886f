"""One WebSocket connection, as the exchange sees it: texts in, texts out, and how it ends."""

from collections import deque

import attrs
import msgspec

from trading.core.identifiers import Pair
from trading.venues.valr.simulator.sockets.feeds import Feed
from trading.venues.valr.simulator.wire.dialect import Dialect

NORMAL_CLOSURE = 1000
CUT = 1006
"""Not sent on any wire: the connection ends without a Close frame."""
BAD_SIGNATURE = 1007
POLICY = 1008


@attrs.frozen
class CloseReason:
    """How the exchange wants a connection to end; ``CUT`` is without a Close frame."""

    code: int
    reason: str = ""


class Session:
    """
    The subscriptions of one connection, and the frames that wait to be sent to it.

    Args:
        dialect: Writes what is sent as the exchange would have it; ``None`` leaves it.
        api_key: The account's; ``None`` when the client gave no key.
        is_account: Whether it is an account socket; otherwise a trade socket.
        outgoing_max: At so many unsent frames the connection is cut: its client does not read.

    Attributes:
        half_open: Whether the line is dead without a close.
        status_wanted: Whether the client has subscribed to the status of its orders.
    """

    def __init__(
        self,
        *,
        api_key: str | None,
        is_account: bool,
        opened_at: float,
        outgoing_max: int,
        dialect: Dialect | None = None,
    ) -> None:
        self.api_key = api_key
        self.is_account = is_account
        self.opened_at = opened_at
        self.heard_at = opened_at
        self.outgoing: deque[str] = deque()
        self.close_reason: CloseReason | None = None
        self.subscriptions: dict[Feed, dict[Pair, None]] = {}
        self.muted: dict[str, None] = {}
        self.cancel_on_disconnect = False
        self.half_open = False
        self.status_wanted = False
        self._dialect = dialect
        self._acknowledgements: list[dict[str, object]] = []
        self._outgoing_max = outgoing_max

    def send(self, frame: dict[str, object] | str) -> None:
        """Queue a frame; nothing is queued for a session that is ending."""
        if self.close_reason is not None or self.half_open:
            return
        if len(self.outgoing) >= self._outgoing_max:
            self.outgoing.clear()
            self.close(CloseReason(CUT, "its client does not read"))
            return
        if self._dialect is not None:
            frame = self._dialect.frame(frame)
        text = frame if isinstance(frame, str) else msgspec.json.encode(frame).decode()
        self.outgoing.append(text)

    def acknowledge(self, frame: dict[str, object]) -> None:
        """Answer a command, together with its outcomes."""
        self._acknowledgements.append(frame)

    def take_acknowledgements(self) -> list[dict[str, object]]:
        taken, self._acknowledgements = self._acknowledgements, []
        return taken

    def go_silent(self) -> None:
        """Make the line half-open: from now on nothing passes in either direction."""
        self.half_open = True
        self.outgoing.clear()

    def error(self, message: str) -> None:
        self.send({"type": "ERROR", "message": message})

    def close(self, reason: CloseReason) -> None:
        if self.close_reason is None:
            self.close_reason = reason

    def deadline(self, idle_limit_s: float, unauthenticated_limit_s: float) -> float:
        """When the session is cut unless something happens; infinity for never."""
        deadline = float("inf")
        if self.half_open or self.close_reason is not None:
            return deadline
        # A subscribed trade socket stays open without messages from its client, others do not.
        if self.is_account or not self.has_subscriptions:
            deadline = self.heard_at + idle_limit_s
        if self.api_key is None:
            deadline = min(deadline, self.opened_at + unauthenticated_limit_s)
        return deadline

    def subscribed_to(self, feed: Feed, pair: Pair) -> bool:
        return pair in self.subscriptions.get(feed, ())

    @property
    def has_subscriptions(self) -> bool:
        return any(self.subscriptions.values())
