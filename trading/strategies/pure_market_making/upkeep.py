"""
Makes orders of wanted quotes: cancels first, then new ones where no gate is shut.

The orders of a set live and end by the same rules in every strategy that uses this.
"""

import functools
from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from trading.decisions.decision import Decision, Gate
from trading.orders.order import OrderStatus
from trading.strategies.interface import View
from trading.strategies.pure_market_making.cancels import (
    next_cancel_moment,
    plan_cancels,
    withdrawal,
)
from trading.strategies.pure_market_making.gates import gate
from trading.strategies.pure_market_making.proposal import Proposal
from trading.strategies.pure_market_making.state import State
from trading.strategies.pure_market_making.terms import Terms


def seen(view: View, wanted: Terms, state: State) -> State:
    """With what has become of our orders since the last look."""
    before, state = state, state.after_fills(view.completed, view.now, wanted.filled_order_delay)
    if wanted.hanging_orders is None:
        return state
    hanging = state.hanging.after(view, before.fresh(view.completed))
    return state if hanging is state.hanging else replace(state, hanging=hanging)


def withdraw(
    view: View,
    wanted: Terms,
    state: State,
    because: tuple[Gate, ...],
    moments: Sequence[float | None] = (),
) -> tuple[Decision, State]:
    """
    Let nothing stand, and renew nothing either.

    Args:
        moments: As for ``carry_out``.
    """
    decision = Decision(
        cancels=withdrawal(view).orders,
        gates=because,
        look_again_at=earliest(look_again_at(view, state, wanted), *moments),
    )
    return decision, replace(state, hanging=state.hanging.given_up())


def carry_out(
    proposals: tuple[Proposal, Proposal],
    price: Decimal,
    view: View,
    wanted: Terms,
    state: State,
    moments: Sequence[float | None] = (),
) -> tuple[Decision, State]:
    """
    Make the working orders what is proposed, as far as time and the old orders allow it.

    Args:
        proposals: The set, and the hanging orders to renew.
        price: The reference price.
        view: Of now.
        wanted: How a set lives.
        state: What of the past matters.
        moments: Monotonic seconds at which time alone changes what is wanted; ``None`` for never.
    """
    proposal, renewed = proposals
    cancels = plan_cancels(view, state, wanted, price=price, wanted=proposal.quotes)
    if cancels.early:
        state = replace(state, create_at=view.now, refresh_at=view.now)
    shut = (*_timer_gates(view, state), *_order_gates(view, state))
    places = () if shut else proposal.quotes
    if places:
        state = state.after_placing(view.now, wanted.order_refresh_time)
    if wanted.hanging_orders is not None:
        hanging = state.hanging.renew(cancels.renewed).placed(places, renewed.quotes)
        if hanging is not state.hanging:
            state = replace(state, hanging=hanging)
    decision = Decision(
        cancels=cancels.orders,
        places=(*renewed.quotes, *places),
        amends=cancels.amends,
        wanted=proposal.quotes,
        ungated=proposal.dropped,
        gates=(*shut, *renewed.gates, *proposal.gates),
        look_again_at=earliest(look_again_at(view, state, wanted), *moments),
    )
    return decision, state


def look_again_at(view: View, state: State, wanted: Terms) -> float | None:
    """Monotonic seconds at which time alone changes what becomes of a set; ``None`` if never."""
    return earliest(
        next_cancel_moment(view, state, wanted),
        state.create_at if state.create_at > view.now else None,
    )


def earliest(*moments: float | None) -> float | None:
    return min([moment for moment in moments if moment is not None], default=None)


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
