"""
The original's strategy in our engine: one tick each second, on the orders that the view shows.

What is different from the original is what surrounds it: our readiness decides whether there is a
tick at all, our limits hold, and prices and quantities are rounded before they are sent.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

import msgspec

from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId
from trading.core.market import PriceLevel, Side
from trading.decisions.decision import Decision, Gate, Quote
from trading.orders.completed import CompletedOrder
from trading.orders.order import Order, OrderStatus
from trading.strategies.interface import (
    Prices,
    ReferencePrice,
    Strategy,
    View,
)
from trading.strategies.pure_market_making.compat.market import (
    Book,
    Cancel,
    Command,
    Create,
    Market,
)
from trading.strategies.pure_market_making.compat.state import CompatState
from trading.strategies.pure_market_making.compat.tick import tick
from trading.strategies.pure_market_making.features import PriceSource
from trading.strategies.pure_market_making.gates import gate
from trading.strategies.pure_market_making.parameters import Parameters

_TICK_S = 1.0
_NO_IDS: Mapping[ClientOrderId, int] = MappingProxyType({})
_UNBOUNDED = Decimal(1)


class AdaptedState(msgspec.Struct, frozen=True, kw_only=True):
    """
    The original's state, and which of our orders are which of its.

    Args:
        original: Never changed in place: each tick works on a copy.
        next_tick: Monotonic seconds.
        numbers: The original's number of each order that the view has shown.
        awaited: What was sent at the last tick and has not been shown yet.
        completed: How many completed orders have been told to the original.
        filtered_out: The sides on which the original's filters left nothing when it last placed.
        gates: Those of the last tick: between two of them nothing changes.
    """

    original: CompatState
    next_tick: float
    numbers: Mapping[ClientOrderId, int] = _NO_IDS
    awaited: tuple[Create, ...] = ()
    completed: int = 0
    filtered_out: tuple[Side, ...] = ()
    gates: tuple[Gate, ...] = ()


class HummingbotPureMarketMaking(msgspec.Struct, frozen=True):
    """Pure market making in compat mode."""

    parameters: Parameters

    def begin(self, now: float) -> AdaptedState:
        original = CompatState(parameters=self.parameters, now=now)
        return AdaptedState(original=original, next_tick=now)

    def reconfigured(
        self,
        former: Strategy[AdaptedState],  # noqa: ARG002  # it is all in the state
        state: AdaptedState,
        now: float,
    ) -> AdaptedState:
        """The original cannot do that; here its orders are refreshed at the next tick."""
        original = state.original.copy()
        original.parameters = self.parameters
        original.create_at = min(original.create_at, now)
        original.cancel_at = min(original.cancel_at, now)
        return msgspec.structs.replace(state, original=original)

    def decide(self, view: View, state: AdaptedState) -> tuple[Decision, AdaptedState]:
        if view.now < state.next_tick:
            return Decision(gates=state.gates, look_again_at=state.next_tick), state
        original = state.original.copy()
        state = _told(original, view, state)
        market = _market(view, self.parameters)
        if isinstance(market, Gate):
            # Like an exception in the original's proposal: nothing is done at all.
            failure: tuple[Gate, ...] = (market,)
        else:
            reason = tick(original, market)
            failure = (gate("tick_aborted", None, "{reason}", reason=reason),) if reason else ()
        commands = original.sent()
        next_tick = math.floor(view.now - state.next_tick) * _TICK_S + state.next_tick + _TICK_S
        created = tuple(c for c in commands if isinstance(c, Create))
        waits = () if created else _gates(original, view)
        filtered_out = state.filtered_out
        if not failure and not waits:
            filtered_out = tuple(side for side in Side if side not in {c.side for c in created})
        gates = failure or (*waits, *map(_filtered, filtered_out))
        decision = self._decision(commands, view, state, gates, next_tick)
        return decision, msgspec.structs.replace(
            state,
            original=original,
            next_tick=next_tick,
            awaited=created,
            filtered_out=filtered_out,
            gates=gates,
        )

    def _decision(
        self,
        commands: list[Command],
        view: View,
        state: AdaptedState,
        gates: tuple[Gate, ...],
        next_tick: float,
    ) -> Decision:
        cancellable = {
            order.client_order_id
            for order in view.orders
            if order.status is not OrderStatus.CANCEL_PENDING
        }
        ids = {n: order_id for order_id, n in state.numbers.items() if order_id in cancellable}
        creates = [c for c in commands if isinstance(c, Create)]
        places = tuple(_quote(create, view, self.parameters) for create in creates)
        return Decision(
            cancels=(
                *(order_id for order_id in cancellable if order_id not in state.numbers),
                *(ids[c.number] for c in commands if isinstance(c, Cancel) and c.number in ids),
            ),
            places=places,
            wanted=places,
            gates=gates,
            look_again_at=next_tick,
        )


def _told(original: CompatState, view: View, state: AdaptedState) -> AdaptedState:
    """
    The news since the last tick, told to the original: fills first, then what else has ended.

    The original hears of a renewal's cancel and creates the new order at once; that goes out with
    the commands of this tick.
    """
    numbers = dict(state.numbers)
    count = view.completed.buys + view.completed.sells
    completed = view.completed.recent[state.completed - count :] if count > state.completed else ()
    numbers.update(_bound(state.awaited, [*view.orders, *completed], numbers, view))
    for order in completed:
        if order.client_order_id in numbers:
            original.completed(numbers.pop(order.client_order_id))
    working = {order.client_order_id for order in view.orders}
    for order_id in [order_id for order_id in numbers if order_id not in working]:
        number = numbers.pop(order_id)
        original.cancelled(number)
    numbers.update(_adopted(original, view, numbers))
    shown = set(numbers.values())
    for create in state.awaited:
        if create.number in original.active and create.number not in shown:
            original.failed(create.number)
    return msgspec.structs.replace(state, numbers=numbers, awaited=(), completed=count)


def _bound(
    awaited: tuple[Create, ...],
    shown: list[Order | CompletedOrder],
    known: Mapping[ClientOrderId, int],
    view: View,
) -> dict[ClientOrderId, int]:
    """Which of the orders shown is which that was sent; two alike are told apart by their order."""
    fresh = [order for order in shown if order.client_order_id not in known]
    found: dict[ClientOrderId, int] = {}
    for create in awaited:
        price, quantity = _rounded(create, view)
        for order in fresh:
            if (order.side, order.price, order.quantity) == (create.side, price, quantity):
                found[order.client_order_id] = create.number
                fresh.remove(order)
                break
    return found


def _adopted(
    original: CompatState, view: View, known: Mapping[ClientOrderId, int]
) -> dict[ClientOrderId, int]:
    """
    Orders of a former life, which the original takes for hanging ones.

    It does so only while hanging orders are enabled; without them it leaves none behind, and here
    they are cancelled.
    """
    if original.parameters.hanging_orders is None:
        return {}
    found: dict[ClientOrderId, int] = {}
    for order in view.orders:
        if order.client_order_id not in known:
            found[order.client_order_id] = original.adopt(
                order.side, order.price, order.quantity, order.created_at
            )
    return found


def _market(view: View, parameters: Parameters) -> Market | Gate:
    base, quote = (
        view.balances.get(currency) for currency in (view.instrument.base, view.instrument.quote)
    )
    prices, instrument = view.prices, view.instrument
    market = Market(
        now=view.now,
        own=Book(
            bids=view.top.bids,
            asks=view.top.asks,
            last_trade=None if prices.last_trade is None else prices.last_trade.value,
        ),
        inventory_cost=prices.inventory_cost,
        base=ZERO if base is None else base.available,
        quote=ZERO if quote is None else quote.available,
        fee=view.fees.maker,
        tick_size=instrument.tick_size,
        lot_size=instrument.lot_size,
    )
    match parameters.price_source:
        case PriceSource.EXTERNAL_MARKET if prices.external_bid or prices.external_ask:
            return msgspec.structs.replace(market, reference=_external(prices))
        case PriceSource.CUSTOM_API if prices.custom is not None:
            return msgspec.structs.replace(market, custom_price=prices.custom.value)
        case PriceSource.CURRENT_MARKET:
            return market
        case source:
            return gate(
                "price_unknown", None, "the {source} has not given a price yet", source=source.value
            )


def _external(prices: Prices) -> Book:
    """The original keeps an external price for ever, however old it is (Q8)."""

    def level(price: ReferencePrice | None) -> tuple[PriceLevel, ...]:
        return () if price is None else (PriceLevel(price.value, _UNBOUNDED),)

    last = prices.external_last_trade
    return Book(
        bids=level(prices.external_bid),
        asks=level(prices.external_ask),
        last_trade=None if last is None else last.value,
    )


def _rounded(create: Create, view: View) -> tuple[Decimal, Decimal]:
    """Down, sells as well (Q10)."""
    instrument = view.instrument
    return instrument.price_down(create.price), instrument.quantity_down(create.quantity)


def _quote(create: Create, view: View, parameters: Parameters) -> Quote:
    price, quantity = _rounded(create, view)
    return Quote(
        side=create.side,
        price=price,
        quantity=quantity,
        level=0,
        post_only=not parameters.take_if_crossed,
    )


def _gates(original: CompatState, view: View) -> tuple[Gate, ...]:
    """What nothing could be created before, of what the original itself could tell."""
    if original.create_at >= view.now:
        wait = original.create_at - view.now
        return (
            gate(
                "refresh_running",
                None,
                "new orders wait another {wait} s",
                opens_at=original.create_at,
                wait=wait,
            ),
        )
    if original.non_hanging():
        count = len(original.non_hanging())
        return (gate("orders_working", None, "{count} of our orders are working", count=count),)
    return ()


def _filtered(side: Side) -> Gate:
    return gate("filtered_out", side, "no {side} passed the original's filters", side=side.value)
