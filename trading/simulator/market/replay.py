"""A recorded market: real depth and trades, with our own orders queued among them."""

from collections.abc import Iterator, Sequence

from trading.core.forgetting import forget_oldest
from trading.core.market import Side
from trading.datasets.record import Flags, Kind, RecordSide
from trading.simulator.core.flows import RecordedFlow, Through
from trading.simulator.market.beginning import Recording
from trading.simulator.market.recorded_book import RecordedBook
from trading.simulator.market.recording import MalformedRecording
from trading.simulator.market.shown_book import ShownBook
from trading.simulator.market.two_clocks import Clocks, Row, Told, TwoClocks
from trading.simulator.matching.matching import (
    Entry,
    Execution,
    Incoming,
    Placement,
    Resting,
    match,
)
from trading.simulator.matching.places import queue_model
from trading.simulator.matching.queue import OwnQueue

_BACKGROUND = 0
"""The number of every order of the recording, which shows totals only."""
_NS_PER_S = 1_000_000_000
_LEFT_BEHIND_MAX = 100
"""Cancelled orders whose last place is remembered until it is asked for."""
_TRADE, _FILL, _BUY = int(Kind.TRADE), int(Kind.FILL), int(RecordSide.BUY)
_OWN_TRADE, _OWN_ORDER = int(Flags.OWN_TRADE), int(Flags.OWN_ORDER)
_TAKERS = (None, Side.BUY, Side.SELL)
"""By the number of a ``RecordSide``."""


