"""An alert: something that a person has to know, whether or not anybody looks."""

import enum

import msgspec


class AlertKind(enum.Enum):
    """What an alert is about; the value is its word in the configuration."""

    HALTED = "halted"
    NOT_FLAT = "not_flat"
    ENDED = "ended"
    GIVEN_UP = "given_up"
    RESTARTS = "restarts"
    NOT_QUOTING = "not_quoting"
    LOSS = "loss"
    LEDGER = "ledger"
    DISK = "disk"
    CONFORMANCE = "conformance"
    DAILY_SUMMARY = "daily_summary"


URGENT = frozenset({AlertKind.HALTED, AlertKind.NOT_FLAT, AlertKind.ENDED, AlertKind.LEDGER})
"""Kinds that quiet hours do not hold back: money may be at risk, or trading has stopped."""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """
    One message.

    Args:
        subject: The strategy, actor or destination that it is about; empty for the whole engine.
        text: What happened, with its figures, and what to do.
        at: Seconds since the epoch.
        over: Whether it says that the trouble is over.
    """

    kind: AlertKind
    text: str
    at: float
    subject: str = ""
    over: bool = False

    @property
    def urgent(self) -> bool:
        """Whether it goes in quiet hours too."""
        return self.kind in URGENT and not self.over

    @property
    def title(self) -> str:
        """The first line: the kind in words, and the subject."""
        words = self.kind.value.replace("_", " ")
        about = f"{words}: {self.subject}" if self.subject else words
        return f"over: {about}" if self.over else about
