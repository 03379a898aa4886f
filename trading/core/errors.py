"""The engine's errors, by who can act on them. Any other exception is a defect of ours."""

import enum

from trading.core.identifiers import Pair


class FatalReason(enum.Enum):
    """Why the engine must stop; the command line turns it into an exit code."""

    KEY_OR_PERMISSION = "key or permission"
    CONFIGURATION = "configuration"
    VENUE_UNAVAILABLE = "venue unavailable"
    ORDERS_LEFT = "orders left open"
    LEDGER = "ledger"
    ALREADY_RUNNING = "already running"
    DISK = "disk"
    STUCK = "stuck"
    DEFECT = "defect"
    PASSING = "passing"
    """The trouble may pass by itself: the engine may be started again later."""


class TradingError(Exception):
    """Common parent, never raised itself."""


class Outage(TradingError):
    """The network, the venue or the disk is away: wait and try again. Not a defect of ours."""


class RateLimited(Outage):
    """
    The venue asks for fewer requests: this one certainly did nothing.

    Args:
        retry_after_s: The seconds of silence it asks for; ``None`` where it does not say.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Fatal(TradingError):
    """
    Trying again cannot help: stop everything, safely.

    Args:
        message: What is wrong and what to do about it.
        reason: Decides the exit code.
    """

    def __init__(self, message: str, reason: FatalReason = FatalReason.KEY_OR_PERMISSION) -> None:
        super().__init__(message)
        self.reason = reason


class KeyTrouble(enum.Enum):
    """Why a venue refuses our key."""

    KEY = "it does not know the key or its secret"
    SIGNATURE = "the signature does not fit: the secret, or this machine's clock"
    ADDRESS = "the key is not allowed from this machine's address"
    PERMISSION = "the key may not do this"


class KeyRefused(Fatal):
    """
    The venue refused our key.

    Args:
        message: The venue's words, and what to do.
        trouble: Why, as far as the venue tells.
    """

    def __init__(self, message: str, trouble: KeyTrouble) -> None:
        super().__init__(message)
        self.trouble = trouble


class VenueFault(TradingError):
    """
    The venue refuses, or says what cannot be; common parent, never raised itself.

    Not a defect of ours: a life that ends by one begins again as after an outage.
    """


class Rejected(VenueFault):
    """
    The venue said no, with evidence: the request definitely had no effect.

    Args:
        message: The venue's own words.
        code: The venue's error number, where it gave one.
    """

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(f"{message} (code {code})" if code is not None else message)
        self.venue_message = message
        self.code = code


class OutcomeUnknown(VenueFault):
    """A request may or may not have had an effect; only the venue's own evidence can tell."""


class MalformedFrame(VenueFault):
    """
    A message that the venue's protocol does not allow.

    Args:
        message: What is wrong with it; only a bounded beginning is kept, for it may quote.
        frame: Its text; only a bounded beginning is kept.
        pair: Whose it is, where that can be read.
    """

    EXCERPT_LENGTH_MAX = 200

    def __init__(self, message: str, frame: str | bytes, pair: Pair | None = None) -> None:
        self.pair = pair
        text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
        self.excerpt = text[: self.EXCERPT_LENGTH_MAX]
        super().__init__(f"{message[: self.EXCERPT_LENGTH_MAX]}, in {self.excerpt!r}")


class SequenceGap(VenueFault):
    """A book change was missed: the book is a guess from here on and must begin again."""


class ChecksumMismatch(VenueFault):
    """Our book is not the venue's book: begin again from a snapshot."""