class RecordedMarket:
    """
    A recorded market: its book is the recording's plus our resting orders.

    A change has two times. At the exchange's, orders are matched with it; at the receiver's, it is
    shown. Own orders that take reduce the recorded depth only until the recording's next change of
    that price: a recording cannot react to us.

    Args:
        recording: The records.
        began_ns: The recording's time at which this market's time is 0: where several markets are
            replayed, the earliest of theirs. ``None`` for its own.
        clocks: What deals it out; ``None`` for the recording's two.

    Attributes:
        bids, asks: As they are shown, our orders included.
        feed_ns: How long the last thing that was seen took to be seen, in nanoseconds.

    Raises:
        MalformedRecording: By every method that reads on.
        ValueError: The flow names no queue model.
    """

    def __init__(
        self,
        recording: Recording,
        flow: RecordedFlow,
        began_ns: int | None = None,
        clocks: Clocks | None = None,
    ) -> None:
        model = queue_model(flow.queue, float(flow.lot_size))
        whole = flow.through is Through.WHOLE
        self._own = {side: OwnQueue(side, model, whole=whole) for side in Side}
        self._exact = model.exact
        self._recorded = RecordedBook(self._level_changed, self._order_left)
        self._seen = RecordedBook(self._level_seen)
        self._shown = ShownBook(self._seen, self._own)
        self.bids, self.asks = self._shown.bids, self._shown.asks
        self._speed = flow.speed
        self._began_ns = recording.began_ns if began_ns is None else began_ns
        self._clocks = clocks or TwoClocks(recording.groups, flow.level_wait_ns)
        self._now_ns = self._began_ns
        self.feed_ns = 0
        self._left_behind: dict[int, int] = {}
        while self._next_ns() == self._began_ns:
            self.step()

    @property
    def ended(self) -> bool:
        return self._next_ns() is None and not self._clocks.open

    @property
    def gap(self) -> bool:
        """Whether something is missing of what was seen, and no snapshot has come since."""
        return self._seen.gap

    @property
    def exchange_book(self) -> RecordedBook:
        """The recording's book as it is at the exchange, without our orders."""
        return self._recorded

    def ahead(self, number: int) -> int | None:
        """Recorded lots that must go before an order of ours; ``None`` if it does not rest."""
        for own in self._own.values():
            if (ahead := own.ahead(number)) is not None:
                return ahead
        return None

    def take_left_behind(self, number: int) -> int | None:
        """What was still ahead of an order that was cancelled; told once, ``None`` of others."""
        return self._left_behind.pop(number, None)

    def best(self, side: Side) -> int | None:
        recorded, own = self._recorded.ladder(side).best(), self._own[side].best()
        if recorded is None or own is None:
            return recorded if own is None else own
        return max(recorded, own) if side is Side.BUY else min(recorded, own)

    def order_count(self, side: Side, price: int) -> int:
        shown = (self.bids if side is Side.BUY else self.asks).quantity(price)
        own = self._own[side]
        return int(shown > own.lots_at(price)) + own.count_at(price) if shown else 0

    def preview(self, incoming: Incoming) -> Placement:
        other = incoming.side.opposite
        best = self.best(other)
        if best is None or not incoming.reaches(best):  # nearly always
            return match(incoming, ())
        return match(incoming, self._priority(other))

    def place(self, incoming: Incoming) -> Placement:
        placement = self.preview(incoming)
        other = incoming.side.opposite
        for execution in placement.executions:
            if execution.maker_owner is None:
                self._use_up(other, execution)
            else:
                self._own[other].taken(execution.maker, execution.quantity)
            self._shown.own_changed(other, execution.price)
        if placement.rests:
            price = incoming.price
            assert price is not None
            order = Resting(
                incoming.number, incoming.owner, incoming.side, price, placement.remaining
            )
            self._join(order)
        return placement

    def cancel(self, number: int) -> None:
        for side, own in self._own.items():
            order = own.find(number)
            if order is not None:
                self._left_behind[number] = own.ahead(number) or 0
                forget_oldest(self._left_behind, _LEFT_BEHIND_MAX)
                own.remove(number)
                self._shown.own_changed(side, order.price)

    def reduce(self, number: int, remaining: int) -> None:
        for side, own in self._own.items():
            order = own.find(number)
            if order is not None:
                own.reduce(number, remaining)
                self._shown.own_changed(side, order.price)

    def move(self, number: int, price: int, remaining: int) -> None:
        for side, own in self._own.items():
            order = own.find(number)
            if order is not None:
                own.remove(number)
                self._shown.own_changed(side, order.price)
                order.price, order.remaining = price, remaining
                self._join(order)
                return

    def orders(self, side: Side) -> Iterator[tuple[int, int, int]]:
        return self._shown.orders(side)

    def take_entries(self) -> list[Entry]:
        return self._shown.take_entries()

    def next_event_at(self) -> float | None:
        at = self._next_ns()
        return None if at is None else (at - self._began_ns) / _NS_PER_S / self._speed

    def step(self) -> Sequence[Execution]:
        at = self._next_ns()
        assert at is not None
        self._now_ns = at
        executions: list[Execution] = []
        happens = self._clocks.happens_ns
        if happens is not None and happens <= at:
            executions += self._happen(self._clocks.happen())
        while (seen := self._clocks.seen_ns) is not None and seen <= at:
            told = self._clocks.see()
            if told.happens_ns > at:
                raise AssertionError("nothing is seen before it happens")
            if not told.of_trades:
                self._seen.take(told.rows)
                self._shown.close(shut=self._seen.gap)
            self.feed_ns = told.seen_ns - told.happens_ns
            executions += told.trades
        return executions

    def _next_ns(self) -> int | None:
        """When something happens or is seen next; what was read late is due now."""
        due = [at for at in (self._clocks.happens_ns, self._clocks.seen_ns) if at is not None]
        return max(self._now_ns, min(due)) if due else None

    def _happen(self, moment: list[Told]) -> list[Execution]:
        """Carry out what the exchange dates at one moment; the trades of ours."""
        executions = self._match(moment)
        for told in moment:
            if not told.of_trades:
                self._recorded.take(told.rows)
        if len(self._own[Side.BUY]) or len(self._own[Side.SELL]):
            executions += self._cross()
        for execution in executions:
            self._shown.own_changed(execution.taker_side.opposite, execution.price)
        return executions

    def _match(self, moment: list[Told]) -> list[Execution]:
        """Match our orders with a moment's trades, and with its fills of recorded orders."""
        executions: list[Execution] = []
        fills = _fills(moment)
        for told in moment:
            for row in told.rows:
                if row[5] == _TRADE:
                    executions += self._trade(told, row, counts=not fills)
        for row in fills:
            side = Side.BUY if row[6] == _BUY else Side.SELL
            executions += self._own[side].filled(row[2], row[4], row[3])
        return executions

    def _trade(self, told: Told, row: Row, *, counts: bool) -> Sequence[Execution]:
        """
        Carry out a recorded trade.

        Args:
            counts: Whether it fills orders: where the fills of resting orders are told as well, it
                would be counted twice.
        """
        _, _, price, quantity, _, _, taker, flags = row
        taker_side = _TAKERS[taker] or self._guess_taker(price)
        if flags & _OWN_TRADE:
            return ()
        ours: list[Execution] = []
        if counts and len(self._own[taker_side.opposite]):
            ours = self._own[taker_side.opposite].traded(price, quantity)
        rest = quantity - sum(execution.quantity for execution in ours)
        if rest > 0:
            told.trades.append(Execution(price, rest, taker_side, _BACKGROUND, None))
        return ours

    def _guess_taker(self, price: int) -> Side:
        """Who took in a trade that does not say so: at or above the best ask it was a buyer."""
        best = self._recorded.asks.best()
        return Side.BUY if best is not None and price >= best else Side.SELL

    def _cross(self) -> list[Execution]:
        executions: list[Execution] = []
        for side, own in self._own.items():
            executions += own.crossed(self._recorded.ladder(side.opposite).best())
        return executions

    def _join(self, order: Resting) -> None:
        side, price = order.side, order.price
        level = self._recorded.ladder(side).quantity(price)
        orders = self._recorded.orders_at(side, price)
        if self._exact and level and not self._recorded.by_order:
            raise MalformedRecording("the l3 queue model needs orders; this one tells levels alone")
        self._own[side].join(order, level, orders)
        self._shown.own_changed(side, price)

    def _use_up(self, side: Side, execution: Execution) -> None:
        for book in (self._recorded, self._seen):
            left = max(0, book.ladder(side).quantity(execution.price) - execution.quantity)
            book.set(side, execution.price, left)

    def _level_changed(self, side: Side, price: int, before: int, now: int) -> None:
        own = self._own[side]
        if len(own):
            own.level_changed(price, before, now)

    def _order_left(self, side: Side, price: int, order_id: int, lots: int) -> None:
        self._own[side].order_left(price, order_id, lots)

    def _level_seen(self, side: Side, price: int, _before: int, now: int) -> None:
        self._shown.set(side, price, now)

    def _priority(self, side: Side) -> Iterator[tuple[int, int, str | None, int]]:
        """All that rests on a side at the exchange: price, number, owner, lots."""
        own = list(self._own[side])
        index = 0
        for price, lots in self._recorded.ladder(side).levels():
            while index < len(own) and self._before(side, own[index].price, price):
                order = own[index]
                yield order.price, order.number, order.owner, order.remaining
                index += 1
            yield price, _BACKGROUND, None, lots
        for order in own[index:]:
            yield order.price, order.number, order.owner, order.remaining

    @staticmethod
    def _before(side: Side, price: int, other: int) -> bool:
        return price > other if side is Side.BUY else price < other


def _fills(moment: list[Told]) -> list[Row]:
    """The fills of recorded orders at one moment, but for those of orders that were ours."""
    return [
        row
        for told in moment
        if not told.of_trades
        for row in told.rows
        if row[5] == _FILL and not row[7] & _OWN_ORDER
    ]
