"""The life of an order as a table, as docs/orders.md shows it."""

from trading.orders.order import TRANSITIONS, OrderEvent, OrderStatus


def table() -> str:
    """What every event makes of every status; a dot where it changes nothing."""
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
