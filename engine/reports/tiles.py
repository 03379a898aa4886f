"""The figures of a run that are looked at first."""

from decimal import Decimal

from engine.reports.markup import Html, element, joined
from engine.reports.words import not_stated, share_or_reason, short_money
from trading.research.figures import Figures
from trading.research.stated import NotStated


def tiles(figures: Figures) -> Html:
    """Six of them; of each the unit."""
    quote, uptime, change = figures.quote, figures.uptime, figures.change
    both = uptime if isinstance(uptime, NotStated) else uptime.quoted.both
    made = change if isinstance(change, NotStated) else change.traded
    rows: list[tuple[str, str]] = [
        ("made by trading, at mid", _amount(made, quote)),
        *_parts(figures),
        ("fills", str(figures.fills)),
        ("quoting both sides", share_or_reason(both)),
    ]
    return element(
        "dl",
        *(element("div", element("dt", name), element("dd", value)) for name, value in rows),
        class_="tiles",
    )


def _parts(figures: Figures) -> list[tuple[str, str]]:
    names = ("spread captured", "inventory profit", "fees")
    parts = figures.identity
    if isinstance(parts, NotStated):
        paid = [f"{short_money(fee)} {currency}" for currency, fee in sorted(figures.fees.items())]
        return [
            *((name, not_stated(parts)) for name in names[:2]),
            ("fees", ", ".join(paid) or "0"),
        ]
    amounts = (parts.captured, parts.inventory, parts.fees)
    return [
        (name, _amount(amount, figures.quote)) for name, amount in zip(names, amounts, strict=True)
    ]


def _amount(value: Decimal | NotStated, unit: str) -> Html:
    if isinstance(value, NotStated):
        return not_stated(value)
    return joined(short_money(value), " ", element("small", unit))
