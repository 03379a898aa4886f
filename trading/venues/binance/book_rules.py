"""
Binance's rules for a local order book (web-socket-streams.md, "How to manage a local order book").

An event holds updates ``U`` to ``u``. After a snapshot, what ends at or before its ``lastUpdateId``
is in it; the first event that is applied has ``U <= lastUpdateId + 1 <= u``; each one after that
has ``U`` next to the last ``u``. There is no checksum.
"""

from collections.abc import Sequence

from trading.core.errors import SequenceGap
from trading.messages.market import BookDiff


class BinanceBookRules:
    checksum_depth = 0
    overlaps = True

    def checksum(self, bids: Sequence[str], asks: Sequence[str]) -> int:
        raise AssertionError(f"no change of Binance's has one: {bids}, {asks}")

    def follows(self, diff: BookDiff, sequence: int, *, first: bool) -> bool:
        begins = diff.sequence if diff.first is None else diff.first
        if first and diff.sequence <= sequence:
            return False
        if begins == sequence + 1 or (first and begins <= sequence):
            return True
        raise SequenceGap(f"{diff.pair}: updates {begins} to {diff.sequence} came after {sequence}")


RULES = BinanceBookRules()
