"""A plan for people: its orders, their cost, and the gates that keep others back."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType

from engine.views.status_view import gate_text, line, percent_text, table

Json = dict[str, Any]


def plan_view(planned: Json) -> RenderableType:
    """The results of ``engine.control.planning`` for all strategies."""
    parts: list[RenderableType] = [line(f"against {planned['against']}", "bold")]
    for name, each in planned["strategies"].items():
        parts += _strategy(name, each)
    parts.append(line("nothing was sent"))
    return Group(*parts)


def _strategy(name: str, each: Json) -> Iterator[RenderableType]:
    sides = [side for side, fine in each["would_quote"].items() if fine]
    words = {
        0: "would quote NOTHING",
        1: f"would {''.join(sides)} only",
        2: "would quote both sides",
    }
    style = "bold green" if len(sides) == len(each["would_quote"]) else "bold red"
    book = each["book"]
    market = f"bid {book['bid']}, ask {book['ask']}, mid {book['mid']}" if book else "no book"
    yield line("")
    yield line(f"{name} ({each['pair']}, {each['kind']}): {words[len(sides)]}; {market}", style)
    yield table(
        "orders",
        ("side", "level", "price", "quantity", "worth", "from mid", "in price", "clashes"),
        (
            (
                *(order["side"], order["level"], order["price"], order["quantity"]),
                *(order["notional"], percent_text(order["spread"]), order["distance"]),
                "; ".join(clash["sentence"] for clash in order["clashes"]),
            )
            for order in each["orders"]
        ),
    )
    yield table(
        "closed gates",
        ("side", "code", "why"),
        ((gate["side"] or "both", gate["code"], gate_text(gate)) for gate in each["gates"]),
    )
    yield table(
        "budget",
        ("currency", "available", "used", "share"),
        (
            (*(use["currency"], use["available"], use["used"]), percent_text(use["share"]))
            for use in each["budget"]
        ),
    )
    if each["rate"] is not None:
        rate = each["rate"]
        yield line(
            f"at most {rate['placements_per_minute']} orders a minute, of"
            f" {rate['max_instructions_per_minute']} that the limits allow"
        )
