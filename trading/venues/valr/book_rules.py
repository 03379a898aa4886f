"""VALR's rules for books: each change has the next number, and a CRC-32 covers the best 25."""

import zlib
from collections.abc import Sequence

from trading.core.errors import SequenceGap
from trading.messages.market import BookDiff


class ValrBookRules:
    """
    The checksum is the CRC-32 of ``price:quantity`` pairs, bid and ask interleaved, with colons.

    In a book of orders it is of ``order id:quantity``. The sequence of such a book counts order
    entries, which ``QueueBook`` follows by itself.
    """

    checksum_depth = 25
    overlaps = False

    def checksum(self, bids: Sequence[str], asks: Sequence[str]) -> int:
        return zlib.crc32(":".join(_interleaved(bids, asks)).encode("ascii"))

    def follows(self, diff: BookDiff, sequence: int, *, first: bool) -> bool:  # noqa: ARG002
        if diff.sequence != sequence + 1:
            raise SequenceGap(f"{diff.pair}: change {diff.sequence} came after {sequence}")
        return True


RULES = ValrBookRules()


def _interleaved(bids: Sequence[str], asks: Sequence[str]) -> list[str]:
    """A bid, an ask, the next bid and so on; what one side has more comes at the end."""
    both = min(len(bids), len(asks))
    parts = [""] * (2 * both)
    if len(bids) == len(asks):  # nearly always, and this is done for every frame
        parts[::2], parts[1::2] = bids, asks
        return parts
    parts[::2], parts[1::2] = bids[:both], asks[:both]
    return [*parts, *bids[both:], *asks[both:]]
