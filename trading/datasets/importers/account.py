"""
A session's account file: what the venue told us of our orders, and what we told it.

A line is the receive time in nanoseconds, then ``<`` and a frame that came in, ``>`` and one that
went out, or ``R`` and a call of the REST interface; or ``gap`` and how many of them could not be
written down. What came in tells which orders and trades of the market are ours.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from trading.core.errors import MalformedFrame
from trading.datasets.importers.frames import first_whole, stamped
from trading.datasets.importers.notes import Asked
from trading.datasets.standing import BareRecord
from trading.messages.account import AccountEvent

_SIGNS, _GAP = ("<", ">", "R"), "gap"


@attrs.frozen
class Account:
    """``decode`` is the venue's codec: frame -> events, or ``MalformedFrame``."""

    decode: Callable[[str], Sequence[AccountEvent]]

    def read(self, lines: Iterable[bytes], asked: Asked) -> Iterator[BareRecord]:
        """
        Note whose orders and trades are ours; there are no records in it.

        Raises:
            ValueError: A line is none of such a file.
        """
        asked.own.given = True
        for line in lines:
            seen_ns, text = stamped(line)
            sign, _, frame = text.partition(" ")
            if sign not in (*_SIGNS, _GAP):
                raise ValueError("neither '<', '>', 'R' nor 'gap' after the receive time")
            if sign == _GAP:
                asked.notes.guess("that what is missing of the account's file was not about orders")
            if sign == "<":
                self._hear(seen_ns, frame, asked)
        yield from ()

    def _hear(self, seen_ns: int, frame: str, asked: Asked) -> None:
        try:
            for event in self.decode(frame):
                asked.own.take(event, seen_ns, asked.pair, asked.scale)
        except MalformedFrame:
            asked.notes.skip("frames of the account that cannot be read")


def recognise(lines: Sequence[bytes]) -> bool:
    """Whether the first lines of a file are of an account file."""
    first = first_whole(lines).split(b" ", 2)
    return (
        len(first) > 2  # noqa: PLR2004  # the time, the sign and what it is of
        and first[0].isdigit()
        and first[1].decode("ascii", "replace") in _SIGNS
    )
