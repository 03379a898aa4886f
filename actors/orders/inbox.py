"""The inbox of a lossless wire: keeps messages across its reader's lives, drops poisonous ones."""

from collections import deque
from typing import Generic, TypeVar

import structlog
import trio

from actors.ports.lossless import drain

log = structlog.get_logger()

T = TypeVar("T")

_EXCERPT_LENGTH_MAX = 500


class DurableInbox(Generic[T]):
    """
    Keeps messages taken from a wire until they are handled, across the reader's lives.

    The next life gets the same messages again, in order; a message that ends life after life is
    logged and not handed over any more.

    Args:
        name: The wire's, for the log.
        deaths_max: How many lives one message may end.
    """

    def __init__(
        self, name: str, wire: trio.MemoryReceiveChannel[T], *, deaths_max: int = 2
    ) -> None:
        self._name = name
        self._wire = wire
        self._deaths_max = deaths_max
        self._taken: deque[T] = deque()
        self._in_hand: T | None = None
        self._deaths = 0

    def __len__(self) -> int:
        """How many messages were taken and are not yet handled."""
        return len(self._taken)

    @property
    def poisoned(self) -> bool:
        """Whether this life has just failed at a message."""
        return self._in_hand is not None

    def begin_life(self) -> None:
        """Count the former life's failure against the message that it had in hand."""
        suspect, self._in_hand = self._in_hand, None
        if suspect is None:
            return
        self._deaths += 1
        if self._deaths >= self._deaths_max:
            self._set_aside(suspect)

    def messages(self) -> tuple[T, ...]:
        """All messages, in order; they stay until they are handled."""
        self._taken.extend(drain(self._wire))
        return tuple(self._taken)

    def take(self, message: T) -> None:
        """Take a message in hand: what fails until ``handled`` counts against it."""
        self._in_hand = message

    def handled(self) -> None:
        """Note that nothing is in hand any more."""
        self._in_hand = None

    def done(self) -> None:
        """Drop the first of the messages: it is handled."""
        self._taken.popleft()
        self._deaths = 0

    def _set_aside(self, message: T) -> None:
        # By identity: two messages may be equal, and only one of them was in hand.
        place = next(at for at, each in enumerate(self._taken) if each is message)
        del self._taken[place]
        log.error(
            "dead_letter",
            wire=self._name,
            deaths=self._deaths,
            message=repr(message)[:_EXCERPT_LENGTH_MAX],
            waiting=len(self._taken),
        )
        self._deaths = 0
