"""Schedules reconciliation: look-ups of orders in doubt, comparisons, the proof of being flat."""

from collections.abc import Callable, Iterable

from trading.core.identifiers import ClientOrderId
from trading.gateway.drift import DriftMonitor
from trading.gateway.effects import Reconciled
from trading.gateway.reconciliation import Comparison, Reconciliation
from trading.gateway.routing import Deadlines
from trading.gateway.scripts import Flag, Script, wait
from trading.gateway.tracker import OrderTracker
from trading.gateway.turn import Turn
from trading.orders.evidence import Renamed

NOT_COMPARED = "the venue's orders have not been compared with ours yet"
_DOUBLED_MAX = 4
"""Eight seconds at most: the venue may be back, and its orders stand unwatched."""

_PAUSE_MAX_S = 30.0
"""Between two looks at lists that do not tell all of what is ours, and go on not telling it."""


class Reconciler:
    """
    Looks up orders in doubt, compares all with the venue when due, proves the account flat.

    Attributes:
        session: Counts how often the account's stream has begun or ended.

    Args:
        stream_open: Whether the account's stream is open as the life begins.
        publish: Called when it has changed whether everything was compared.
        looked_up: Called after a look-up of orders in doubt.
        prove_flat: Run once nothing may be quoted and nothing is working.
    """

    def __init__(
        self,
        turn: Turn,
        *,
        stream_open: bool,
        tracker: OrderTracker,
        reconciliation: Reconciliation,
        deadlines: Deadlines,
        publish: Callable[[], None],
        looked_up: Callable[[], None],
        prove_flat: Callable[[], Script[None]],
    ) -> None:
        self._turn = turn
        self.stream_open = stream_open
        self.reconciled = False
        self._tracker = tracker
        self._reconciliation = reconciliation
        self._deadlines = deadlines
        self._publish = publish
        self._looked_up = looked_up
        self._prove_flat = prove_flat
        self.session = 0
        self._incomplete_s = 0.0
        self._compare_at = float("-inf")
        self._asked_for: tuple[float, float] | None = None
        self._to_ask: dict[ClientOrderId, None] = {}
        self._bell = Flag()
        self._opened = Flag()
        self._unanswered = 0

    def notice(self) -> None:
        """Wake up if there is something to find out or to prove; most changes leave nothing."""
        if self._turn.seen.withdrawn or self._tracker.unknown():
            self._bell.set()

    def stream_changed(self, *, is_open: bool) -> None:
        """Note that the account's stream ended or began: nothing is compared on it yet."""
        self.stream_open = is_open
        self.reconciled = False
        self.session += 1
        self._incomplete_s = 0.0
        self._turn.do(Reconciled(NOT_COMPARED))
        self._publish()
        self._bell.set()
        if is_open:
            self._opened.set()

    def compare_from(self, at: float) -> None:
        """
        Have everything compared with the venue by a comparison that begins at a moment or later.

        Whatever is asked for, the routine comparison stays due.

        Args:
            at: Monotonic seconds.
        """
        first, last = self._asked_for or (at, at)
        self._asked_for = min(first, at), max(last, at)
        self._bell.set()

    @property
    def _next_at(self) -> float:
        """When the next comparison is due."""
        return min(self._compare_at, self._asked_for[0] if self._asked_for else float("inf"))

    def _begin_comparison(self, now: float) -> None:
        """Note that what was asked for until now is done; a later moment stays due."""
        if self._asked_for is not None:
            last = self._asked_for[1]
            self._asked_for = (last, last) if last > now else None

    def ask_about(self, renamed: Iterable[Renamed]) -> None:
        """Have these fills' orders looked up, as their totals tell whether the fills are new."""
        for one in renamed:
            if one.fill.client_order_id is not None:
                self._to_ask[one.fill.client_order_id] = None
                self._bell.set()

    def run(self, unexplained: DriftMonitor) -> Script[None]:
        """
        Look up, compare and prove for as long as the life lasts.

        Args:
            unexplained: Called when the venue's orders and fills were found to agree with ours.
        """
        while True:
            if self.stream_open and self._due():
                yield from self._reconcile(unexplained)
            if not (unknown := self._tracker.unknown()):
                self._unanswered = 0
            else:
                answered = yield from self._reconciliation.look_up_all(unknown)
                self._unanswered = 0 if answered else self._unanswered + 1
                self._looked_up()
            yield from self._ask()
            if self._turn.seen.withdrawn and not self._tracker.working:
                yield from self._prove_flat()
            open_questions = bool(self._to_ask or self._tracker.unknown())
            if open_questions or (self.stream_open and not self.reconciled):
                yield from wait(self._opened, until=self._turn.now + self._pause_s())
                if self._opened.is_set:
                    self._opened = Flag()
            else:
                # Without a stream there is nothing to compare, so no moment to wait for either.
                due = self._next_at if self.stream_open else float("inf")
                yield from wait(self._bell, until=due)
                if self._bell.is_set:
                    self._bell = Flag()

    def _pause_s(self) -> float:
        """The pause before the next look-ups: longer each time the venue gives no answer at all."""
        doubled = min(max(0, self._unanswered - 1), _DOUBLED_MAX)
        return self._deadlines.lookup_pause * 2.0**doubled

    def _due(self) -> bool:
        at_once = not self.reconciled and not self._incomplete_s
        return at_once or self._turn.now >= self._next_at

    def _ask(self) -> Script[None]:
        """Look up orders with a fill that seems to have two names."""
        for order_id in tuple(self._to_ask):
            order = self._tracker.find(order_id)
            if order is None or (yield from self._reconciliation.look_up(order)):
                self._to_ask.pop(order_id, None)

    def _reconcile(self, unexplained: DriftMonitor) -> Script[None]:
        session, began = self.session, self._turn.now
        self._begin_comparison(began)
        comparison = yield from self._reconciliation.compare()
        now = self._turn.now
        # A stream that was lost or replaced meanwhile makes the comparison worthless.
        if session != self.session or not self.stream_open:
            return
        if comparison is Comparison.DRIFT and self.reconciled:
            self._turn.error("drift", reason=self._reconciliation.why_not)
        agreed = comparison is Comparison.AGREED
        if agreed:
            unexplained.agreed(began)
        # A list that could not be read changes nothing that was known.
        reconciled = agreed or (self.reconciled and comparison is Comparison.UNREAD)
        self._compare_at = now + self._until_next_s(comparison)
        if comparison is not Comparison.UNREAD:
            self._turn.do(Reconciled(self._reconciliation.why_not))
        if reconciled != self.reconciled:
            self.reconciled = reconciled
            self._publish()

    def _until_next_s(self, comparison: Comparison) -> float:
        """The time until the next comparison."""
        if comparison is not Comparison.INCOMPLETE:
            self._incomplete_s = 0.0
            agreed = comparison is Comparison.AGREED
            return self._deadlines.reconciliation if agreed else self._deadlines.outcome
        if self._reconciliation.reading_on:
            self._incomplete_s = self._deadlines.lookup_pause
        else:
            twice_s = max(2 * self._incomplete_s, self._deadlines.outcome)
            self._incomplete_s = min(twice_s, _PAUSE_MAX_S)
        return self._incomplete_s
