"""What a strategy is doing, in one line, and how each of its sides is coloured."""

from collections.abc import Sequence
from typing import Any

import attrs

from engine.control.protocol import STRATEGIES_CHANGE

Json = dict[str, Any]

PATIENCE_S = 10.0
"""So long a gate that opens by itself is nothing to worry about."""

_PASSING = frozenset(
    {
        *("cancel_pending", "orders_working", "tried_in_vain", "balance_settling"),
        *("not_reconciled", "orders_not_known", "refresh_running", "fill_delay"),
    }
)
"""Gates that open by themselves in a moment, with or without a known time."""

_MISSING = frozenset(
    {
        *("not_ready", "view_incomplete", "fees_not_known", "price_unknown"),
        *("price_lapsed", "not_reconciled", "order_unknown", "strategy_not_running"),
    }
)


CHANGING = "changing strategies"
"""The state words from the end of a session to the beginning of the next one."""


@attrs.frozen(kw_only=True)
class State:
    """
    The state words.

    Args:
        kind: What the words are coloured by.
        words: The state itself, as a person says it.
        cause: The gate or the reason, in a sentence; empty where there is none.
        opens_in_s: Until it passes by itself, where that is known.
    """

    kind: str
    words: str
    cause: str = ""
    opens_in_s: float | None = None


def state_of(status: Json, strategy: Json, sides: Json, without_s: float) -> State:
    """
    The state of one strategy.

    Args:
        sides: Of ``engine.views.explain``.
        without_s: For how long no side has quoted, in seconds.
    """
    if status["halt"]:
        return State(kind="halted", words="HALTED", cause=status["halt"])
    if changing(status):
        return State(kind="changing", words=CHANGING, cause="every order is cancelled first")
    if status["stopping"]:
        return State(kind="stopping", words="STOPPING", cause=status["stopping"])
    quoting = [side for side, known in sides.items() if known["quoting"]]
    shut = [known["gates"] for side, known in sides.items() if side not in quoting]
    if not shut:
        return State(kind="quoting", words="quoting both sides", cause=_lacking(strategy, sides))
    first = next(filter(None, shut), ())
    cause = first[0]["sentence"] if first else "orders are on their way"
    opens_in_s = first[0]["opens_in_s"] if first else None
    if quoting:
        return State(
            kind="partly", words=f"quoting {quoting[0]} only", cause=cause, opens_in_s=opens_in_s
        )
    if not strategy["ready"] and first and first[0]["from"] == "readiness":
        return State(
            kind="not_ready", words=f"NOT READY ({strategy['components_ready']})", cause=cause
        )
    if without_s < PATIENCE_S and all(map(passes, shut)):
        return State(kind="waiting", words="waiting", cause=cause, opens_in_s=opens_in_s)
    return State(kind="not_quoting", words="NOT QUOTING", cause=cause, opens_in_s=opens_in_s)


def changing(status: Json) -> bool:
    """Whether the session ends for one with other strategies, in the same process."""
    return str(status["stopping"] or "").endswith(STRATEGIES_CHANGE)


def side_kind(side: Json) -> tuple[str, str]:
    """The class and the cause's code of one side, for its bar."""
    if side["quoting"]:
        return "quoting", ""
    gates = side["gates"]
    if not gates:
        return "waits", "on_the_way"
    return gate_kind(gates[0]), str(gates[0]["code"])


def gate_kind(gate: Json) -> str:
    """The class of one gate."""
    if gate["from"] in {"halt", "stop"}:
        return "halted"
    if gate["opens_in_s"] is not None:
        return "waits"
    return code_kind(gate["code"], missing=gate["from"] == "readiness")


def code_kind(code: str, *, missing: bool = False) -> str:
    """The class of a gate of which only the code is known."""
    if code in {"halted", "stopping"}:
        return "halted"
    if missing or code in _MISSING:
        return "missing"
    return "waits" if code in _PASSING or code == "on_the_way" else "setting"


def passes(gates: Sequence[Json]) -> bool:
    """Whether a side's first gate opens by itself."""
    return not gates or gates[0]["opens_in_s"] is not None or gates[0]["code"] in _PASSING


def _lacking(strategy: Json, sides: Json) -> str:
    """Which levels of sides that quote do not stand, and why."""
    said = []
    for side, known in sides.items():
        shut_out = [one for one in strategy["shut_out"] if one["side"] == side]
        standing, wanted = len(known["orders"]), len(known["wanted"])
        if shut_out and standing < wanted:
            said.append(f"{standing} of {wanted} {side}s: {shut_out[0]['sentence']}")
    return "; ".join(said)
