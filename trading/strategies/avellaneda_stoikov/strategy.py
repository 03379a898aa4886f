"""Avellaneda-Stoikov as a strategy: estimates from every view, quotes once they suffice."""

import attrs

from trading.decisions.decision import Decision, Gate
from trading.strategies import pure_market_making
from trading.strategies.avellaneda_stoikov.parameters import Parameters
from trading.strategies.avellaneda_stoikov.propose import optimum, target_quotes
from trading.strategies.avellaneda_stoikov.state import Estimates, State
from trading.strategies.interface import Strategy, View
from trading.strategies.pure_market_making.gates import gate
from trading.strategies.pure_market_making.proposal import Proposal
from trading.strategies.pure_market_making.propose import permitted, renewals
from trading.strategies.pure_market_making.upkeep import carry_out, seen, withdraw
from trading.strategies.pure_market_making.window import window_changes_at, window_gate


@attrs.frozen
class AvellanedaStoikov:
    """
    Quotes around a reservation price that leans against the inventory.

    The spread is wider, the more the price moves and the further out orders still get filled. What
    becomes of a set of orders follows the rules of pure market making.
    """

    parameters: Parameters

    def begin(self, now: float) -> State:
        """A life knows nothing of the market at first."""
        return State(
            orders=pure_market_making.State(create_at=now, refresh_at=now),
            estimates=Estimates.none(self.parameters, now),
        )

    def reconfigured(self, former: Strategy[State], state: State, now: float) -> State:  # noqa: ARG002  # it is all in the state
        """What is known of the market stays, where it is measured as before."""
        return State(
            orders=state.orders.reconfigured(now),
            estimates=state.estimates.measured_by(self.parameters, now),
            optimum=state.optimum,
        )

    def decide(self, view: View, state: State) -> tuple[Decision, State]:
        parameters = self.parameters
        estimates = state.estimates.after(view, parameters)
        found = optimum(view, estimates, parameters)
        if found is None and parameters.compat is not None:
            found = state.optimum
        orders = seen(view, parameters, state.orders)
        shut, moments = self._gates(view, estimates), self._moments(view, estimates)
        if shut or found is None:
            because = shut or (_NO_ANSWER,)
            decision, orders = withdraw(view, parameters, orders, because, moments)
        else:
            proposal = permitted(target_quotes(found, view, parameters), view, orders)
            renewed = renewals(view, orders) if orders.hanging.due else Proposal()
            decision, orders = carry_out(
                (proposal, renewed), view.top.mid_price, view, parameters, orders, moments
            )
        return decision, State(orders=orders, estimates=estimates, optimum=found)

    def _gates(self, view: View, estimates: Estimates) -> tuple[Gate, ...]:
        window = self.parameters.trading_window
        outside = None if window is None else window_gate(view, window)
        return (outside,) if outside is not None else estimates.gates(self.parameters)

    def _moments(self, view: View, estimates: Estimates) -> tuple[float | None, ...]:
        window = self.parameters.trading_window
        changes_at = None if window is None else window_changes_at(view, window)
        return estimates.volatility.next_at, changes_at


_NO_ANSWER = gate("no_optimum", None, "the formula has no answer for such a market")
