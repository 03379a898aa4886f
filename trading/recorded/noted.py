"""
What is noted for a session's recording, as values.

They are made into lines elsewhere and later (``session_lines.py``), by another thread: so
everything in them is immutable. Those with a tag are lines of the decisions as they are.
"""

import enum
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from trading.core.identifiers import Currency, StrategyName
from trading.decisions.decision import Decision
from trading.strategies.interface import View
from trading.strategies.looking import Mark

TAG = "line"
"""The key of a decisions line that says what kind of line it is."""


class Part(enum.Enum):
    """The kinds of files of a recording, by the first word of their names."""

    MARKET = "market"
    ACCOUNT = "account"
    DECISIONS = "decisions"


class MarketFrame(msgspec.Struct, frozen=True, gc=False):
    """
    A frame of public market data, as it came.

    Args:
        at_ns: Our wall clock, nanoseconds since the epoch; so everywhere here.
    """

    at_ns: int
    text: str


class AccountFrame(msgspec.Struct, frozen=True, gc=False):
    """A frame of the account's socket, as it came or as it was sent."""

    at_ns: int
    text: str
    sent: bool


class RestAnswer(msgspec.Struct, frozen=True, gc=False):
    """
    An answer of the REST interface, dated when it was there.

    Args:
        path: As it was before the call was signed.
    """

    at_ns: int
    verb: str
    path: str
    status: int
    body: bytes


class LifeBegun(msgspec.Struct, frozen=True, tag_field=TAG, tag="begin"):
    """
    A strategy's life began.

    Args:
        mono: Monotonic seconds; so everywhere here.
        pause_s: As of ``StrategyLife``.
        settle_s: As of ``StrategyLife``.
    """

    strategy: StrategyName
    mono: float
    pause_s: float
    settle_s: float


class Looked(msgspec.Struct, frozen=True):
    """
    A strategy looked, and decided.

    Args:
        look: Its number within the life, from 1.
        held: What the orders of all strategies held, by currency.
        state: Of the strategy after this look.
        mark: Of the life after this look.
    """

    strategy: StrategyName
    look: int
    view: View
    held: Mapping[Currency, Decimal]
    decision: Decision
    state: object
    mark: Mark


class Reloaded(msgspec.Struct, frozen=True, tag_field=TAG, tag="reload"):
    """
    A person has given the engine another configuration.

    Args:
        strategies: Their tables as they were read, by name.
    """

    mono: float
    strategies: Mapping[str, object]


class HandedOver(msgspec.Struct, frozen=True, tag_field=TAG, tag="handed over"):
    """A strategy went on as the newest configuration has it."""

    strategy: StrategyName
    mono: float


class ClockCompared(msgspec.Struct, frozen=True, tag_field=TAG, tag="clock"):
    """
    The venue's clock was compared with ours.

    Args:
        offset_ms: How far the venue's is ahead.
    """

    mono: float
    offset_ms: float
    uncertainty_ms: float


class TimeTied(msgspec.Struct, frozen=True, tag_field=TAG, tag="time"):
    """
    Both of our clocks at one moment.

    Args:
        why: What made it worth noting: ``begin``, ``minute``, or what happened to the time.
    """

    mono: float
    wall_ns: int
    why: str


class Ended(msgspec.Struct, frozen=True, tag_field=TAG, tag="end"):
    """The recording ends here, in good order."""

    mono: float


Entry = (
    MarketFrame
    | AccountFrame
    | RestAnswer
    | LifeBegun
    | Looked
    | Reloaded
    | HandedOver
    | ClockCompared
    | TimeTied
    | Ended
)


def part_of(entry: Entry) -> Part:
    """In which file an entry belongs."""
    match entry:
        case MarketFrame():
            return Part.MARKET
        case AccountFrame() | RestAnswer():
            return Part.ACCOUNT
        case _:
            return Part.DECISIONS


class Gap(msgspec.Struct, frozen=True, tag_field=TAG, tag="gap"):
    """
    Entries of one kind of file that came here and were not written.

    Args:
        lost: How many; 0 where nobody knows.
    """

    part: Part
    at_ns: int
    lost: int
