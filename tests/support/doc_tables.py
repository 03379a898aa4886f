"""The tables in docs/orders.md and docs/risk.md, made from the code that they describe."""

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
