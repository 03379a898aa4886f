"""The strategy: cancels first, then quotes where nothing stands in the way."""

import functools
from decimal import Decimal

import attrs

from trading.orders import OrderStatus
from trading.strategies.interface import Decision, Gate, View
from trading.strategies.pure_market_making.cancels import (
    next_cancel_moment,
    plan_cancels,
    withdrawal,
)
from trading.strategies.pure_market_making.gates import gate
from trading.strategies.pure_market_making.parameters import Parameters
from trading.strategies.pure_market_making.proposal import Proposal
from trading.strategies.pure_market_making.propose import propose_around, renewals
from trading.strategies.pure_market_making.reference import (
    Reference,
    find_reference,
    reference_lapses_at,
)
from trading.strategies.pure_market_making.state import Band, State
from trading.strategies.pure_market_making.volatility import Volatility
from trading.strategies.pure_market_making.window import window_changes_at, window_gate


@attrs.frozen
class PureMarketMaking:
    """
    Quotes at fixed distances around a reference price.

    A set of orders stands for ``order_refresh_time``; then it is cancelled, and when none of it is
    left, not even in doubt, a new one is placed. A view may be missed or come twice: what to do
    follows from the orders that work now and from two timers.
    """

    parameters: Parameters

    def begin(self, now: float) -> State:
        """Both timers are over: orders left by a former life are replaced or kept at once."""
        return State(create_at=now, refresh_at=now)

    def decide(self, view: View, state: State) -> tuple[Decision, State]:
        state = _seen(view, self.parameters, state)
        reference = self._reference(view, state)
        if isinstance(reference, Gate):
            decision = Decision(
                cancels=withdrawal(view).orders,
                gates=(reference,),
                look_again_at=_look_again_at(view, state, self.parameters),
            )
            # Nothing may stand, so nothing is renewed either.
            return decision, attrs.evolve(state, hanging=state.hanging.given_up())
        return self._decide_around(reference, view, _followed(reference.price, view, self, state))

    def _reference(self, view: View, state: State) -> Reference | Gate:
        window = self.parameters.trading_window
        shut = window_gate(view, window) if window is not None else None
        return shut or find_reference(view, self.parameters, state.last_own_price)

    def _decide_around(
        self, reference: Reference, view: View, state: State
    ) -> tuple[Decision, State]:
        parameters = self.parameters
        proposal = propose_around(reference, view, parameters, state)
        cancels = plan_cancels(
            view, state, parameters, price=reference.price, wanted=proposal.quotes
        )
        if cancels.early:
            state = attrs.evolve(state, create_at=view.now, refresh_at=view.now)
        renewed = renewals(view, parameters, state) if state.hanging.due else Proposal()
        shut = (*_timer_gates(view, state), *_order_gates(view, state))
        places = () if shut else proposal.quotes
        if places:
            state = state.after_placing(view.now, parameters.order_refresh_time)
        if parameters.hanging_orders is not None:
            hanging = state.hanging.renew(cancels.renewed)
            hanging = hanging.placed(places, renewed.quotes)
            if hanging is not state.hanging:
                state = attrs.evolve(state, hanging=hanging)
        decision = Decision(
            cancels=cancels.orders,
            places=(*renewed.quotes, *places),
            amends=cancels.amends,
            wanted=proposal.quotes,
            gates=(*shut, *renewed.gates, *proposal.gates),
            look_again_at=_look_again_at(view, state, parameters),
        )
        return decision, state


def _seen(view: View, parameters: Parameters, state: State) -> State:
    """With what has become of our orders since the last look."""
    fresh = state.fresh(view.completed)
    state = state.after_fills(view.completed, view.now, parameters.filled_order_delay)
    if parameters.hanging_orders is None:
        return state
    hanging = state.hanging.after(view, fresh)
    return state if hanging is state.hanging else attrs.evolve(state, hanging=hanging)


def _followed(price: Decimal, view: View, strategy: PureMarketMaking, state: State) -> State:
    """With what follows the price: the moving band, and how much the price moves."""
    wanted, measured = strategy.parameters.moving_price_band, strategy.parameters.volatility_spread
    if wanted is not None and (
        state.band is None or state.band.set_at + wanted.refresh_time <= view.now
    ):
        state = attrs.evolve(state, band=Band.around(price, wanted, view.now))
    if measured is not None:
        before = state.volatility or Volatility(price=price, at=view.now)
        state = attrs.evolve(state, volatility=before.after(price, view.now, measured.halflife))
    return state


def _timer_gates(view: View, state: State) -> tuple[Gate, ...]:
    if state.create_at <= view.now:
        return ()
    because = "an order was filled" if state.delayed_by_fill else "the last ones were placed"
    return (
        gate(
            "fill_delay" if state.delayed_by_fill else "refresh_running",
            None,
            "new orders wait another {wait} s since {because}",
            opens_at=state.create_at,
            wait=state.create_at - view.now,
            because=because,
        ),
    )


_IN_THE_WAY = {
    "cancel_pending": "{count} of our orders wait for the venue to confirm a cancel",
    "order_unknown": "{count} of our orders may be working: the venue's answer is overdue",
    "orders_working": "{count} of our orders are working",
}

_CODES = {
    OrderStatus.CANCEL_PENDING: "cancel_pending",
    OrderStatus.UNKNOWN: "order_unknown",
}


def _order_gates(view: View, state: State) -> tuple[Gate, ...]:
    """New orders wait until none of the old ones is left: two sets can never overlap."""
    codes = [
        _CODES.get(order.status, "orders_working")
        for order in view.orders
        if order.client_order_id not in state.hanging.orders
    ]
    return tuple(_in_the_way(code, codes.count(code)) for code in _IN_THE_WAY if code in codes)


@functools.cache
def _in_the_way(code: str, count: int) -> Gate:
    return gate(code, None, _IN_THE_WAY[code], count=count)


def _look_again_at(view: View, state: State, parameters: Parameters) -> float | None:
    moments = [
        next_cancel_moment(view, state, parameters),
        reference_lapses_at(view, parameters),
        state.create_at if state.create_at > view.now else None,
    ]
    if parameters.trading_window is not None:
        moments.append(window_changes_at(view, parameters.trading_window))
    if parameters.moving_price_band is not None and state.band is not None:
        refresh_at = state.band.set_at + parameters.moving_price_band.refresh_time
        moments.append(refresh_at if refresh_at > view.now else None)
    return min((moment for moment in moments if moment is not None), default=None)
