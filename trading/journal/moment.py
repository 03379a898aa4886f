"""One moment on two clocks: only its wall time means anything to another process."""

import msgspec


class Moment(msgspec.Struct, frozen=True):
    """
    Now, on both clocks.

    Args:
        monotonic_s: Of this process.
        wall_ns: Nanoseconds since the epoch.
    """

    monotonic_s: float
    wall_ns: int

    def wall_of(self, at: float) -> int:
        """Nanoseconds since the epoch of a moment in monotonic seconds."""
        return self.wall_ns - round((self.monotonic_s - at) * 1e9)

    def monotonic_of(self, wall_ns: int) -> float:
        """
        Monotonic seconds of a moment by the wall clock; negative before this process began.

        A moment that the wall clock places in the future (it was set back since) is now.
        """
        return self.monotonic_s - max(0, self.wall_ns - wall_ns) / 1e9
