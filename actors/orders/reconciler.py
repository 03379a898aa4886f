"""Schedules reconciliation: look-ups of orders in doubt, comparisons, the proof of being flat."""

from collections.abc import Awaitable, Callable, Iterable

import structlog
import trio

from actors.orders.drift import DriftMonitor
from actors.orders.reconciliation import Comparison, Reconciliation
from actors.orders.routing import Deadlines
from actors.orders.strategy_ports import SharedState
from actors.ports.ports import Wakeup
from trading.core.identifiers import ClientOrderId
from trading.gateway.tracker import OrderTracker
from trading.orders.evidence import Renamed

log = structlog.get_logger()

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
        withdrawn: Whether nothing may be quoted at all.
        prove_flat: Awaited once nothing is working then.
    """

    def __init__(
        self,
        *,
        stream_open: bool,
        tracker: OrderTracker,
        reconciliation: Reconciliation,
        shared: SharedState,
        deadlines: Deadlines,
        publish: Callable[[], None],
        looked_up: Callable[[], None],
        withdrawn: Callable[[], bool],
        prove_flat: Callable[[], Awaitable[None]],
    ) -> None:
        self.stream_open = stream_open
        self.reconciled = False
        self._tracker = tracker
        self._reconciliation = reconciliation
        self._shared = shared
        self._deadlines = deadlines
        self._publish = publish
        self._looked_up = looked_up
        self._withdrawn = withdrawn
        self._prove_flat = prove_flat
        self.session = 0
        self._incomplete_s = 0.0
        self._compare_at = float("-inf")
        self._to_ask: dict[ClientOrderId, None] = {}
        self._bell = Wakeup()
        self._opened = Wakeup()
        self._unanswered = 0

    def notice(self) -> None:
        """Wake up if there is something to find out or to prove; most changes leave nothing."""
        if self._withdrawn() or self._tracker.unknown():
            self._bell.ring()

    def stream_changed(self, *, is_open: bool) -> None:
        """Note that the account's stream ended or began: nothing is compared on it yet."""
        self.stream_open = is_open
        self.reconciled = False
        self.session += 1
        self._incomplete_s = 0.0
        self._shared.reconciled(NOT_COMPARED)
        self._publish()
        self._bell.ring()
        if is_open:
            self._opened.ring()

    def compare_from(self, at: float) -> None:
        """Have everything compared with the venue, at a moment in monotonic seconds."""
        self._compare_at = at
        self._bell.ring()

    def ask_about(self, renamed: Iterable[Renamed]) -> None:
        """Have these fills' orders looked up, as their totals tell whether the fills are new."""
        for one in renamed:
            if one.fill.client_order_id is not None:
                self._to_ask[one.fill.client_order_id] = None
                self._bell.ring()

    async def run(self, unexplained: DriftMonitor) -> None:
        """
        Look up, compare and prove for as long as the life lasts.

        Args:
            unexplained: Called when the venue's orders and fills were found to agree with ours.
        """
        while True:
            if self.stream_open and self._due():
                await self._reconcile(unexplained)
            if not (unknown := self._tracker.unknown()):
                self._unanswered = 0
            else:
                answered = await self._reconciliation.look_up_all(unknown)
                self._unanswered = 0 if answered else self._unanswered + 1
                self._looked_up()
            await self._ask()
            if self._withdrawn() and not self._tracker.working:
                await self._prove_flat()
            open_questions = bool(self._to_ask or self._tracker.unknown())
            if open_questions or (self.stream_open and not self.reconciled):
                with trio.move_on_after(self._pause_s()):
                    await self._opened.wait()
            else:
                # Without a stream there is nothing to compare, so no moment to wait for either.
                due = self._compare_at if self.stream_open else float("inf")
                with trio.move_on_at(due):
                    await self._bell.wait()

    def _pause_s(self) -> float:
        """The pause before the next look-ups: longer each time the venue gives no answer at all."""
        doubled = min(max(0, self._unanswered - 1), _DOUBLED_MAX)
        return self._deadlines.lookup_pause * 2.0**doubled

    def _due(self) -> bool:
        at_once = not self.reconciled and not self._incomplete_s
        return at_once or trio.current_time() >= self._compare_at

    async def _ask(self) -> None:
        """Look up orders with a fill that seems to have two names."""
        for order_id in tuple(self._to_ask):
            order = self._tracker.find(order_id)
            if order is None or await self._reconciliation.look_up(order):
                self._to_ask.pop(order_id, None)

    async def _reconcile(self, unexplained: DriftMonitor) -> None:
        session, began = self.session, trio.current_time()
        comparison = await self._reconciliation.compare()
        now = trio.current_time()
        # A stream that was lost or replaced meanwhile makes the comparison worthless.
        if session != self.session or not self.stream_open:
            return
        if comparison is Comparison.DRIFT and self.reconciled:
            log.error("drift", reason=self._reconciliation.why_not)
        agreed = comparison is Comparison.AGREED
        if agreed:
            unexplained.agreed(began)
        # A list that could not be read changes nothing that was known.
        reconciled = agreed or (self.reconciled and comparison is Comparison.UNREAD)
        self._compare_at = now + self._until_next_s(comparison)
        if comparison is not Comparison.UNREAD:
            self._shared.reconciled(self._reconciliation.why_not)
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
