"""The strategy: cancels first, then quotes where nothing stands in the way."""

import attrs

from trading.orders import OrderStatus
from trading.strategies.interface import Decision, Gate, View
from trading.strategies.pure_market_making.cancels import next_cancel_moment, plan_cancels
from trading.strategies.pure_market_making.parameters import Parameters
from trading.strategies.pure_market_making.propose import propose
from trading.strategies.pure_market_making.state import State


@attrs.frozen
class PureMarketMaking:
    """
    Quotes at fixed distances around the mid price.

    A set of orders stands for ``order_refresh_time``; then it is cancelled, and when none of it is
    left, not even in doubt, a new one is placed. A view may be missed or come twice: what to do
    follows from the orders that work now and from two timers.
    """

    parameters: Parameters

    def begin(self, now: float) -> State:
        """Both timers are over: orders left by a former life are replaced or kept at once."""
        return State(create_at=now, refresh_at=now)

    def decide(self, view: View, state: State) -> tuple[Decision, State]:
        parameters = self.parameters
        state = state.after_fills(view.completed, view.now, parameters.filled_order_delay)
        proposal = propose(view, parameters)
        may_create = state.create_at <= view.now
        cancels = plan_cancels(
            view, state, parameters, wanted=proposal.quotes if may_create else None
        )
        shut = (*_timer_gates(view, state), *_order_gates(view))
        places = () if shut else proposal.quotes
        if places:
            state = state.after_placing(view.now, parameters.order_refresh_time)
        decision = Decision(
            cancels=cancels,
            places=places,
            wanted=proposal.quotes,
            gates=(*shut, *proposal.gates),
            look_again_at=_look_again_at(view, state, parameters),
        )
        return decision, state


def _timer_gates(view: View, state: State) -> tuple[Gate, ...]:
    if state.create_at <= view.now:
        return ()
    waits_s = state.create_at - view.now
    because = "an order was filled" if state.delayed_by_fill else "the last ones were placed"
    return (
        Gate(
            code="fill_delay" if state.delayed_by_fill else "refresh_running",
            side=None,
            sentence=f"new orders wait another {waits_s:.1f} s since {because}",
            opens_at=state.create_at,
        ),
    )


def _order_gates(view: View) -> tuple[Gate, ...]:
    """New orders wait until none of the old ones is left: two sets can never overlap."""
    counts = {
        "cancel_pending": 0,
        "order_unknown": 0,
        "orders_working": 0,
    }
    codes = {
        OrderStatus.CANCEL_PENDING: "cancel_pending",
        OrderStatus.UNKNOWN: "order_unknown",
    }
    for order in view.orders:
        counts[codes.get(order.status, "orders_working")] += 1
    sentences = {
        "cancel_pending": "{} of our orders wait for the venue to confirm a cancel",
        "order_unknown": "{} of our orders may be working: the venue's answer is overdue",
        "orders_working": "{} of our orders are working",
    }
    return tuple(
        Gate(code=code, side=None, sentence=sentences[code].format(count))
        for code, count in counts.items()
        if count
    )


def _look_again_at(view: View, state: State, parameters: Parameters) -> float | None:
    moments = [next_cancel_moment(view, state, parameters)]
    if state.create_at > view.now:
        moments.append(state.create_at)
    return min((moment for moment in moments if moment is not None), default=None)
