"""
The decision when a child ends: OTP's rules as one pure function.

Nothing here waits, draws its own randomness or reads a clock, so every cell of the table (strategy,
restart kind, verdict) can be tested by calling ``judge``.
"""

import enum
from collections.abc import Iterator, Mapping
from random import Random

import attrs
import msgspec
from attrs import validators

from trading.core.errors import Fatal, Outage, VenueFault
from trading.core.patience import doubled_s


class Restart(enum.Enum):
    """Whether a child that has ended lives again."""

    PERMANENT = "permanent"
    """Always; even a normal return is a defect."""
    TRANSIENT = "transient"
    """Unless it returned normally."""
    TEMPORARY = "temporary"
    """Never."""


class RestartStrategy(enum.Enum):
    """Which children are restarted together with the one that failed."""

    ONE_FOR_ONE = "one for one"
    """None: the children do not depend on each other."""
    REST_FOR_ONE = "rest for one"
    """All that were started after it: they depend on it."""
    ONE_FOR_ALL = "one for all"
    """All: either all run or none."""


class Verdict(enum.Enum):
    """The kinds of ends of a life."""

    FINE = "fine"
    OUTAGE = "outage"
    DEFECT = "defect"
    FATAL = "fatal"


@attrs.frozen
class RestartLimit:
    """
    How many defects a supervisor forgives before it counts as defective itself.

    Args:
        defects_max: One more than this within the window escalates.
        within_s: Length of the sliding window, in seconds.
    """

    defects_max: int = attrs.field(default=3, validator=validators.ge(0))
    within_s: float = attrs.field(default=60.0, validator=validators.gt(0))


@attrs.frozen(kw_only=True)
class Backoff:
    """
    How long a child waits after an outage, or after a defect that is not the first lately.

    Args:
        first_s: Longest wait after the first outage of a row, in seconds; doubles with each.
        longest_s: Where the doubling ends, in seconds.
        jitter: Largest fraction taken off at random, so that clients of one venue spread out.
        at_once: So many defects within the window are followed by a new life at once.
        row_ends_after_s: A life that has served this long, in seconds, begins a new row. Time
            spent waiting or connecting is not service: a slow failure must not look like success.
    """

    first_s: float = attrs.field(default=0.5, validator=validators.gt(0))
    longest_s: float = attrs.field(default=30.0, validator=validators.gt(0))
    jitter: float = attrs.field(default=0.5, validator=[validators.ge(0), validators.le(1)])
    at_once: int = attrs.field(default=1, validator=validators.ge(0))
    row_ends_after_s: float = attrs.field(default=60.0, validator=validators.gt(0))

    def delay_s(self, in_a_row: int, random: Random) -> float:
        """The wait after so many outages in a row (1 is the first)."""
        full = doubled_s(self.first_s, in_a_row, self.longest_s)
        return full * (1 - self.jitter * random.random())

    def after_defect_s(self, in_window: int) -> float:
        """
        The wait after so many defects within the window: none after the first.

        A defect may come again at once, and repeating it over and over in one moment does not
        help. No other client fails with it, so there is no jitter.
        """
        in_vain = in_window - self.at_once
        return doubled_s(self.first_s, in_vain, self.longest_s) if in_vain > 0 else 0.0


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """
    A supervisor's rules.

    Args:
        children: Names, in the order in which they start.
    """

    strategy: RestartStrategy
    children: tuple[str, ...]
    limit: RestartLimit = RestartLimit()
    backoff: Backoff = Backoff()


class History(msgspec.Struct, frozen=True, kw_only=True):
    """
    A supervisor's memory; bounded by its limit and its number of children.

    Args:
        defects_at: Moments of the defects that may still be in the window, oldest first.
        outages_in_a_row: By child; a missing child has none.
    """

    defects_at: tuple[float, ...] = ()
    outages_in_a_row: Mapping[str, int] = msgspec.field(default_factory=dict)

    def defects_in_window(self, limit: RestartLimit, now: float) -> tuple[float, ...]:
        """Those younger than the window."""
        return tuple(at for at in self.defects_at if now - at < limit.within_s)


