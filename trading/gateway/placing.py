"""Places and amends orders: checked, made durable, checked again, sent."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

import attrs
import msgspec

from trading.core.identifiers import ClientOrderId, ClientOrderIds, StrategyName
from trading.decisions.decision import Amend
from trading.gateway.dispatch import HandedOver, InDoubt, NotSent, OrderDispatch, Placed
from trading.gateway.records import OrderRecords
from trading.gateway.refusals import NOT_SENT, TAKEN_BACK, OrderRefusals
from trading.gateway.risk_gate import RiskGate
from trading.gateway.scripts import Flag, Interrupted, Running, Script, Scripts, wait
from trading.gateway.tracker import OrderTracker
from trading.gateway.turn import Turn
from trading.messages.account import OrderNews
from trading.messages.gateway import Instruction
from trading.orders.evidence import Heard
from trading.orders.order import Order, OrderStatus
from trading.risk import CheckedAmendment, CheckedOrder, Refusal
from trading.venues.rate_limits import Priority

_OUTBOX_MAX = 100
"""Decisions of one strategy that wait for the ledger or for room; beyond that it has to wait."""


@attrs.frozen(kw_only=True, eq=False)
class Outgoing:
    """
    A decision's new orders; they leave once they are durable and the cancels have left.

    Args:
        unwanted: Set once none of the orders is wanted any more.
    """

    orders: tuple[Order, ...]
    durable: Flag
    cancels: tuple[Flag, ...]
    priority: Priority
    unwanted: Flag = attrs.field(factory=Flag)


class OrderPlacing:
    """
    The path of new orders and amendments from a decision to the wire.

    Each strategy has an outbox of its own. Waiting orders are superseded, not queued: one that its
    strategy takes back before it has left gives its turn to the order that replaces it.

    Args:
        handover_s: For the cancels of a decision to leave before its new orders do.
        booking_s: For the ledger to make an intent durable.
        not_permitted: Why an order may not leave at this moment, limits apart; empty if it may.
        tell: Takes the order events that we cause ourselves.
        hear: Takes an answer of the venue's.
        refusals: Keeps why orders do not leave.
    """

    def __init__(
        self,
        turn: Turn,
        scripts: Scripts,
        *,
        tracker: OrderTracker,
        risk: Mapping[StrategyName, RiskGate],
        ids: ClientOrderIds,
        dispatch: OrderDispatch,
        records: OrderRecords,
        handover_s: float,
        booking_s: float,
        not_permitted: Callable[[Order], str],
        tell: Callable[[Heard], None],
        hear: Callable[[OrderNews], None],
        refusals: OrderRefusals,
    ) -> None:
        self._turn = turn
        self._scripts = scripts
        self._refusals = refusals
        self._tracker = tracker
        self._risk = risk
        self._ids = ids
        self._dispatch = dispatch
        self._records = records
        self._handover_s = handover_s
        self._booking_s = booking_s
        self._not_permitted = not_permitted
        self._tell = tell
        self._hear = hear
        self._outboxes: dict[StrategyName, deque[Outgoing]] = {name: deque() for name in risk}
        self._senders: dict[StrategyName, Running] = {}
        self._waiting: dict[ClientOrderId, Outgoing] = {}
        self._turns: dict[ClientOrderId, Running] = {}
        self._inherited: dict[StrategyName, tuple[Flag, ...]] = {}
        self._amending: set[ClientOrderId] = set()

    @property
    def full(self) -> bool:
        """Whether an outbox is full: no instruction is to be taken until there is room."""
        return any(len(outbox) >= _OUTBOX_MAX for outbox in self._outboxes.values())

    def send(self, outgoing: Outgoing) -> None:
        """Queue a decision's orders for sending."""
        strategy = outgoing.orders[0].strategy
        self._outboxes[strategy].append(outgoing)
        sender = self._senders.get(strategy)
        if sender is None or sender.ended:
            self._senders[strategy] = self._scripts.start(self._send_all(strategy))

    def _send_all(self, strategy: StrategyName) -> Script[None]:
        outbox = self._outboxes[strategy]
        while outbox:
            yield from self._send_in_turn(outbox.popleft())

    def _send_in_turn(self, outgoing: Outgoing) -> Script[None]:
        unwanted, until = outgoing.unwanted, self._turn.now + self._handover_s
        for cancelled in outgoing.cancels:
            yield from wait(cancelled, unwanted, until=until)
        patient_until = self._turn.now + self._booking_s
        in_time = yield from wait(outgoing.durable, unwanted, until=patient_until)
        for order in outgoing.orders:
            if not in_time:
                self._never_left(order, "the ledger did not make it durable in time")
            elif self._tracker.waits(order.client_order_id):
                yield from self._place(order, outgoing.priority)
            self._waiting.pop(order.client_order_id, None)

    def take_back(self, order_id: ClientOrderId) -> bool:
        """Take back an order that has not left yet; whether there was one."""
        if not self._tracker.waits(order_id):
            return False
        order = self._tracker.working[order_id]
        self._risk[order.strategy].not_placed(order.created_at)
        self._tell(self._tracker.never_left(order_id, self._turn.now, TAKEN_BACK))
        if (sender := self._turns.get(order_id)) is not None:
            self._scripts.interrupt(sender)
        if (outgoing := self._waiting.pop(order_id, None)) is not None:
            self._leave_its_place(order.strategy, outgoing)
        return True

    def _leave_its_place(self, strategy: StrategyName, outgoing: Outgoing) -> None:
        """Let the next orders replace those that these were to replace."""
        if outgoing.priority is Priority.REPLACE:
            before = self._inherited.get(strategy, ())
            self._inherited[strategy] = tuple(dict.fromkeys((*before, *outgoing.cancels)))
        if not any(self._tracker.waits(order.client_order_id) for order in outgoing.orders):
            outgoing.unwanted.set()
            if outgoing in self._outboxes[strategy]:
                self._outboxes[strategy].remove(outgoing)

    def accept(self, instruction: Instruction, cancels: Sequence[Flag]) -> Outgoing | None:
        """
        The new orders of an instruction, without those that may not leave; ``None`` for none.

        Args:
            cancels: Set as the cancels of the same instruction leave.
        """
        now, risk = self._turn.now, self._risk[instruction.strategy]
        placed: list[Order] = []
        self._refusals.begin(instruction.strategy, {quote.side for quote in instruction.places})
        for quote in instruction.places:
            order = Order(
                client_order_id=self._ids.next(instruction.strategy),
                strategy=instruction.strategy,
                pair=self._turn.seen.strategies[instruction.strategy].pair,
                side=quote.side,
                price=quote.price,
                quantity=quote.quantity,
                post_only=quote.post_only,
                created_at=now,
                changed_at=now,
            )
            self._refusals.asked(order)
            checked = self._check(order)
            if isinstance(checked, CheckedOrder):
                self._tracker.expect(order, waits=True)
                risk.placed(now)
                placed.append(order)
            else:
                self._refusals.refused(order, checked, now)
                self._say_refused(order, checked)
        if not placed:
            return None
        inherited = self._inherited.pop(instruction.strategy, None)
        replaces = bool(cancels) or inherited is not None
        outgoing = Outgoing(
            orders=tuple(placed),
            durable=self._records.intended(placed, risk.mid_price),
            cancels=(*(inherited or ()), *cancels),
            priority=Priority.REPLACE if replaces else Priority.NEW,
        )
        self._waiting |= {order.client_order_id: outgoing for order in placed}
        return outgoing

    def retest(self) -> bool:
        """Check the last set of orders anew; whether the reasons against it have changed."""
        standing = self._tracker.working.values()
        return self._refusals.retest(standing, self._reasons, self._turn.now)

    def _reasons(self, order: Order, beside: Sequence[Order]) -> str | tuple[Refusal, ...]:
        checked = self._check(order, beside)
        return () if isinstance(checked, CheckedOrder) else checked

    def _say_refused(self, order: Order, reasons: str | tuple[Refusal, ...]) -> None:
        # While all is withdrawn a refusal is expected.
        tell = self._turn.info if self._turn.seen.withdrawn else self._turn.warning
        tell(
            "order_refused",
            strategy=order.strategy,
            pair=order.pair,
            side=order.side.value,
            price=order.price,
            quantity=order.quantity,
            reasons=_sentences(reasons),
            codes=() if isinstance(reasons, str) else tuple(each.code.value for each in reasons),
        )

    def _check(
        self, order: Order, beside: Sequence[Order] = ()
    ) -> CheckedOrder | str | tuple[Refusal, ...]:
        """The order, ready to leave at this moment; or why not."""
        if reason := self._not_permitted(order):
            return reason
        checked = self._risk[order.strategy].check(order, beside)
        return _NO_RULES if checked is None else checked

    def _place(self, order: Order, priority: Priority) -> Script[None]:
        order_id = order.client_order_id
        # Only interrupted while the order waits: one that has left is not taken back.
        self._turns[order_id] = self._senders[order.strategy]
        try:
            placed = yield from self._dispatch.place(_Leaving(self, order), priority)
        except Interrupted:
            return
        finally:
            del self._turns[order_id]
        self._take_note(order, placed)

    def _take_note(self, order: Order, placed: Placed) -> None:
        match placed:
            case HandedOver():
                pass
            case NotSent(reason):
                self._never_left(order, reason)
            case InDoubt(reason):
                self._in_doubt(order, reason)
            case news:
                self._hear(news)

    def look(self, order: Order) -> CheckedOrder | str:
        """An order as it may leave at this moment; or why it may not leave any more."""
        current = self._tracker.working.get(order.client_order_id)
        if current is None or current.status is not OrderStatus.PENDING:
            return "it was withdrawn before its turn came"
        checked = self._check(current)
        return checked if isinstance(checked, CheckedOrder) else "; ".join(_sentences(checked))

    def leave(self, order: Order) -> CheckedOrder | str:
        """As ``look``, and the order leaves now."""
        if isinstance(checked := self.look(order), CheckedOrder):
            self._tracker.leaving(order.client_order_id, self._turn.now)
        return checked

    def stay(self, order: Order) -> None:
        """Note that the order has not left after all."""
        self._tracker.stays(order.client_order_id)

    def _never_left(self, order: Order, reason: str) -> None:
        now, why = self._turn.now, NOT_SENT + reason
        self._tell(self._tracker.never_left(order.client_order_id, now, why))

    def _in_doubt(self, order: Order, reason: str) -> None:
        self._tell(self._tracker.in_doubt(order.client_order_id, self._turn.now, reason))

    def amend(self, amend: Amend) -> None:
        """Amend an order to a smaller quantity, if it is known to work and may be amended."""
        order = self._tracker.working.get(amend.order_id)
        # One that was given up may still arrive, and after a later one it would undo that.
        if order is None or not order.amendable or amend.order_id in self._amending:
            return
        if not order.filled_quantity < amend.quantity < order.quantity:
            return
        checked = self._check_amendment(order, amend)
        if not isinstance(checked, CheckedAmendment):
            reasons = _sentences(checked)
            self._turn.warning("change_refused", order=order.client_order_id, reasons=reasons)
            return
        now = self._turn.now
        self._tell(self._tracker.amend_sent(order.client_order_id, amend.quantity, now))
        self._scripts.start(self._send_amendment(checked))

    def _check_amendment(
        self, order: Order, amend: Amend
    ) -> CheckedAmendment | str | tuple[Refusal, ...]:
        if reason := self._not_permitted(order):
            return reason
        checked = self._risk[order.strategy].check_amendment(order, amend.quantity)
        return _NO_RULES if checked is None else checked

    def _send_amendment(self, checked: CheckedAmendment) -> Script[None]:
        order_id = checked.order.client_order_id

        def wanted() -> bool:
            order = self._tracker.working.get(order_id)
            return order is not None and order.amended_to == checked.amended.quantity

        self._amending.add(order_id)
        try:
            came = yield from self._dispatch.amend(checked, wanted)
        finally:
            self._amending.discard(order_id)
        match came:
            case HandedOver():
                pass
            case NotSent(reason) | InDoubt(reason):
                # The venue is asked for the order's status; not about what nobody wants any more.
                if wanted():
                    self._in_doubt(checked.order, reason)
            case news:
                self._hear(news)


class _Leaving(msgspec.Struct, frozen=True):
    """One order on the way out, as the dispatch sees it."""

    placing: OrderPlacing
    order: Order

    def look(self) -> CheckedOrder | str:
        return self.placing.look(self.order)

    def leave(self) -> CheckedOrder | str:
        return self.placing.leave(self.order)

    def stay(self) -> None:
        self.placing.stay(self.order)


_NO_RULES = "the pair's rules are not known"


def _sentences(reasons: str | tuple[Refusal, ...]) -> tuple[str, ...]:
    if isinstance(reasons, str):
        return (reasons,)
    return tuple(refusal.sentence for refusal in reasons)
