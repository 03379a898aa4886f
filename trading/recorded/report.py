"""The findings of an audit of a recording."""

import enum

import attrs

from trading.core.identifiers import Pair


class Feed(enum.Enum):
    """A kind of market data; the first three are books that an engine may keep."""

    L1 = "L1"
    FULL = "FULL"
    AGGREGATED = "AGGREGATED"
    DEPTH = "DEPTH"
    TRADES = "TRADES"
    CANDLES = "CANDLES"
    SUMMARY = "SUMMARY"
    MARK_PRICE = "MARK_PRICE"
    ORDER_TYPES = "ORDER_TYPES"


_TELL_BY_THEMSELVES = frozenset({Feed.TRADES, Feed.DEPTH})
"""Feeds of which each frame is complete by itself."""


@attrs.frozen(kw_only=True)
class FeedReport:
    """
    One pair's feed.

    Args:
        name: As its venue calls it; empty where that is as it is called here.
        frames: All of them.
        snapshots: Frames that hold a whole book.
        gaps: Changes that did not follow on the one before.
        mismatches: Frames after which our book was not the venue's, by its checksum.
        crossed: Frames after which the best bid was not below the best ask.
        early: Changes before the first snapshot, which it contains.
        skipped: Changes that could not be applied after trouble, until the next snapshot.
    """

    pair: Pair
    feed: Feed
    name: str = ""
    frames: int = 0
    snapshots: int = 0
    gaps: int = 0
    mismatches: int = 0
    crossed: int = 0
    early: int = 0
    skipped: int = 0

    @property
    def called(self) -> str:
        """Its name, for people and programs."""
        return self.name or self.feed.value

    @property
    def sound(self) -> bool:
        return not (self.gaps or self.mismatches or self.crossed or self.never_begun)

    @property
    def never_begun(self) -> bool:
        """Whether a book had changes, but never a beginning to apply them to."""
        return self.early > 0 and not self.snapshots

    @property
    def tells(self) -> bool:
        """Whether it holds a whole book, or a trade."""
        return self.snapshots > 0 or (self.frames > 0 and self.feed in _TELL_BY_THEMSELVES)


@attrs.frozen
class Finding:
    """
    Something that was found.

    Args:
        line: Its number, from 1.
        what: In words.
    """

    line: int
    what: str


@attrs.frozen(kw_only=True)
class Findings:
    """Everything of one kind: how often, and the first few."""

    count: int
    first: tuple[Finding, ...]


@attrs.frozen(kw_only=True)
class RecordingReport:
    """
    A whole recording.

    Args:
        lines: All of them.
        control: Frames about the connection and its subscriptions.
        unsafe: Gaps, wrong checksums and crossed books.
        malformed: Lines that hold no frame of the protocol, or one that no book can have.
        unrecognised: Frames of kinds that are not known; they prove nothing.
        first_received_ns: Wall clock of the first frame that has one.
        last_received_ns: Wall clock of the last frame that has one.
        damage: Why the file could not be read to its end; empty when it could.
    """

    lines: int
    feeds: tuple[FeedReport, ...]
    control: int
    unsafe: Findings
    malformed: Findings
    unrecognised: Findings
    first_received_ns: int | None
    last_received_ns: int | None
    damage: str = ""

    @property
    def clean(self) -> bool:
        """Whether there is a book or a trade in it, and nothing is wrong."""
        wrong = self.unsafe.count or self.malformed.count or self.damage
        return self.tells and all(feed.sound for feed in self.feeds) and not wrong

    @property
    def tells(self) -> bool:
        """Whether there is a whole book or a trade in it."""
        return any(feed.tells for feed in self.feeds)
