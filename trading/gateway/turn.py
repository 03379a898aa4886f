"""The turn of the gateway's core: the moment of an event, what is seen, and what is to be done."""

from typing import Any

import attrs

from trading.gateway.effects import DoubtRules, Effect, Level, Log, ShowFlat
from trading.gateway.seen import Seen


class Turn:
    """
    What the parts of the core share while an event is handled.

    Attributes:
        now: Monotonic seconds.
        seen: What is around.
        effects: What is to be done so far, in order.
    """

    def __init__(self, now: float, seen: Seen) -> None:
        self.now = now
        self.seen = seen
        self.effects: list[Effect] = []

    def begin(self, now: float, seen: Seen) -> None:
        """Begin the next turn."""
        self.now, self.seen = now, seen
        self.effects = []

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)
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
