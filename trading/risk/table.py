"""The table of refusals, as docs/risk.md shows it."""

from trading.risk.refusal import RefusalCode


def table() -> str:
    """Every code, when it refuses, what follows, and the setting that would change it."""
    rows = [
        "| code | an order is refused because | what follows | setting |",
        "|---|---|---|---|",
    ]
    for code in RefusalCode:
        follows = "**halt**" if code.halts else "refused"
        setting = f"`{code.key}`" if code.key else ""
        rows.append(f"| `{code.value}` | {code.meaning} | {follows} | {setting} |")
    return "\n".join(rows) + "\n"
