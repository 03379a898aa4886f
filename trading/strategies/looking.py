"""
One life of a strategy: what is remembered from look to look, and what is made of its answers.

Nothing here waits or reads a clock, so that a recorded life can be folded again, look by look, by
the same code as in the engine.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import msgspec
from msgspec.structs import replace

from trading.core.identifiers import ClientOrderId, Currency, StrategyName
from trading.decisions.decision import Decision, Gate
from trading.strategies.config import carried_over
from trading.strategies.interface import Strategy, View
from trading.strategies.settling import reserved_beyond_our_orders
from trading.strategies.soundness import answer_of, sound

IN_VAIN = Gate(code="tried_in_vain", side=None, sentence="what was just instructed came to nothing")

SETTLING = Gate(
    code="balance_settling",
    side=None,
    sentence="an order has ended, and the balance it held is not free yet",
)


class Mark(msgspec.Struct, frozen=True):
    """
    What tells one memory of earlier looks from another.

    Args:
        tried_at: Monotonic seconds of the look that last instructed something; ``None`` for none.
        settled_at: Monotonic seconds until which an ended order's balance is waited for; ``None``
            while none has ended.
        working: The orders of the last look, sorted.
    """

    tried_at: float | None
    settled_at: float | None
    working: tuple[ClientOrderId, ...]


class StrategyLife:
    """
    One life of a strategy, from its ``begin`` on.

    Args:
        name: Whose orders its decisions may touch.
        strategy: Decides, until another takes over.
        now: Monotonic seconds.
        pause_s: Before a decision without effect is taken again.
        settle_s: How long the balance that an ended order held is waited for.

    Attributes:
        strategy: The one that decides now.
        state: Its state after the last look.
        looks: How many there were.
    """

    def __init__(
        self,
        name: StrategyName,
        strategy: Strategy[Any],
        now: float,
        *,
        pause_s: float,
        settle_s: float,
    ) -> None:
        self.strategy = strategy
        self.state: Any = strategy.begin(now)
        self.looks = 0
        self._name = name
        self._pause_s = pause_s
        self._settle_s = settle_s
        self._tried: View | None = None
        self._decided = Decision()
        self._settled_at: float | None = None
        self._working: frozenset[ClientOrderId] = frozenset()

    def hand_over(self, strategy: Strategy[Any], now: float) -> None:
        """Go on with another strategy, at ``now`` monotonic seconds."""
        self.state = carried_over(self.strategy, strategy, self.state, now)
        self.strategy, self._tried = strategy, None

    def decide(self, view: View, held: Mapping[Currency, Decimal]) -> Decision:
        """
        What to do about a view; what is not to be done yet is not in it.

        Args:
            held: What the orders of all strategies hold, by currency.

        Raises:
            UnsoundDecision: The strategy's answer is not a valid decision.
        """
        self.looks += 1
        decision = self._decide(view, held)
        if decision.cancels or decision.places or decision.amends:
            self._tried = view
        return decision

    @property
    def mark(self) -> Mark:
        return Mark(
            None if self._tried is None else self._tried.now,
            self._settled_at,
            tuple(sorted(self._working)),
        )

    def _decide(self, view: View, held: Mapping[Currency, Decimal]) -> Decision:
        self._see(view)
        if (retry_at := self._in_vain_until(view)) is not None:
            return _wait(IN_VAIN, retry_at, self._decided)
        answer, next_state = answer_of(self.strategy.decide(view, self.state))
        # Checked, as the strategy may be another package's, and the gateway serves others too.
        decision = self._decided = sound(answer, self._name)
        if decision.places and (until := self._settling_until(view, held)) is not None:
            # Decided on balances that do not show what is free: not obeyed, and not remembered.
            return replace(_wait(SETTLING, until, decision), cancels=decision.cancels)
        self.state = next_state
        return decision

    def _see(self, view: View) -> None:
        """Note which orders have ended."""
        working = frozenset(order.client_order_id for order in view.orders)
        if self._working - working:
            self._settled_at = view.now + self._settle_s
        self._working = working

    def _in_vain_until(self, view: View) -> float | None:
        """Until when an instruction is not repeated that has left our orders as they were."""
        if self._tried is None:
            return None
        retry_at = self._tried.now + self._pause_s
        return retry_at if view.now < retry_at and view.orders == self._tried.orders else None

    def _settling_until(self, view: View, held: Mapping[Currency, Decimal]) -> float | None:
        """Until when the balances of a view may be older than its orders."""
        until = self._settled_at
        if until is None or view.now >= until or not reserved_beyond_our_orders(view, held):
            return None
        return until


def _wait(gate: Gate, until: float, decided: Decision) -> Decision:
    """A decision to do nothing until a moment, which still tells what the strategy wants."""
    return Decision(
        wanted=decided.wanted,
        ungated=decided.ungated,
        gates=(attrs.evolve(gate, opens_at=until), *decided.gates),
        look_again_at=until,
    )
