"""The invariants of a simulation, and the error of a violated one."""

from collections.abc import Mapping

import attrs

INVARIANTS: Mapping[str, str] = {
    "I1": "Once: no order id is accepted twice or used again, and none leaves before it is durable",
    "I2": "No orphan: within 10 s of a healthy session the engine knows every order open there",
    "I3": "Conservation: fills, fees and balances of the engine are the venue's, to the last digit",
    "I4": "Exposure: whatever fills, no limit of the strategy is exceeded",
    "I5": "Fresh or flat: no order leaves while the book or the lease does not hold",
    "I6": "Unknown is never guessed: an order ends by the venue's word",
    "I7": "Kill: after a halt no order leaves until somebody resumes, through restarts too",
    "I8": "Rates: the engine never exceeds the venue's limits by itself",
    "I9": "Journal: what the ledger remembers is what the engine knows",
    "I11": "Bounds: queues, tasks and connections stay within their limits",
    "I12": "Liveness: quotes are back within 60 s of the last fault; only its own defects end it",
    "I13": "Silence: no secret is in the log",
    "I14": "Legal: every order that leaves is within the venue's rules and its collar",
    "I15": "No self-cross: no bid of ours at or above an ask of ours",
    "I16": "Visible: each fault that mattered left an event that names it",
    "I17": "Exit: exit code and last words are true, and name the orders that are left",
    "I19": "Withdrawn: without a lease orders go within a second, by any way that is open",
}
"""As numbered in docs/simulation.md. I10, determinism, is checked between runs."""


@attrs.frozen(kw_only=True)
class Violation:
    """
    An invariant was violated.

    Args:
        invariant: Its number.
        what: In words, with the names of the orders or actors concerned.
        at: Simulated seconds.
        step: Of the scheduler.
    """

    invariant: str
    what: str
    at: float
    step: int
