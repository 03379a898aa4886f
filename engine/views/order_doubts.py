"""Orders in doubt, for people: what is waited for, until when, and what can be done."""

from collections.abc import Sequence
from typing import Any

from trading.core.decimals import decimal_text
from trading.orders.doubts import Doubt

Json = dict[str, Any]

CODE = "order_unknown"
"""Also of the gate by which a strategy places nothing beside such an order."""

_A_LOOK_S = 0.5
"""About the time between two questions to the venue."""

_GONE_FOR_GOOD = (
    "nothing but the venue's word ends an order that was seen there; if its own pages show no"
    " such order, stop the engine and start it again: a new run believes three denials"
)


def doubts_json(doubts: Sequence[Doubt], now: float) -> list[Json]:
    """The doubts that stand at ``now`` monotonic seconds; times are seconds, money is text."""
    return [_json(doubt, now) for doubt in doubts if doubt.until is None]


def _json(doubt: Doubt, now: float) -> Json:
    disbelief = doubt.disbelief
    missing = disbelief.needed - disbelief.denials
    counts_in_s = max(0.0, disbelief.counts_from - now)
    given_up_in_s = None if disbelief.seen_alive else counts_in_s + missing * _A_LOOK_S
    return {
        "order": doubt.order_id,
        "side": doubt.side.value,
        "price": decimal_text(doubt.price),
        "quantity": decimal_text(doubt.quantity),
        "reason": doubt.reason,
        "for_s": round(now - doubt.since, 3),
        "seen_alive": disbelief.seen_alive,
        "denials": disbelief.denials,
        "denials_needed": disbelief.needed,
        "given_up_in_s": None if given_up_in_s is None else round(given_up_in_s, 3),
    }


def doubt_sentence(doubt: Json) -> str:
    """Which order is in doubt, since when and why, from a status."""
    what = f"{doubt['order']} ({doubt['side']} {doubt['quantity']} at {doubt['price']})"
    why = doubt["reason"] or "nothing was heard of it"
    return f"{what} may be working: in doubt for {doubt['for_s']:.1f} s, {why}"


def way_out(doubt: Json) -> str:
    """What is waited for, until when, and what a person can do."""
    asked = "the venue is asked about it twice a second, and its answer opens this"
    if doubt["seen_alive"]:
        return f"{asked}; {_GONE_FOR_GOOD}"
    denials, needed = doubt["denials"], doubt["denials_needed"]
    return (
        f"{asked}; if it says {needed} times that there is no such order ({denials} times so far,"
        f" each counts from 5 s after the order left), the order is given up, at the earliest in"
        f" {doubt['given_up_in_s']:.1f} s; while the venue does not answer nothing is known:"
        " `engine kill CONFIG` cancels whatever is there, and keeps it so"
    )


def doubt_lines(doubts: Sequence[Doubt], now: float) -> list[str]:
    """Lines of a summary: orders in doubt for long, and those in doubt to the end."""
    lines = []
    for doubt in doubts:
        ended = doubt.until
        what = f"{doubt.order_id} ({doubt.side.value} {decimal_text(doubt.quantity)}"
        what += f" at {decimal_text(doubt.price)})"
        if ended is None:
            lines.append(
                f"{what} to the end, for {now - doubt.since:.1f} s: {doubt.reason};"
                " look for it on the venue's own pages, the next run asks what became of it"
            )
        else:
            lines.append(f"{what} for {ended - doubt.since:.1f} s, then {doubt.outcome}")
    return lines
