"""A recorded market: real depth and trades, with our own orders queued among them."""

from collections.abc import Iterable, Iterator, Sequence

from trading.core.market import Side
from trading.simulator.core.depth import Ladder
from trading.simulator.core.flows import RecordedFlow
from trading.simulator.market.recording import (
    MalformedRecording,
    Recorded,
    RecordedDepth,
    RecordedSnapshot,
    RecordedTrade,
    read_recording,
)
from trading.simulator.matching.matching import (
    Entry,
    Execution,
    Incoming,
    Placement,
    Resting,
    match,
)
from trading.simulator.matching.order_queues import OrderQueues
from trading.simulator.matching.queue import OwnQueue

_BACKGROUND = 0
"""The number of every order of the recording, which shows totals only."""
_NS_PER_S = 1_000_000_000


class RecordedMarket:
    """
    A recorded market: its book is the recording's plus our resting orders.

    Own orders that take reduce the recorded depth only until the recording's next change of that
    price: a recording cannot react to us.

    Raises:
        MalformedRecording: The recording cannot be read, or has no snapshot.
    """

    def __init__(self, lines: Iterable[bytes], flow: RecordedFlow) -> None:
        self.bids = Ladder(Side.BUY)
        self.asks = Ladder(Side.SELL)
        self._recorded = {Side.BUY: Ladder(Side.BUY), Side.SELL: Ladder(Side.SELL)}
        self._own = {Side.BUY: OwnQueue(Side.BUY), Side.SELL: OwnQueue(Side.SELL)}
        self._queues = OrderQueues()
        self._speed = flow.speed
        self._events = read_recording(lines, flow)
        first = next(self._events, None)
        if not isinstance(first, RecordedSnapshot):
            raise MalformedRecording("it holds no snapshot of the book")
        self._started_ns = first.at_ns
        self._replace(first)
        self._next_at = 0.0
        self._next = self._read()

    @property
    def ended(self) -> bool:
        return self._next is None

    def order_count(self, side: Side, price: int) -> int:
        crowd = self._recorded[side].quantity(price) > 0
        return int(crowd) + self._own[side].count_at(price)

    def preview(self, incoming: Incoming) -> Placement:
        return match(incoming, self._priority(incoming.side.opposite))

    def place(self, incoming: Incoming) -> Placement:
        placement = self.preview(incoming)
        other = incoming.side.opposite
        for execution in placement.executions:
            if execution.maker_owner is None:
                recorded = self._recorded[other]
                left = recorded.quantity(execution.price) - execution.quantity
                recorded.set(execution.price, left)
                self._own[other].level_changed(execution.price, left)
            else:
                self._own[other].taken(execution.maker, execution.quantity)
            self._show(other, execution.price)
        if placement.rests:
            price = incoming.price
            assert price is not None
            order = Resting(
                incoming.number, incoming.owner, incoming.side, price, placement.remaining
            )
            self._own[incoming.side].join(order, self._recorded[incoming.side].quantity(price))
            self._show(incoming.side, price)
        return placement

    def cancel(self, number: int) -> None:
        for side, own in self._own.items():
            order = own.find(number)
            if order is not None:
                own.remove(number)
                self._show(side, order.price)

    def reduce(self, number: int, remaining: int) -> None:
        for side, own in self._own.items():
            order = own.find(number)
            if order is not None:
                own.reduce(number, remaining)
                self._show(side, order.price)

    def move(self, number: int, price: int, remaining: int) -> None:
        for side, own in self._own.items():
            order = own.find(number)
            if order is not None:
                own.remove(number)
                self._show(side, order.price)
                order.price, order.remaining = price, remaining
                own.join(order, self._recorded[side].quantity(price))
                self._show(side, price)
                return

    def orders(self, side: Side) -> Iterator[tuple[int, int, int]]:
        return self._queues.orders(self.bids if side is Side.BUY else self.asks, side)

    def take_entries(self) -> list[Entry]:
        return self._queues.take_entries()

    def next_event_at(self) -> float | None:
        return None if self._next is None else self._next_at

    def step(self) -> Sequence[Execution]:
        event = self._next
        assert event is not None
        self._next = self._read()
        match event:
            case RecordedTrade():
                return self._trade(event)
            case RecordedDepth():
                self._change(event)
            case RecordedSnapshot():
                self._replace(event)
        return self._cross()

    def _read(self) -> Recorded | None:
        event = next(self._events, None)
        if event is None:
            return None
        at = (event.at_ns - self._started_ns) / _NS_PER_S / self._speed
        # Receive times of one stream may step back by microseconds; a market's time may not.
        self._next_at = max(self._next_at, at)
        return event

    def _trade(self, trade: RecordedTrade) -> Sequence[Execution]:
        side = trade.taker_side.opposite
        ours = self._own[side].traded(trade.price, trade.quantity)
        for execution in ours:
            self._show(side, execution.price)
        rest = trade.quantity - sum(execution.quantity for execution in ours)
        if rest:
            crowd = Execution(trade.price, rest, trade.taker_side, _BACKGROUND, None)
            return [*ours, crowd]
        return ours

    def _change(self, depth: RecordedDepth) -> None:
        for side, levels in ((Side.BUY, depth.bids), (Side.SELL, depth.asks)):
            for price, quantity in levels:
                self._set(side, price, quantity)

    def _replace(self, snapshot: RecordedSnapshot) -> None:
        for side, levels in ((Side.BUY, snapshot.bids), (Side.SELL, snapshot.asks)):
            wanted = dict(levels)
            gone = [price for price, _ in self._recorded[side].levels() if price not in wanted]
            for price in gone:
                self._set(side, price, 0)
            for price, quantity in levels:
                self._set(side, price, quantity)

    def _cross(self) -> Sequence[Execution]:
        executions: list[Execution] = []
        for side, own in self._own.items():
            for execution in own.crossed(self._recorded[side.opposite].best()):
                executions.append(execution)
                self._show(side, execution.price)
        return executions

    def _set(self, side: Side, price: int, quantity: int) -> None:
        self._recorded[side].set(price, quantity)
        self._own[side].level_changed(price, quantity)
        self._show(side, price)

    def _show(self, side: Side, price: int) -> None:
        shown = self.bids if side is Side.BUY else self.asks
        recorded = self._recorded[side].quantity(price)
        own = self._own[side].at(price)
        shown.set(price, recorded + sum(own.values()))
        self._queues.show(side, price, recorded, own)

    def _priority(self, side: Side) -> Iterator[tuple[int, int, str | None, int]]:
        shown = self.bids if side is Side.BUY else self.asks
        for price, _ in shown.levels():
            recorded = self._recorded[side].quantity(price)
            if recorded:
                yield price, _BACKGROUND, None, recorded
            for order in self._own[side]:
                if order.price == price:
                    yield price, order.number, order.owner, order.remaining
