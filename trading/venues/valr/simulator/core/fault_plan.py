"""
The faults of the simulated exchange, on the wire and behind it, and their probabilities.

A fault strikes by chance, with the probability of its plan, or for certain when a test arms it.
No fault makes or loses money: faults change what is sent, and when, or let the crowd trade; they
never touch a balance. An event at the venue at a chosen moment is a ``VenueEvent`` instead.
"""

from collections.abc import Iterable, Mapping
from random import Random

import attrs
from attrs import validators

from trading.core.enumeration import TableKey


class Fault(TableKey):
    """The kinds of faults; each names the occasion at which it may strike."""

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
    """After a command nothing passes on a connection any more, without a close."""
    WRONG_CHECKSUM = "wrong_checksum"
    """A frame of a book has a wrong checksum."""
    SEQUENCE_GAP = "sequence_gap"
    """A change of a book is not sent."""
    MISSING_SNAPSHOT = "missing_snapshot"
    """A new subscriber of a book gets its changes only."""
    LOST_ACKNOWLEDGEMENT = "lost_acknowledgement"
    """A command is obeyed, but not acknowledged."""
    FILL_BEFORE_ACKNOWLEDGEMENT = "fill_before_acknowledgement"
    """The outcome of a command is sent before its acknowledgement."""
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

    # Of connections.
    BAD_SIGNATURE = "bad_signature"
    """A good signature is called a bad one: the new socket is closed with 1007."""
    UPGRADE_FORBIDDEN = "upgrade_forbidden"
    """A WebSocket upgrade is answered with 401 or 403."""
    UPGRADE_LIMITED = "upgrade_limited"
    """A WebSocket upgrade is answered with 429."""
    UPGRADE_UNAVAILABLE = "upgrade_unavailable"
    """A WebSocket upgrade is answered with 502, 503 or 504."""
    PONG_WITHHELD = "pong_withheld"
    """A PING has no answer."""
    LATE_CANCEL_ON_DISCONNECT = "late_cancel_on_disconnect"
    """The orders of an ended connection are cancelled much later than they should be."""
    NO_CANCEL_ON_DISCONNECT = "no_cancel_on_disconnect"
    """The orders of an ended connection stay, though they were to be cancelled."""

    # Of books and trades.
    BOOK_TWICE = "book_twice"
    """A change of a book is sent twice."""
    LATE_SNAPSHOT = "late_snapshot"
    """A new subscriber of a book gets its changes first, and the snapshot later."""
    CROSSED_BOOK = "crossed_book"
    """A change of a book brings a bid at or above the best ask, with the checksum that fits."""
    IMPOSSIBLE_NUMBER = "impossible_number"
    """A price or quantity of a book is zero, negative, no number, or beyond all bounds."""
    FAR_TRADE = "far_trade"
    """A trade is told that never was, at a price far from the book."""

    # Of what an account is told.
    LATE_ACKNOWLEDGEMENT = "late_acknowledgement"
    """A command is obeyed, and acknowledged half a minute later."""
    OTHER_FILL_ID = "other_fill_id"
    """A fill is told with another trade id than the history has."""
    LATE_BALANCE = "late_balance"
    """A balance is told later, perhaps after a newer one."""

    # Of orders.
    PARTIAL_FILL_RACES_CANCEL = "partial_fill_races_cancel"
    """An order is partly filled just before it is cancelled."""
    FAILED_AFTER_ACCEPTANCE = "failed_after_acceptance"
    """An order that was taken fails in the matching engine."""
    POST_ONLY_CROSSES = "post_only_crosses"
    """A post-only order fails as if the market had just come to meet it."""
    BATCH_LEG_REFUSED = "batch_leg_refused"
    """One request of a batch is refused, the others are not."""
    PLACE_LIMITED = "place_limited"
    """A new order is answered with 429 or RATE_LIMIT_EXCEEDED; nothing happened."""
    CANCEL_LIMITED = "cancel_limited"
    """A cancel is answered with 429 or RATE_LIMIT_EXCEEDED; nothing happened."""

    # Of the shape of frames and answers.
    UNKNOWN_STATUS = "unknown_status"
    """The status of an order, or of the venue, is an unknown word."""
    UNKNOWN_MESSAGE = "unknown_message"
    """A frame has an unknown type."""
    UNKNOWN_ENUM = "unknown_enum"
    """A side, a kind of order or a time in force is an unknown word."""
    EXTRA_FIELDS = "extra_fields"
    """There are unknown fields."""
    MISSING_FIELD = "missing_field"
    """A field is missing that is always there."""
    NUMBER_AS_NUMBER = "number_as_number"
    """A number that is written as text is written as a number."""

    # Of REST answers.
    HTML_ANSWER = "html_answer"
    """A request is obeyed; the body of the good answer is a page of HTML."""
    TRUNCATED_ANSWER = "truncated_answer"
    """A request is obeyed; the body of the answer ends in the middle."""
    WRONG_CHARSET = "wrong_charset"
    """A request is obeyed; the body of the answer is UTF-16."""
    WRONG_CONTENT_TYPE = "wrong_content_type"
    """A request is obeyed; the answer calls its JSON plain text."""
    REDIRECT = "redirect"
    """A request is answered with 302, as by a captive portal; nothing happened."""
    STALE_ANSWER = "stale_answer"
    """A public answer that may be cached is up to a minute old."""
    HISTORY_HIDES_CANCELS = "history_hides_cancels"
    """The history of orders leaves out cancelled ones that were asked for."""
    PAGES_SHIFT = "pages_shift"
    """A later page of a history begins earlier: it grew while it was read."""


