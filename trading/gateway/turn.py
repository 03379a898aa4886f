"""The turn of the gateway's core: the moment of an event, what is seen, and what is to be done."""

from collections.abc import Sequence
from typing import Any

import attrs

from trading.gateway.effects import DoubtRules, Effect, Journal, Level, Log, ShowFlat, Ticket
from trading.gateway.seen import Seen
from trading.journal.entries import LedgerEntry


class Turn:
    """
    What the parts of the core share while an event is handled.

    Attributes:
        now: Monotonic seconds.
        seen: What is around.
    """

    def __init__(self, now: float, seen: Seen) -> None:
        self.now = now
        self.seen = seen
        self._effects: list[Effect] = []
        self._entries: list[LedgerEntry] = []

    def begin(self, now: float, seen: Seen) -> None:
        """Begin the next turn."""
        self.now, self.seen = now, seen
        self._effects = []
        self._entries = []

    def journal(self, entry: LedgerEntry, receipt: Ticket | None = None) -> None:
        """
        Have an entry written, in one batch with the others of this turn.

        Args:
            receipt: Answered once this entry and all before it are durable.
        """
        self._entries.append(entry)
        if receipt is not None:
            self._post(receipt)

    def end(self) -> Sequence[Effect]:
        """All that is to be done."""
        if self._entries:
            self._post(None)
        return self._effects

    def _post(self, receipt: Ticket | None) -> None:
        self._effects.append(Journal(tuple(self._entries), receipt))
        self._entries = []

    def do(self, effect: Effect) -> None:
        self._effects.append(effect)
        # What is done about something that is seen is seen from now on, within this turn as well.
        if isinstance(effect, ShowFlat):
            self.seen = attrs.evolve(self.seen, flat=effect.proven)
        elif isinstance(effect, DoubtRules):
            self.seen = self.seen.doubting(effect.pair, effect.reason)

    def debug(self, event: str, **fields: Any) -> None:
        self.do(Log(Level.DEBUG, event, fields))

    def info(self, event: str, **fields: Any) -> None:
        self.do(Log(Level.INFO, event, fields))

    def warning(self, event: str, **fields: Any) -> None:
        self.do(Log(Level.WARNING, event, fields))

    def error(self, event: str, **fields: Any) -> None:
        self.do(Log(Level.ERROR, event, fields))
