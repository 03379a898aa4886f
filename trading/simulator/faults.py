"""
What can go wrong on purpose, at the wire and behind it.

A fault strikes by chance, with the probability of its plan, or for certain when a test arms it.
Whatever strikes, no money is made or lost: faults change what is told, and when, or let the crowd
trade; they never touch a balance.
"""

from collections.abc import Mapping
from random import Random

import attrs
from attrs import validators

from trading.enumeration import TableKey


class Fault(TableKey):
    """Each names the occasion at which it may strike."""

    DROP = "drop"
    """An event of an account is never sent."""
    DELAY = "delay"
    """An event of an account is sent later."""
    DUPLICATE = "duplicate"
    """An event of an account is sent twice."""
    REORDER = "reorder"
    """The events of one moment, acknowledgement included, are sent in any order."""
    CUT = "cut"
    """A connection ends after a command was obeyed, before its answer."""
    HALF_OPEN = "half_open"
    """After a command nothing passes on a connection any more, and nobody says so."""
    WRONG_CHECKSUM = "wrong_checksum"
    """A frame of a book has a wrong checksum."""
    SEQUENCE_GAP = "sequence_gap"
    """A change of a book is not sent."""
    MISSING_SNAPSHOT = "missing_snapshot"
    """A new subscriber of a book gets its changes only."""
    LOST_ACKNOWLEDGEMENT = "lost_acknowledgement"
    """A command is obeyed, but not acknowledged."""
    FILL_BEFORE_ACKNOWLEDGEMENT = "fill_before_acknowledgement"
    """What comes of a command is told before it is acknowledged."""
    FILL_RACES_CANCEL = "fill_races_cancel"
    """An order is filled just before it would be cancelled."""
    FILL_RACES_MODIFY = "fill_races_modify"
    """An order is filled just before it would be modified."""
    STALE_OPEN_ORDERS = "stale_open_orders"
    """The list of open orders is sent once more as it was: before an order's acknowledgement, and
    after a cancel's. A REST answer is the former list."""
    RATE_LIMITED = "rate_limited"
    """A request is answered with 429; nothing happened."""
    SERVER_ERROR = "server_error"
    """A request is answered with 502 or 503; nothing happened."""
    SERVER_ERROR_AFTER_ACCEPTANCE = "server_error_after_acceptance"
    """A request that changes something is obeyed, and answered with 502."""
    HTML_AFTER_ACCEPTANCE = "html_after_acceptance"
    """A request that changes something is obeyed, and answered with 400 and a page of HTML."""
    CUT_AFTER_ACCEPTANCE = "cut_after_acceptance"
    """A request that changes something is obeyed, and its connection ends without an answer."""
    LATE_LOOKUP = "late_lookup"
    """An order that was just placed is not found yet."""


@attrs.frozen(kw_only=True)
class FaultPlan:
    """
    How likely faults are.

    Args:
        probabilities: Of each fault, at each occasion; what is absent never strikes.
        delay_max_s: Longest delay of an event.
        late_lookup_s: How young an order must be not to be found.
        close_codes: How a cut connection ends; 1006 is without a Close frame.
    """

    probabilities: Mapping[Fault, float] = attrs.field(factory=dict)
    delay_max_s: float = attrs.field(default=2.0, validator=validators.gt(0.0))
    late_lookup_s: float = attrs.field(default=2.0, validator=validators.gt(0.0))
    close_codes: tuple[int, ...] = (1006, 1012, 1000)


class Faults:
    """
    Decides when something goes wrong, and counts it.

    Args:
        random: Used for nothing else, so that faults do not change the market.
    """

    def __init__(self, plan: FaultPlan, random: Random) -> None:
        self.plan = plan
        self.random = random
        self.counts: dict[str, int] = {}
        self._armed: dict[Fault, int] = {}

    def arm(self, fault: Fault, times: int = 1) -> None:
        """Let a fault strike at its next occasions, whatever its probability."""
        self._armed[fault] = self._armed.get(fault, 0) + times

    def disarm(self) -> None:
        """Let nothing strike any more but by chance."""
        self._armed.clear()

    def strikes(self, fault: Fault) -> bool:
        """Whether it happens now."""
        if not self._decides(fault):
            return False
        self.counts[fault.value] = self.counts.get(fault.value, 0) + 1
        return True

    def delay_s(self) -> float:
        """How late something is."""
        return self.random.uniform(0.0, self.plan.delay_max_s)

    def _decides(self, fault: Fault) -> bool:
        armed = self._armed.get(fault, 0)
        if armed:
            self._armed[fault] = armed - 1
            return True
        probability = self.plan.probabilities.get(fault, 0.0)
        return probability > 0.0 and self.random.random() < probability
