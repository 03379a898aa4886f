"""
A record of a dataset: one change of one pair's market, in 44 bytes.

Everything that reads a market's past (the simulator, reports, scores) reads these and nothing else,
so that a format is understood in one place: its importer.
"""

import enum
import struct
from typing import NamedTuple


class Kind(enum.IntEnum):
    """What a record tells."""

    CLEAR = 0
    """The book is empty from here on: levels of a snapshot follow."""
    SNAPSHOT_LEVEL = 1
    """A level of a whole book."""
    LEVEL = 2
    """A level's new total; no lots removes it."""
    TRADE = 3
    """A trade; its side is the taker's."""
    ADD = 4
    """An order joins the back of its price; with its id, as are the next three."""
    MODIFY = 5
    """An order's new price and quantity."""
    CANCEL = 6
    """An order, or the quantity told of it, leaves without a trade."""
    FILL = 7
    """A resting order was filled by this quantity; the book changes with it."""
    GAP = 8
    """Something is missing before this: nothing follows from what came earlier."""


class RecordSide(enum.IntEnum):
    """Which side of the book, or of a trade the taker's."""

    NONE = 0
    BUY = 1
    SELL = 2


class Flags(enum.IntFlag):
    """What else is known of a record."""

    LAST = 1
    """The last of those that the exchange told at once: only now is the book whole."""
    OWN_ORDER = 2
    """Of an order of ours, or a level in which there are orders of ours."""
    OWN_TRADE = 4
    """A trade with an order of ours."""


class Record(NamedTuple):
    """
    One change.

    Readers in a hurry unpack the bare tuple, whose fields are in this order.

    Args:
        exch_ns: When it happened at the exchange, nanoseconds since the epoch.
        recv_ns: When it was seen, nanoseconds since the epoch; never before ``exch_ns`` in a
            dataset, and never before the record before it.
        price: In ticks of the dataset; 0 where there is none.
        quantity: In lots of the dataset.
        order_id: The venue's order, where it tells one; 0 otherwise.
        kind: A ``Kind``.
        side: A ``RecordSide``.
        flags: ``Flags``, joined.
    """

    exch_ns: int
    recv_ns: int
    price: int
    quantity: int
    order_id: int
    kind: int
    side: int
    flags: int


LAYOUT = struct.Struct("<qqqqQBBH")
"""How a record is written: little-endian, in the order of its fields, 44 bytes."""
