"""The tables in docs/orders.md and docs/risk.md, made from the code that they describe."""

import inspect
from typing import Any, get_args

from trading.gateway.effects import Effect
from trading.gateway.events import Event
from trading.orders.order import TRANSITIONS, OrderEvent, OrderStatus
from trading.risk import RefusalCode


def transitions() -> str:
    """The life of an order: what every event makes of every status; a dot for no change."""
    rows = [
        "| status | " + " | ".join(event.value for event in OrderEvent) + " |",
        "|---" * (len(OrderEvent) + 1) + "|",
    ]
    for status in OrderStatus:
        after = [TRANSITIONS[status][event] for event in OrderEvent]
        cells = ["·" if one is status else one.value for one in after]
        name = f"**{status.value}**" if status.terminal else status.value
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def refusals() -> str:
    """Every refusal's code, when it refuses, what follows, and the setting that would change it."""
    rows = [
        "| code | an order is refused because | what follows | setting |",
        "|---|---|---|---|",
    ]
    for code in RefusalCode:
        follows = "**halt**" if code.halts else "refused"
        setting = f"`{code.key}`" if code.key else ""
        rows.append(f"| `{code.value}` | {code.meaning} | {follows} | {setting} |")
    return "\n".join(rows) + "\n"


def events() -> str:
    """What the gateway's core is told: the first sentence of each event."""
    return _first_sentences("event", get_args(Event))


def effects() -> str:
    """What it wants done: the first sentence of each effect."""
    return _first_sentences("effect", get_args(Effect))


def _first_sentences(kind: str, classes: tuple[Any, ...]) -> str:
    rows = [f"| {kind} | what it says |", "|---|---|"]
    for one in classes:
        words = " ".join((inspect.getdoc(one) or "").split("\n\n")[0].split())
        rows.append(f"| `{one.__name__}` | {words.replace('``', '`')} |")
    return "\n".join(rows) + "\n"
