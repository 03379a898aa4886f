"""Judges a refused key: one that has worked is given up only after the clock was compared."""

import structlog
import trio

from actors.ports.stalls import Stalls
from trading.core.errors import KeyRefused, KeyTrouble, Outage

log = structlog.get_logger()

_AGAIN_WITHIN_S = 120.0
"""A refusal that comes later is a new one; the longest pause between two tries is 30 s."""

_COMPARISON_S = 5.0
"""How long a request waits for the clock to be compared."""


class KeyStanding:
    """
    Whether our key still works, shared by all connections of an engine.

    A signature may be refused for what was wrong for a moment: a clock that was set, a request that
    was held up on its way. So the first refusal after the key has worked is an outage. The venue's
    clock is looked at anew, requests other than cancels wait for that, and if one that was signed
    after it is refused as well, that is final.

    A key that never worked, and one that may not be used from this machine's address, is refused
    for good at once.

    Args:
        forgiving: Whether the venue's clock is compared at all; if not, no refusal is an outage.

    Attributes:
        doubts: Each a moment after which the clock has to be compared.
        comparisons: How often the clock was compared; a signer keeps the number for ``refused``.
    """

    def __init__(self, *, forgiving: bool = False) -> None:
        self._forgiving = forgiving
        self._worked = False
        self._refused_at = float("-inf")
        self._refused_after = 0
        self._compared = trio.Event()
        self._compared.set()
        self.doubts = Stalls()
        self.comparisons = 0

    def worked(self) -> None:
        """The venue has taken our signature."""
        self._worked = True

    def refused(self, refusal: KeyRefused, signed_after: int) -> Exception:
        """
        The error to raise for a refusal: itself, or an outage.

        Args:
            signed_after: How many comparisons there had been when it was signed.
        """
        if not self._forgiving or not self._worked or refusal.trouble is KeyTrouble.ADDRESS:
            return refusal
        now = trio.current_time()
        if now > self._refused_at + _AGAIN_WITHIN_S:
            self._refused_at, self._refused_after = now, self.comparisons
            self._compared = trio.Event()
            log.warning("key_doubted", cause=str(refusal))
            self.doubts.happened("the venue refused our key, which had worked")
        elif signed_after > self._refused_after:
            return refusal
        return Outage(f"refused, though it had worked; the clock is compared first: {refusal}")

    def compared(self, doubts: int) -> None:
        """Note that the clock was compared, by looks that began after so many doubts."""
        if doubts == self.doubts.count:
            self.comparisons += 1
            self._compared.set()

    async def settled(self) -> None:
        """While the clock has yet to be compared, wait for it, though not for ever."""
        if not self._compared.is_set():
            with trio.move_on_after(_COMPARISON_S):
                await self._compared.wait()
