"""Ids and times as the venue writes them, from injected randomness and a parameter for time."""

from datetime import UTC, datetime
from functools import lru_cache
from random import Random

_SEQUENCE_START = 1_368_928_567_986_000_000
"""Beyond what a double can hold, like the real ones."""
_MS_PER_S = 1000
_NS_PER_MS = 1_000_000


def iso(at_ms: int) -> str:
    """Milliseconds since the epoch as VALR writes most times."""
    seconds, millis = divmod(at_ms, _MS_PER_S)
    return f"{_second(seconds)}.{millis:03d}Z"


@lru_cache(maxsize=256)
def _second(seconds: int) -> str:
    """Most times that are written are of this second, or of a few open orders."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().removesuffix("+00:00")


class Ids:
    """
    Makes order ids, trade ids and sequence ids, and reads the venue's clock.

    Args:
        random: Used for nothing else, so that orders do not disturb the market's randomness.
        epoch_ns: Wall-clock nanoseconds at which the exchange began.
    """

    def __init__(self, random: Random, epoch_ns: int) -> None:
        self._random = random
        self._epoch_ns = epoch_ns
        self._sequence = _SEQUENCE_START
        self._wrong_ns = 0
        self._ahead_ns = 0

    def run_ahead(self, by_s: float) -> None:
        """Set how far the venue's clock is ahead for ever."""
        self._ahead_ns = round(by_s * _NS_PER_MS * _MS_PER_S)

    def set_wrong(self, by_ms: int) -> None:
        """Set the error of the venue's clock; zero corrects it."""
        self._wrong_ns = by_ms * _NS_PER_MS

    def ns(self, now: float) -> int:
        """The venue's clock ``now`` seconds after the exchange began."""
        return (
            self._epoch_ns + round(now * _NS_PER_MS * _MS_PER_S) + self._wrong_ns + self._ahead_ns
        )

    def ms(self, now: float) -> int:
        return self.ns(now) // _NS_PER_MS

    def uuid(self, at_ms: int) -> str:
        """A UUID of version 7: sorted by time, then random."""
        bits = self._random.getrandbits(74)
        text = (
            f"{at_ms & (1 << 48) - 1:012x}7{bits >> 62:03x}"
            f"{0x8000000000000000 | bits & (1 << 62) - 1:016x}"
        )
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def sequence(self) -> int:
        self._sequence += 1
        return self._sequence
