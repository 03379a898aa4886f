"""A tiny venue for strategies: takes every order, answers cancels when told to, fills on demand."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs

from trading.core.decimals import ZERO
from trading.core.fees import Fees
from trading.core.identifiers import ClientOrderId, Currency, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import Balance, PriceLevel, Side, TopOfBook
from trading.decisions.decision import Decision
from trading.orders.completed import CompletedOrders
from trading.orders.order import Order, OrderEvent
from trading.strategies.interface import Strategy, View
from trading.strategies.pure_market_making import Parameters, PureMarketMaking

PAIR = Pair("DOGEUSDT")
BASE, QUOTE = Currency("DOGE"), Currency("USDT")
D = Decimal


def an_instrument(
    *, tick_size: str = "0.01", lot_size: str = "0.01", active: bool = True
) -> Instrument:
    return Instrument(
        pair=PAIR,
        base=BASE,
        quote=QUOTE,
        tick_size=D(tick_size),
        lot_size=D(lot_size),
        quantity_min=D("0.1"),
        quantity_max=D(1000),
        notional_min=D(5),
        notional_max=D(100_000),
        active=active,
    )


def a_top(bid: str | Decimal = "99.99", ask: str | Decimal = "100.01") -> TopOfBook:
    return TopOfBook(
        pair=PAIR,
        bids=(PriceLevel(D(bid), D(5)),),
        asks=(PriceLevel(D(ask), D(5)),),
        sequence=1,
        received_at=0.0,
    )


def balances(
    base: str | Decimal = "100",
    quote: str | Decimal = "10000",
    *,
    reserved_base: Decimal = ZERO,
    reserved_quote: Decimal = ZERO,
) -> dict[Currency, Balance]:
    return {
        BASE: Balance(currency=BASE, available=D(base), reserved=reserved_base),
        QUOTE: Balance(currency=QUOTE, available=D(quote), reserved=reserved_quote),
    }


def a_view(now: float = 0.0) -> View:
    return View(
        now=now,
        instrument=an_instrument(),
        top=a_top(),
        balances=balances(),
        fees=Fees(maker=D("0.001"), taker=D("0.002")),
        orders=(),
        completed=CompletedOrders(),
    )


def parameters(**changes: Any) -> Parameters:
    """One level of 1 DOGE at 1 %, refreshed every 30 s; pass ``name=value`` to differ."""
    usual = Parameters(
        bid_spread=D("0.01"),
        ask_spread=D("0.01"),
        order_amount=D(1),
        order_refresh_time=30.0,
    )
    return attrs.evolve(usual, **changes)


@attrs.define
class FakeVenue:
    """
    Runs a strategy against itself in whole seconds.

    Args:
        confirms_cancels: Whether a cancel is confirmed right after the look that sent it.
        log: What happened, as ``(second, word, side)``.
    """

    strategy: Strategy[Any]
    state: Any
    view: View = attrs.field(factory=a_view)
    confirms_cancels: bool = True
    log: list[tuple[float, str, str]] = attrs.field(factory=list)
    placed: int = 0

    @classmethod
    def trading(cls, wanted: Parameters) -> "FakeVenue":
        return cls.running(PureMarketMaking(wanted))

    @classmethod
    def running(cls, strategy: Strategy[Any]) -> "FakeVenue":
        return cls(strategy=strategy, state=strategy.begin(0.0))

    def look(self) -> Decision:
        """Let the strategy decide, and carry it out."""
        decision, self.state = self.strategy.decide(self.view, self.state)
        orders = list(self.view.orders)
        for index, order in enumerate(orders):
            if order.client_order_id in decision.cancels:
                orders[index] = order.after(OrderEvent.CANCEL_SENT, self.view.now)
                self.log.append((self.view.now, "cancel", order.side.value))
        for quote in decision.places:
            self.placed += 1
            orders.append(
                Order(
                    client_order_id=ClientOrderId(f"order-{self.placed}"),
                    strategy=StrategyName("pmm"),
                    pair=PAIR,
                    side=quote.side,
                    price=quote.price,
                    quantity=quote.quantity,
                    post_only=quote.post_only,
                    created_at=self.view.now,
                    changed_at=self.view.now,
                )
            )
            self.log.append((self.view.now, "place", quote.side.value))
        self._show(tuple(orders))
        return decision

    def accept(self) -> None:
        """Every order rests, every cancel is confirmed (if this venue does)."""
        self.happens(lambda order: order.after(OrderEvent.RESTING, self.view.now))
        if self.confirms_cancels:
            self.confirm_cancels()

    def confirm_cancels(self) -> None:
        self._show(tuple(o for o in self.view.orders if o.status.value != "cancel pending"))

    def happens(self, change: Callable[[Order], Order]) -> None:
        self._show(tuple(change(order) for order in self.view.orders))

    def fill(self, side: Side) -> None:
        """Fill the side's nearest order whole."""
        order = next(order for order in self.view.orders if order.side is side)
        self.view = attrs.evolve(
            self.view,
            orders=tuple(other for other in self.view.orders if other is not order),
            completed=self.view.completed.after(order, self.view.now),
        )
        self.log.append((self.view.now, "fill", side.value))

    def run_until(self, end: int, **fills: Side) -> list[tuple[float, str, str]]:
        """One look a second, the answers right after it; fills as ``at_2=Side.BUY``."""
        for second in range(int(self.view.now) + 1, end + 1):
            self.view = attrs.evolve(self.view, now=float(second))
            if (side := fills.get(f"at_{second}")) is not None:
                self.fill(side)
            self.look()
            self.accept()
        return self.log

    def _show(self, orders: tuple[Order, ...]) -> None:
        self.view = attrs.evolve(self.view, orders=orders)
