"""One tick of the original's clock, in its order of operations."""

from collections.abc import Sequence
from decimal import Decimal

from trading.core.market import Side
from trading.strategies.pure_market_making.compat.market import Market, ProposalFailed
from trading.strategies.pure_market_making.compat.proposal import TargetQuote, known_price, propose
from trading.strategies.pure_market_making.compat.state import CompatState
from trading.strategies.pure_market_making.compat.tracked import TrackedOrder


def tick(state: CompatState, market: Market) -> str:
    """
    Decide once; what is to be sent is in the state's outbox afterwards.

    Returns:
        Why the rest of the tick did not happen; empty when all of it did.
    """
    state.now = market.now
    try:
        wanted = propose(state, market) if state.create_at <= market.now else None
        _look_after_hanging_orders(state, market)
        _cancel_an_aged_set(state)
        _refresh(state, wanted)
        _cancel_what_is_too_close(state, market)
        _create(state, wanted)
    except ProposalFailed as error:
        # Neither old nor far nor near orders are cancelled in such a tick (Q2).
        return str(error)
    return ""


def _look_after_hanging_orders(state: CompatState, market: Market) -> None:
    wanted, tracker = state.parameters.hanging_orders, state.hanging
    if wanted is None:
        return
    for order in list(tracker.registered.values()):
        price = known_price(state, market)
        distance = abs(order.price - price) / price
        if distance > wanted.cancel_distance and order.number not in tracker.leaving:
            if order.number in state.active:
                state.cancel(order.number)
            tracker.leaving.add(order.number)
    for order in list(tracker.hanging.values()):
        too_old = order.age(state.now) > state.parameters.max_order_age
        if too_old and order.number not in tracker.renewing:
            if order.number in state.active:
                state.cancel(order.number)
            # Set too late where the cancel was confirmed at once: then it is not renewed (Q6).
            tracker.renewing.add(order.number)


def _cancel_an_aged_set(state: CompatState) -> None:
    orders = state.non_hanging()
    if any(order.age(state.now) > state.parameters.max_order_age for order in orders):
        for order in orders:
            state.cancel(order.number)


def _refresh(state: CompatState, wanted: Sequence[TargetQuote] | None) -> None:
    if state.cancel_at > state.now:
        return
    orders = state.non_hanging()
    tolerance = state.parameters.order_refresh_tolerance
    if not orders:
        return
    if wanted is not None and tolerance is not None and _is_kept(orders, wanted, tolerance):
        return
    if state.parameters.hanging_orders is not None:
        state.hanging.promote(state.active)
    for order in state.non_hanging():
        if order.number not in state.hanging.registered:
            state.cancel(order.number)


def _is_kept(
    orders: Sequence[TrackedOrder], wanted: Sequence[TargetQuote], tolerance: Decimal
) -> bool:
    """Prices alone are compared, never quantities (Q17)."""
    for side in Side:
        current = sorted(order.price for order in orders if order.side is side)
        new = sorted(target.price for target in wanted if target.side is side)
        if len(current) != len(new):
            return False
        for old_price, new_price in zip(current, new, strict=True):
            if abs(new_price - old_price) / old_price > tolerance:
                return False
    return True


def _cancel_what_is_too_close(state: CompatState, market: Market) -> None:
    minimum = state.parameters.minimum_spread
    for order in state.non_hanging():
        price = known_price(state, market)
        sign = -1 if order.side is Side.BUY else 1
        if minimum is not None and sign * (order.price - price) / price < minimum:
            state.cancel(order.number)


def _create(state: CompatState, wanted: Sequence[TargetQuote] | None) -> None:
    parameters = state.parameters
    in_flight = parameters.should_wait_order_cancel_confirmation and state.cancelling
    in_the_way = [
        order for order in state.non_hanging() if order.number not in state.hanging.registered
    ]
    if state.create_at >= state.now or in_flight or not wanted or in_the_way:
        return
    created = [state.create(target.side, target.price, target.quantity) for target in wanted]
    if parameters.hanging_orders is not None:
        state.hanging.pair(created)
    if state.create_at <= state.now:
        state.create_at = state.now + parameters.order_refresh_time
    if state.cancel_at <= state.now:
        state.cancel_at = min(state.create_at, state.now + parameters.order_refresh_time)
