"""Failures of orders and modifications, in the venue's numbers and words."""

from trading.simulator.matching.matching import Refusal
from trading.venues.valr.simulator.accounts.orders import Failure

REFUSALS = {
    Refusal.SELF_MATCH: Failure(-11500, Refusal.SELF_MATCH.value),
    Refusal.POST_ONLY: Failure(-11501, Refusal.POST_ONLY.value),
}
DUPLICATE = Failure(-11502, "Duplicate customer order id's are not allowed")
SLIPPAGE = Failure(
    -11503, "Order cancelled as it would have matched outside of slippage price band"
)
TRIGGERED = Failure(-11504, "Stop order failed as it would have been triggered immediately")
INTERNAL = Failure(-11505, "Order failed")
"""Without a reason that a client could act on."""
INSUFFICIENT = Failure(-6, "Insufficient Balance")
NO_ORDER = Failure(-1, "Invalid Order. ")
UNMODIFIED = Failure(-21303, "Modify order would not have modified anything and was cancelled")
WOULD_MATCH = Failure(-21304, "Modify order was cancelled as it would have matched")