class End(msgspec.Struct, frozen=True, kw_only=True):
    """
    One life's end.

    Args:
        served_s: Seconds from ``started()`` to the end; zero when it never started.
    """

    child: str
    restart: Restart
    verdict: Verdict
    served_s: float = 0.0


class Revive(msgspec.Struct, frozen=True):
    """
    Stop those of ``which`` that still live, then start them in order (but no temporary ones).

    Args:
        after_s: How long the child that failed waits first, in seconds.
        which: Names, in starting order; the child that failed is among them.
    """

    after_s: float
    which: tuple[str, ...]


class Finish(msgspec.Struct, frozen=True):
    """Do nothing: this child is done."""


class Escalate(msgspec.Struct, frozen=True):
    """Too many defects: stop all children and fail, as a defect of the supervisor."""


class StopAll(msgspec.Struct, frozen=True):
    """Fatal: stop all children and pass it on."""


Action = Revive | Finish | Escalate | StopAll


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """
    The decision, and the memory for the next one.

    Args:
        verdict: The end's, once the restart kind is considered: a permanent child may not return.
        failures_in_window: Defects that count now, this one included.
    """

    action: Action
    verdict: Verdict
    failures_in_window: int
    history: History


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The exceptions inside nested groups; an exception that is no group is its own leaf."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from leaves(inner)
    else:
        yield error


def classify(error: BaseException | None) -> Verdict:
    """
    By exception type: any Fatal is fatal, nothing but outages is an outage, else a defect.

    A venue's refusals and malformed messages count as outages too: they must not end the engine.
    """
    if error is None:
        return Verdict.FINE
    found = tuple(leaves(error))
    if any(isinstance(leaf, Fatal) for leaf in found):
        return Verdict.FATAL
    if all(isinstance(leaf, Outage | VenueFault) for leaf in found):
        return Verdict.OUTAGE
    return Verdict.DEFECT


def judge(policy: Policy, history: History, end: End, now: float, random: Random) -> Judgement:
    """
    The judgement of an end at ``now`` monotonic seconds.

    The random source is for the jitter only, and drawn from once per outage.
    """
    verdict = end.verdict
    if verdict is Verdict.FINE and end.restart is Restart.PERMANENT:
        verdict = Verdict.DEFECT
    action: Action
    if verdict is Verdict.FATAL:
        action = StopAll()
    elif verdict is Verdict.FINE or end.restart is Restart.TEMPORARY:
        action = Finish()
    elif verdict is Verdict.OUTAGE:
        in_a_row = _outages_in_a_row(policy, history, end)
        history = msgspec.structs.replace(
            history, outages_in_a_row={**history.outages_in_a_row, end.child: in_a_row}
        )
        action = Revive(policy.backoff.delay_s(in_a_row, random), affected(policy, end.child))
    else:
        counted = (*history.defects_in_window(policy.limit, now), now)
        history = msgspec.structs.replace(history, defects_at=counted)
        action = (
            Escalate()
            if len(counted) > policy.limit.defects_max
            else Revive(policy.backoff.after_defect_s(len(counted)), affected(policy, end.child))
        )
    return Judgement(
        action=action,
        verdict=verdict,
        failures_in_window=len(history.defects_in_window(policy.limit, now)),
        history=history,
    )


def affected(policy: Policy, child: str) -> tuple[str, ...]:
    """The children to restart when this one failed, in starting order."""
    match policy.strategy:
        case RestartStrategy.ONE_FOR_ONE:
            return (child,)
        case RestartStrategy.REST_FOR_ONE:
            return policy.children[policy.children.index(child) :]
        case RestartStrategy.ONE_FOR_ALL:
            return policy.children


def _outages_in_a_row(policy: Policy, history: History, end: End) -> int:
    if end.served_s >= policy.backoff.row_ends_after_s:
        return 1
    return history.outages_in_a_row.get(end.child, 0) + 1
