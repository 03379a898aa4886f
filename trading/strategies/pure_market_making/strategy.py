"""Pure market making as a strategy: cancels first, then quotes where no gate is shut."""

import sys
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from trading.decisions.decision import Decision, Gate
from trading.strategies.interface import Strategy, View
from trading.strategies.pure_market_making.parameters import Parameters
from trading.strategies.pure_market_making.proposal import Proposal
from trading.strategies.pure_market_making.propose import propose_around, renewals
from trading.strategies.pure_market_making.reference import (
    Reference,
    find_reference,
    reference_lapses_at,
)
from trading.strategies.pure_market_making.state import Band, State
from trading.strategies.pure_market_making.upkeep import carry_out, seen, withdraw
from trading.strategies.pure_market_making.volatility import Volatility
from trading.strategies.pure_market_making.window import window_changes_at, window_gate


class PureMarketMaking(msgspec.Struct, frozen=True):
    """
    Quotes at fixed distances around a reference price.

    A set of orders stands for ``order_refresh_time``; then it is cancelled, and when none of it is
    left, not even in doubt, a new one is placed. A view may be missed or come twice: what to do
    follows from the orders that work now and from two timers.
    """

    parameters: Parameters

    @property
    def levels_seen(self) -> int:
        """The best of each side, unless what is behind them decides too."""
        parameters = self.parameters
        # How much the price moves is measured by looks: each change of the book is one.
        wants_all = parameters.order_optimization or parameters.volatility_spread
        return sys.maxsize if wants_all else 1

    def begin(self, now: float) -> State:
        """Both timers are over: orders left by a former life are replaced or kept at once."""
        return State(create_at=now, refresh_at=now)

    def reconfigured(self, former: Strategy[State], state: State, now: float) -> State:
        """Fills, hanging orders and what is known of the market stay."""
        assert isinstance(former, PureMarketMaking)
        state = state.reconfigured(now)
        if former.parameters.moving_price_band != self.parameters.moving_price_band:
            return replace(state, band=None)
        return state

    def decide(self, view: View, state: State) -> tuple[Decision, State]:
        parameters = self.parameters
        state = seen(view, parameters, state)
        reference = self._reference(view, state)
        if isinstance(reference, Gate):
            moments = _moments(view, state, parameters)
            return withdraw(view, parameters, state, (reference,), moments)
        state = _followed(reference.price, view, parameters, state)
        return self._decide_around(reference, view, state)

    def _reference(self, view: View, state: State) -> Reference | Gate:
        window = self.parameters.trading_window
        shut = window_gate(view, window) if window is not None else None
        return shut or find_reference(view, self.parameters, state.last_own_price)

    def _decide_around(
        self, reference: Reference, view: View, state: State
    ) -> tuple[Decision, State]:
        parameters = self.parameters
        proposal = propose_around(reference, view, parameters, state)
        renewed = Proposal()
        if state.hanging.due:
            renewed = renewals(view, state, take_if_crossed=parameters.take_if_crossed)
        moments = _moments(view, state, parameters)
        return carry_out((proposal, renewed), reference.price, view, parameters, state, moments)


def _followed(price: Decimal, view: View, parameters: Parameters, state: State) -> State:
    """With what follows the price: the moving band, and how much the price moves."""
    wanted, measured = parameters.moving_price_band, parameters.volatility_spread
    band, volatility = state.band, state.volatility
    if wanted is not None and (band is None or band.set_at + wanted.refresh_time <= view.now):
        band = Band.around(price, wanted, view.now)
    if measured is not None:
        before = volatility or Volatility(price=price, at=view.now)
        volatility = before.after(price, view.now, measured.halflife)
    if band is state.band and volatility is state.volatility:
        return state
    return replace(state, band=band, volatility=volatility)


def _moments(view: View, state: State, parameters: Parameters) -> list[float | None]:
    """Those at which time alone changes what the set should be."""
    moments = [reference_lapses_at(view, parameters)]
    if parameters.trading_window is not None:
        moments.append(window_changes_at(view, parameters.trading_window))
    if parameters.moving_price_band is not None and state.band is not None:
        refresh_at = state.band.set_at + parameters.moving_price_band.refresh_time
        moments.append(refresh_at if refresh_at > view.now else None)
    return moments
