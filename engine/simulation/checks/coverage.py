"""What a simulation has seen of all that can happen: no invariant, but what makes them count."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from engine.simulation.checks.base import Check

_PREFIX = "order_"
_STATES = frozenset(
    {"placed", "open", "partially_filled", "cancel_pending", "unknown"}
    | {"filled", "cancelled", "rejected", "expired"}
)


class Coverage(Check):
    """
    Counts what is seen.

    Attributes:
        transitions: From one state of an order to another.
        refusals: Codes of the risk limits.
        verdicts: Of the supervisor.
    """

    def __init__(self, site: Any) -> None:
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