@attrs.frozen(kw_only=True)
class FaultPlan:
    """
    How likely faults are.

    Args:
        probabilities: Of each fault, at each occasion; what is absent never strikes.
        delay_max_s: Longest delay of an event.
        late_lookup_s: How young an order must be not to be found.
        close_codes: How a cut connection ends; 1006 is without a Close frame.
        late_acknowledgement_s: How late a late acknowledgement is.
        late_cancel_on_disconnect_s: How late cancel-on-disconnect is when it is late.
    """

    probabilities: Mapping[Fault, float] = attrs.field(factory=dict)
    delay_max_s: float = attrs.field(default=2.0, validator=validators.gt(0.0))
    late_lookup_s: float = attrs.field(default=2.0, validator=validators.gt(0.0))
    close_codes: tuple[int, ...] = (1006, 1012, 1000)
    late_acknowledgement_s: float = attrs.field(default=30.0, validator=validators.gt(0.0))
    late_cancel_on_disconnect_s: float = attrs.field(default=20.0, validator=validators.gt(0.0))


class Faults:
    """
    Decides when faults strike, and counts them.

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
        """Disarm all faults: from now on they strike by chance only."""
        self._armed.clear()

    def strikes(self, fault: Fault) -> bool:
        """Whether a fault strikes now."""
        if not (self._armed or self.plan.probabilities):  # nearly always
            return False
        if not self._decides(fault):
            return False
        self.count(fault.value)
        return True

    def may_strike(self, faults: Iterable[Fault]) -> bool:
        """Whether any of these could happen now; decides and draws nothing."""
        chances = self.plan.probabilities
        if not (self._armed or chances):  # nearly always
            return False
        return any(self._armed.get(fault) or chances.get(fault) for fault in faults)

    def count(self, name: str) -> None:
        """Count a fault or event by its name."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def heal(self) -> None:
        """Stop all faults, by chance or for certain."""
        self.plan = attrs.evolve(self.plan, probabilities={})
        self.disarm()

    def delay_s(self) -> float:
        """The delay of something that is late."""
        return self.random.uniform(0.0, self.plan.delay_max_s)

    def _decides(self, fault: Fault) -> bool:
        armed = self._armed.pop(fault, 0)
        if armed > 1:
            self._armed[fault] = armed - 1
        if armed:
            return True
        probability = self.plan.probabilities.get(fault, 0.0)
        return probability > 0.0 and self.random.random() < probability
