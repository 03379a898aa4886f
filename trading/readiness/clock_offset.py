"""
The offset of a venue's clock from ours, and its uncertainty.

The mid-point method: the venue read its clock somewhere between our sending and our receiving; the
middle is wrong by at most half the round trip. The median of several samples is robust against a
few slow ones.
"""

from collections.abc import Sequence
from statistics import median

import msgspec

_NS_PER_MS = 1_000_000

_RESOLUTION_MS = 1.0
"""A venue tells its time in whole milliseconds."""


class ClockSample(msgspec.Struct, frozen=True, kw_only=True):
    """
    One look at the venue's clock. All in nanoseconds since the epoch.

    Args:
        sent_ns: Our wall clock when the question left.
        received_ns: Our wall clock when the answer was there.
        venue_ns: What the venue's clock said.
    """

    sent_ns: int
    received_ns: int
    venue_ns: int

    @property
    def offset_ns(self) -> int:
        """What to add to our clock to have the venue's."""
        return self.venue_ns - (self.sent_ns + self.received_ns) // 2

    @property
    def uncertainty_ns(self) -> int:
        """The offset is wrong by no more than this."""
        return (self.received_ns - self.sent_ns) // 2


class ClockOffset(msgspec.Struct, frozen=True, kw_only=True):
    """
    The venue's clock relative to ours.

    Args:
        offset_ms: What to add to our clock to have the venue's.
        uncertainty_ms: It is wrong by about no more than this.
        samples: How many looks it rests on.
    """

    offset_ms: float
    uncertainty_ms: float
    samples: int


class ClockLimits(msgspec.Struct, frozen=True, kw_only=True):
    """
    When an offset is sure enough to sign orders with.

    Args:
        samples_min: Fewer looks than this tell nothing.
        uncertainty_max_ms: A less certain offset is none.
        offset_max_ms: A larger one is corrected, but means that this machine's clock is broken:
            no order is signed by it.
    """

    samples_min: int = 3
    uncertainty_max_ms: float = 500.0
    offset_max_ms: float = 1_000.0


def estimate(samples: Sequence[ClockSample]) -> ClockOffset | None:
    """The offset by the median of some samples; ``None`` without any."""
    usable = [sample for sample in samples if sample.received_ns >= sample.sent_ns]
    if not usable:
        return None
    offset = median(sample.offset_ns for sample in usable)
    # How far the samples are apart counts as well: our own clock may have been set meanwhile.
    apart = median(abs(sample.offset_ns - offset) for sample in usable)
    half_trip = median(sample.uncertainty_ns for sample in usable)
    return ClockOffset(
        offset_ms=offset / _NS_PER_MS,
        uncertainty_ms=max(apart, half_trip) / _NS_PER_MS,
        samples=len(usable),
    )


def bears_out(sample: ClockSample, known: ClockOffset) -> bool:
    """Whether one more look fits what is known; both are as sure as they say, and no surer."""
    if sample.received_ns < sample.sent_ns:
        return False
    apart_ms = abs(sample.offset_ns / _NS_PER_MS - known.offset_ms)
    return apart_ms <= sample.uncertainty_ns / _NS_PER_MS + known.uncertainty_ms + _RESOLUTION_MS


def doubt(offset: ClockOffset | None, limits: ClockLimits) -> str | None:
    """Why an offset is not to be traded by, in words; ``None`` when it is good."""
    if offset is None or offset.samples < limits.samples_min:
        return "the venue's clock has not been asked often enough"
    if offset.uncertainty_ms > limits.uncertainty_max_ms:
        return (
            f"the venue's clock is known to {offset.uncertainty_ms:.0f} ms only,"
            f" {limits.uncertainty_max_ms:.0f} ms are needed"
        )
    if abs(offset.offset_ms) > limits.offset_max_ms:
        return (
            f"this machine's clock is {-offset.offset_ms:+.0f} ms off the venue's, more than"
            f" {limits.offset_max_ms:.0f} ms: set it by NTP"
        )
    return None
