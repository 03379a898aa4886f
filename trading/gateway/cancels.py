"""Cancels on their way to the venue: sent at once, and again by the other way if one fails."""

from collections.abc import Callable, Collection, Iterable

import attrs

from trading.core.identifiers import ClientOrderId
from trading.gateway.dispatch import OrderDispatch
from trading.gateway.rest_silence import RestSilence
from trading.gateway.scripts import Flag, Script, Scripts
from trading.gateway.tracker import OrderTracker
from trading.gateway.turn import Turn
from trading.orders.evidence import Heard
from trading.orders.order import Order, OrderStatus

_ANOTHER_WAY_S, _AGAIN_S = 0.5, 1.0
"""
An order that may not stay and of which nothing is heard for so long after the first cancel is
cancelled by another way, and then again and again: that a way works again is not announced.
"""

_IN_DOUBT = frozenset({OrderStatus.UNKNOWN, OrderStatus.CANCEL_PENDING})


@attrs.define
class _Asked:
    """
    The cancels sent for one order.

    Args:
        session: The session of the account's stream that took a cancel last.
        at: Monotonic seconds of the last one that left, by whichever way.
        times: How many cancels have left.
        last_by_rest: Whether the last one went by REST.
        held_back: Whether one was due by REST while that answers nothing, and did not leave.
        by_stream: Whether one is just leaving by the stream.
        leaving: Set once that one has left.
    """

    session: int | None = None
    at: float = float("-inf")
    times: int = 0
    last_by_rest: bool = False
    held_back: bool = False
    by_stream: bool = False
    leaving: Flag | None = None

    @property
    def again_at(self) -> float:
        """When another cancel is due if nothing was heard."""
        return self.at + (_AGAIN_S if self.times > 1 else _ANOTHER_WAY_S)

    def left(self, now: float, *, by_rest: bool) -> None:
        self.at, self.last_by_rest, self.held_back = now, by_rest, False
        self.times += 1


_Way = Callable[[ClientOrderId, _Asked, Flag], Script[None]]


