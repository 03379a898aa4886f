"""Times of a file as whole numbers since the epoch: their unit follows from how many digits."""

import attrs

_NS_PER_UNIT = {13: 1_000_000, 16: 1_000, 19: 1}
"""Milliseconds, microseconds, nanoseconds: true of all times from 2001 to 2286."""


@attrs.define
class UnitOfTimes:
    """The unit of one file's times: its first time says it, and all others have to agree."""

    digits: int = 0

    def ns(self, text: bytes) -> int:
        """
        A time in nanoseconds since the epoch.

        Raises:
            ValueError: It is no time, or of another unit than those before.
        """
        digits = len(text)
        if digits != self.digits:
            if self.digits or digits not in _NS_PER_UNIT:
                what = (
                    f"of {self.digits} digits, as those before it" if self.digits else "known here"
                )
                raise ValueError(f"{text[:40].decode('utf-8', 'replace')!r} is no time {what}")
            self.digits = digits
        if not text.isdigit():
            raise ValueError(f"{text[:40].decode('utf-8', 'replace')!r} is no time")
        return int(text) * _NS_PER_UNIT[digits]
