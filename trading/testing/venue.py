"""A small venue for tests: it takes one strategy's orders, and answers and fills on demand."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import attrs
from msgspec.structs import replace

from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderIds, StrategyName, VenueOrderId
from trading.core.market import Side
from trading.decisions.decision import Decision, Quote
from trading.orders.order import Order, OrderEvent, OrderStatus
from trading.strategies.interface import Strategy, View
from trading.strategies.soundness import answer_of, sound
from trading.testing.settlement import settled
from trading.testing.views import a_top, a_view

Event = tuple[float, str, str]
"""What happened: at which monotonic second, a word (``place``, ``cancel``, ``fill``), the side."""

_NAME = StrategyName("test")


@attrs.define
class FakeVenue:
    """
    Runs a strategy without an engine, one look at a time.

    What a working order holds is reserved, and a fill moves both balances; fees are shown but not
    charged, so that figures stay round. An order that cannot be paid is refused. A decision that
    the engine would not take is an error here as well.

    Args:
        strategy: Decides.
        state: Its own.
        view: What it is shown; a test may replace it, or parts of it by ``attrs.evolve``.
        confirms_cancels: Whether a cancel is confirmed right after the look that sent it.
        log: What happened, oldest first.
    """

    strategy: Strategy[Any]
    state: Any
    view: View = attrs.field(factory=a_view)
    confirms_cancels: bool = True
    log: list[Event] = attrs.field(factory=list)
    _ids: ClientOrderIds = attrs.field(factory=lambda: ClientOrderIds("test", 1), init=False)

    @classmethod
    def running(cls, strategy: Strategy[Any], view: View | None = None) -> "FakeVenue":
        """A venue at the beginning of a strategy's life."""
        first = a_view() if view is None else view
        return cls(strategy=strategy, state=strategy.begin(first.now), view=first)

    def look(self) -> Decision:
        """
        Let the strategy decide, and carry it out.

        Raises:
            UnsoundDecision: What it returns is no decision.
        """
        decided, self.state = answer_of(self.strategy.decide(self.view, self.state))
        decision = sound(decided, _NAME)
        amends = {amend.order_id: amend.quantity for amend in decision.amends}
        orders = []
        for order in self.view.orders:
            if order.client_order_id in decision.cancels:
                self._happened("cancel", order.side)
                orders.append(order.after(OrderEvent.CANCEL_SENT, self.view.now))
            elif order.client_order_id in amends:
                self._happened("amend", order.side)
                orders.append(order.amending(amends[order.client_order_id], self.view.now))
            else:
                orders.append(order)
        self._show(orders)
        for quote in decision.places:
            self._place(quote)
        return decision

    def accept(self) -> None:
        """Every order rests, every amendment is made, every cancel is confirmed if it may be."""
        self.happens(self._accepted)
        if self.confirms_cancels:
            self.confirm_cancels()

    def confirm_cancels(self) -> None:
        """The orders whose cancel is on its way are gone."""
        self._show(o for o in self.view.orders if o.status is not OrderStatus.CANCEL_PENDING)

    def happens(self, change: Callable[[Order], Order]) -> None:
        """Every order becomes what the function makes of it."""
        self._show(change(order) for order in self.view.orders)

    def fill(self, side: Side, quantity: Decimal | None = None) -> None:
        """Fill the side's oldest order, whole unless a quantity is given."""
        order = next(order for order in self.view.orders if order.side is side)
        wanted = order.remaining_quantity if quantity is None else quantity
        filled = order.filled_to(order.filled_quantity + wanted, self.view.now)
        self._happened("fill", side)
        self.happens(lambda other: filled if other is order else other)
        if filled.status is OrderStatus.FILLED:
            completed = self.view.completed.after(order, self.view.now)
            self.view = attrs.evolve(self.view, completed=completed)
            self._show(other for other in self.view.orders if other is not filled)

    def move(self, bid: str | Decimal, ask: str | Decimal) -> None:
        """Show another book."""
        top = replace(a_top(bid, ask, pair=self.view.instrument.pair), received_at=self.now)
        self.view = attrs.evolve(self.view, top=top)

    @property
    def now(self) -> float:
        """Monotonic seconds, as the strategy sees them."""
        return self.view.now

    def run_until(self, end: int, **fills: Side) -> list[Event]:
        """One look a second, the answers right after it; fills as ``at_2=Side.BUY``."""
        for second in range(int(self.view.now) + 1, end + 1):
            self.view = attrs.evolve(self.view, now=float(second))
            if (side := fills.get(f"at_{second}")) is not None:
                self.fill(side)
            self.look()
            self.accept()
        return self.log

    def _accepted(self, order: Order) -> Order:
        name = VenueOrderId(f"venue-{order.client_order_id}")
        resting = order.after(OrderEvent.RESTING, self.view.now)
        return resting.identified(name).amended(self.view.now)

    def _place(self, quote: Quote) -> None:
        order = Order(
            client_order_id=self._ids.next(_NAME),
            strategy=_NAME,
            pair=self.view.instrument.pair,
            side=quote.side,
            price=quote.price,
            quantity=quote.quantity,
            post_only=quote.post_only,
            created_at=self.view.now,
            changed_at=self.view.now,
        )
        orders = (*self.view.orders, order)
        if any(each.available < ZERO for each in settled(self.view, orders).values()):
            self._happened("refuse", quote.side)
            return
        self._happened("place", quote.side)
        self._show(orders)

    def _happened(self, word: str, side: Side) -> None:
        self.log.append((self.view.now, word, side.value))

    def _show(self, orders: Iterable[Order]) -> None:
        shown = tuple(orders)
        self.view = attrs.evolve(self.view, orders=shown, balances=settled(self.view, shown))