class OrderCancels:
    """
    Sends cancels by the account's stream or by REST, until the orders have ended.

    A strategy's own cancel leaves once, by whichever way takes it. An order that may not stay is
    asked for until it has ended: by each session of the stream as soon as that is open, and by the
    other way while nothing is heard. While REST answers nothing at all, one order a second is asked
    for by it, and all of them once it has answered.

    Args:
        stream: The number of the account's session; ``None`` while there is none.
        take_back: Drops an order that has not left yet; whether it did.
        tell: Takes the order events that we cause ourselves.
        spared: Orders that an earlier run has left and that may be taken up: what is not known of
            them is looked up before anything is cancelled.
        patience_s: For the answer to a cancel by REST; then it is tried again.
        answers_again: Called when REST has answered after a silence: all that was held back is due.
    """

    def __init__(
        self,
        turn: Turn,
        scripts: Scripts,
        *,
        tracker: OrderTracker,
        dispatch: OrderDispatch,
        stream: Callable[[], int | None],
        take_back: Callable[[ClientOrderId], bool],
        tell: Callable[[Heard], None],
        spared: Collection[ClientOrderId],
        patience_s: float,
        answers_again: Callable[[], None],
    ) -> None:
        self._turn = turn
        self._scripts = scripts
        self._tracker = tracker
        self._dispatch = dispatch
        self._stream = stream
        self._take_back = take_back
        self._tell = tell
        self._spared = set(spared)
        self._patience_s = patience_s
        self._answers_again = answers_again
        self._silence = RestSilence()
        self._asked: dict[ClientOrderId, _Asked] = {}

    def cancel(self, order_ids: Iterable[ClientOrderId]) -> list[Flag]:
        """
        Cancel each order for which no cancel was asked yet.

        An order that has not left yet never leaves; there is nothing to be cancelled then.

        Returns:
            A flag for each cancel, set once it has left.
        """
        flags = []
        self._forget()
        for order_id in order_ids:
            order = self._tracker.working.get(order_id)
            if order is None or self._take_back(order_id):
                continue
            if order.status is OrderStatus.CANCEL_PENDING:
                continue
            self._tell(self._tracker.cancel_sent(order_id, self._turn.now))
            flags.append(self._leave(order_id))
        return flags

    def _leave(self, order_id: ClientOrderId) -> Flag:
        """Have a cancel leave; one that still waits for its turn serves as well."""
        asked = self._about(order_id)
        if asked.by_stream and asked.leaving is not None:
            return asked.leaving
        flag = Flag()
        self._start(self._by_any_way, order_id, flag)
        return flag

    def insist(self, orders: Iterable[Order]) -> float:
        """
        Cancel once more the orders that may not stay, where that is due.

        An order in doubt stays so: it is looked up meanwhile.

        Returns:
            Monotonic seconds at which to insist again.
        """
        now, due = self._turn.now, float("inf")
        self._forget()
        in_doubt = [order for order in orders if order.status in _IN_DOUBT]
        # Longest wait first: an order that is never answered for must not hold up the others.
        for order in sorted(in_doubt, key=lambda one: self._last_asked_at(one.client_order_id)):
            order_id = order.client_order_id
            if order_id in self._spared:
                continue
            asked = self._about(order_id)
            session = self._stream()
            if session is not None and asked.session != session and not asked.by_stream:
                # A cancel that another session took may be lost, and this one is open.
                self._start(self._by_any_way, order_id, Flag())
            elif now < asked.again_at:
                due = min(due, asked.again_at)
            elif not asked.by_stream:
                # However long the last one by REST may still take to be answered.
                due = min(due, self._repeat(order, asked, session))
        return due

    def _repeat(self, order: Order, asked: _Asked, session: int | None) -> float:
        """Cancel by the way that was not taken last; when to look again."""
        now, probe_at = self._turn.now, self._silence.next_probe_at(order.strategy)
        if asked.last_by_rest and session is not None:
            self._start(self._by_any_way, order.client_order_id, Flag())
        elif now >= probe_at:
            self._silence.probed(order.strategy, now)
            self._start(self._by_rest_only, order.client_order_id, Flag())
        elif session is None:
            return probe_at
        else:
            # Counts as sent by REST, as long as nothing is answered: the next turn is the stream's.
            asked.at, asked.last_by_rest, asked.held_back = now, True, True
        return float("inf")

    def rest_answered(self) -> None:
        """Note any answer by REST: after a silence all that was held back is due."""
        if not self._silence.heard(self._turn.now):
            return
        for asked in self._asked.values():
            if asked.held_back:
                asked.at, asked.last_by_rest, asked.held_back = float("-inf"), False, False
        self._answers_again()

    def _last_asked_at(self, order_id: ClientOrderId) -> float:
        asked = self._asked.get(order_id)
        return float("-inf") if asked is None else asked.at

    def _start(self, way: _Way, order_id: ClientOrderId, left: Flag) -> None:
        asked = self._about(order_id)
        # Marked before the script has its turn, so that no second one is started until then.
        asked.by_stream = way == self._by_any_way and self._stream() is not None
        if asked.by_stream:
            asked.leaving = left
        else:
            asked.at = self._turn.now
        self._scripts.start(way(order_id, asked, left))

    def _about(self, order_id: ClientOrderId) -> _Asked:
        # Once its cancel is sent the order is not taken up any more.
        self._spared.discard(order_id)
        return self._asked.setdefault(order_id, _Asked())

    def _forget(self) -> None:
        ended = self._asked.keys() - self._tracker.working.keys()
        for order_id in ended:
            del self._asked[order_id]

    def _by_any_way(self, order_id: ClientOrderId, asked: _Asked, left: Flag) -> Script[None]:
        """By the stream where there is one that takes it, else by REST."""
        if not (yield from self._by_stream(order_id, asked)):
            yield from self._by_rest(order_id, asked)
        left.set()

    def _by_rest_only(self, order_id: ClientOrderId, asked: _Asked, left: Flag) -> Script[None]:
        yield from self._by_rest(order_id, asked)
        left.set()

    def _by_stream(self, order_id: ClientOrderId, asked: _Asked) -> Script[bool]:
        """Whether nothing more has to be done: the stream took it, or the order has ended."""
        asked.by_stream = True
        try:
            if (session := self._stream()) is None:
                return False
            asked.session = session
            order = self._tracker.working.get(order_id)
            if order is not None and not (yield from self._dispatch.cancel_by_stream(order)):
                return False
        finally:
            asked.by_stream = False
        asked.left(self._turn.now, by_rest=False)
        return True

    def _by_rest(self, order_id: ClientOrderId, asked: _Asked) -> Script[None]:
        """By REST, and by the stream if that fails and one is open that has not taken it yet."""
        order = self._tracker.working.get(order_id)
        if order is None:  # it ended, or turned out never to have left
            return
        left_at, first = self._turn.now, asked.times == 0
        asked.left(left_at, by_rest=True)
        try:
            answered = yield from self._dispatch.cancel_by_rest(
                order, self._patience_s, first=first
            )
        except TimeoutError:
            answered = False
            self._silence.unheard(left_at)
        else:
            self.rest_answered()
        if not answered and self._stream() != asked.session:
            yield from self._by_stream(order_id, asked)
