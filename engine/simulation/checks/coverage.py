"""Coverage of a simulation: which transitions, refusals and verdicts it has seen. No invariant."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.site import Site
from engine.supervision.policy import Verdict
from trading.orders.order import TRANSITIONS, OrderStatus
from trading.risk.refusal import RefusalCode

_PREFIX = "order_"


def _word(status: OrderStatus) -> str:
    """The word for a status in the log."""
    return "placed" if status is OrderStatus.PENDING else status.value.replace(" ", "_")


_STATES = frozenset(map(_word, OrderStatus))

_LIES = frozenset(
    {
        (OrderStatus.OPEN, OrderStatus.REJECTED),
        (OrderStatus.PARTIALLY_FILLED, OrderStatus.REJECTED),
        (OrderStatus.CANCELLED, OrderStatus.FILLED),
        # An order that turns up is at once what the same news says of it.
        (OrderStatus.REJECTED, OrderStatus.UNKNOWN),
    }
)
"""Transitions that the table has an answer to, but that no log shows from a consistent venue."""


def _may_be(before: OrderStatus, after: OrderStatus) -> bool:
    """Whether an order can go from one state to another here: none of ours has a time to expire."""
    return OrderStatus.EXPIRED not in (before, after) and (before, after) not in _LIES


_BEHIND_OTHER_GATES = frozenset(
    {
        # A strategy's decision is verified before any limit is applied.
        *(RefusalCode.MISDIRECTED, RefusalCode.ABSURD_NUMBER, RefusalCode.PRICE_NOT_POSITIVE),
        RefusalCode.NOT_AMENDABLE,
        # The lease to quote lapses first.
        *(RefusalCode.BOOK_UNKNOWN, RefusalCode.BOOK_CROSSED, RefusalCode.CLOCK_UNSURE),
        RefusalCode.PAIR_INACTIVE,
    }
)
"""Each is a second lock: within an engine that works, no order gets as far as these."""

POSSIBLE: Mapping[str, frozenset[str]] = {
    "transitions": frozenset(
        f"{_word(before)} > {_word(after)}"
        for before, changes in TRANSITIONS.items()
        for after in changes.values()
        if after is not before and _may_be(before, after)
    ),
    "refusals": frozenset(
        code.value for code in RefusalCode if not code.halts and code not in _BEHIND_OTHER_GATES
    ),
    "verdicts": frozenset({verdict.value for verdict in Verdict} - {"fine"} | {"escalated"}),
}
"""By kind, all that can be seen; limits that end a strategy lead to a halt, not to a refusal."""


class Coverage(Check):
    """
    Counts the transitions, refusals and verdicts that occur.

    Attributes:
        transitions: From one state of an order to another.
        refusals: Codes of the risk limits.
        verdicts: Of the supervisor.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.transitions: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self._state: dict[str, str] = {}

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        event = str(entry["event"])
        if event == "order_refused":
            self.refusals.update(str(code) for code in entry.get("codes", ()))
        elif event == "actor_ended" and "verdict" in entry:
            self.verdicts[str(entry["verdict"])] += 1
        elif event == "actor_escalated":
            self.verdicts["escalated"] += 1
        elif event.startswith(_PREFIX) and (state := event.removeprefix(_PREFIX)) in _STATES:
            name = str(entry["order"])
            before = self._state.get(name)
            if before is not None and before != state:
                self.transitions[f"{before} > {state}"] += 1
            self._state[name] = state
