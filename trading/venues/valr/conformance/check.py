"""A check of the venue as a value, its result, and the judgement between the two."""

import enum
from collections.abc import Mapping, Sequence

import attrs

Fact = object
"""What was seen, as JSON has it."""

Facts = Mapping[str, Fact]
"""
Facts by their names.

A name with a slash is a knob of the simulated exchange (``KNOBS``), so that what was seen at a
venue is what the simulated one can be set to.
"""


class Level(enum.Enum):
    """How far a check goes; each level has the checks of those before it too."""

    PUBLIC = "public"
    """Without a key."""
    ACCOUNT = "account"
    """With a key that may look."""
    ORDERS = "orders"
    """With orders, and so with money."""

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class Verdict(enum.Enum):
    """What a check came to."""

    AS_EXPECTED = "as expected"
    DIFFERS = "differs"
    NOT_SEEN = "not seen"
    """It was looked for, and did not happen."""
    NOT_TRIED = "not tried"
    BROKEN = "broken"
    """The check itself failed: a defect of ours, and no word about the venue."""


@attrs.frozen(kw_only=True)
class Check:
    """
    One question to the venue.

    Args:
        id: How it is named on the command line.
        question: In one sentence.
        assumed: Where the answer is assumed: a section of the protocol, and the place in the code.
        expected: The facts that are assumed.
        unknown: The open questions that it answers, by their numbers in docs/venue-valr.md.
        slow: It takes longer than a minute by itself.
        fills: It trades.
    """

    id: str
    level: Level
    question: str
    assumed: str
    expected: Facts
    unknown: tuple[str, ...] = ()
    slow: bool = False
    fills: bool = False


@attrs.frozen(kw_only=True)
class Result:
    """
    What a check came to.

    Args:
        seen: The facts.
        because: Why it was not seen or not tried, or how the check broke.
        frames: Numbers of the frames and answers that are its evidence.
    """

    check: Check
    verdict: Verdict
    seen: Facts = attrs.field(factory=dict)
    because: str = ""
    frames: tuple[int, ...] = ()
    took_s: float = 0.0

    @property
    def differing(self) -> Mapping[str, tuple[Fact, Fact]]:
        """The expected and the seen of each fact in which they are not the same."""
        return {
            name: (self.check.expected.get(name), fact)
            for name, fact in self.seen.items()
            if name in self.check.expected and plain(fact) != plain(self.check.expected[name])
        }


class NotSeen(Exception):
    """What a check is about did not happen."""


class NotTried(Exception):
    """A check cannot be made here and now."""


def judged(check: Check, seen: Facts) -> Verdict:
    """Whether what was seen is what is expected; a fact that is not there was not seen."""
    result = Result(check=check, verdict=Verdict.AS_EXPECTED, seen=seen)
    if result.differing:
        return Verdict.DIFFERS
    return Verdict.AS_EXPECTED if set(check.expected) & set(seen) else Verdict.NOT_SEEN


def plain(fact: Fact) -> Fact:
    """A fact as JSON has it: without tuples."""
    if isinstance(fact, Sequence) and not isinstance(fact, str):
        return [plain(inner) for inner in fact]
    return fact
