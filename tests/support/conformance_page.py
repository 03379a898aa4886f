"""
The tables of docs/conformance.md, made from the checks and from what makes each of them fail.

``python -m tests.support.conformance_page`` writes them; a test fails while one is not current.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from engine.conformance.checks.every import PROBES
from tests.support.conformance_mutations import MUTATIONS
from trading.venues.valr.conformance.check import Check, Level

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"

QUESTIONS: Mapping[str, str] = {
    "U1": "which clock offset is accepted, and whether a timestamp may come twice",
    "U2": "the shape of a refused login",
    "U3": "which routes share a rate limit, and what a 429 looks like",
    "U4": "the reply to a batch on the socket",
    "U5": "the shape of a refusal on the socket",
    "U6": "whether an unchanged SUBSCRIBE brings a new snapshot",
    "U7": "the order of acknowledgement and events",
    "U8": "whether ORDER_STATUS_UPDATE has to be subscribed to, and is sent for a resting order",
    "U9": "cancel-on-disconnect: its delay, and whether it can be relied upon",
    "U10": "whether version 2 refuses with 400 or 201",
    "U11": "whether a request without an answer took effect",
    "U12": "whether an order is found right after it was taken",
    "U13": "what resets the idle timer",
    "U14": "how a modified order is told in the feed of orders",
    "U15": "how long the feed of levels will last",
    "U16": "whether quantities of books have trailing zeros, and the checksum takes them too",
    "U17": "how many pairs a subscription may have",
    "U18": "price bands, and the most open orders",
    "U19": "whether trades always have their id, and the same one by REST",
    "U20": "the fee fields of maker fills",
    "U21": "whether executed figures are of the event or the total",
    "U22": "which other status texts there are",
    "U23": "whether the sequence number is shared between feeds",
    "U24": "whether balance events can be lost",
    "U25": "how subaccounts differ",
    "U26": "whether numbers ever have commas",
    "U27": "how maintenance is announced",
    "U28": "where the documents and the wire differ",
}

UNANSWERED: Mapping[str, str] = {
    "U3": "none: a 429 is not provoked",
    "U11": "none: the outcome is looked up in any case",
    "U14": "none: no order of ours is in the held feed",
    "U17": "none",
    "U18": "none: orders stay small and far away",
    "U23": "none: nothing counts on it",
    "U24": "none: lists are compared in any case",
    "U25": "none: a run has one key",
    "U28": "all of them",
}


def current(page: str) -> str:
    """The page with its tables as the checks have them now."""
    for level in Level:
        page = _filled(page, f"checks of {level.value}", "checks", _checks(level))
    page = _filled(page, "mutations", "mutations", _mutations())
    return _filled(page, "questions", "questions", _questions())


def _filled(page: str, name: str, end: str, table: str) -> str:
    begins, ends = f"<!-- {name} -->\n", f"<!-- end of {end} -->\n"
    pattern = re.compile(f"{re.escape(begins)}.*?{re.escape(ends)}", re.DOTALL)
    assert pattern.search(page), f"the page has no place for {name}"
    return pattern.sub(lambda _: begins + table + ends, page)


def _checks(level: Level) -> str:
    rows = ["| check | question | assumed in | expected |\n|---|---|---|---|\n"]
    rows += [_row(probe.check) for probe in PROBES if probe.check.level is level]
    return "".join(rows)


def _row(check: Check) -> str:
    facts = [
        f"`{name}` {_shown(fact)}" for name, fact in check.expected.items() if "shapes/" not in name
    ]
    shapes = [name.partition("/")[2] for name in check.expected if "shapes/" in name]
    if shapes:
        facts.append(f"the shape of `{'`, `'.join(shapes)}`")
    marks = "".join(
        word for word, holds in ((" (slow)", check.slow), (" (trades)", check.fills)) if holds
    )
    cells = (f"`{check.id}`{marks}", check.question, check.assumed, "; ".join(facts))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _shown(fact: object) -> str:
    return "nothing" if fact == "" else f"`{fact}`"


def _mutations() -> str:
    rows = ["| setting | told by |\n|---|---|\n"]
    for mutation in MUTATIONS:
        told = ", ".join(f"`{name}`" for name in sorted(mutation.told_by))
        setting = str(mutation).replace("|", "\\|")
        rows.append(f"| `{setting}` | {told} |\n")
    return "".join(rows)


def _questions() -> str:
    rows = ["| | question | answered by |\n|---|---|---|\n"]
    for number, question in QUESTIONS.items():
        ids = [f"`{probe.check.id}`" for probe in PROBES if number in probe.check.unknown]
        rows.append(f"| {number} | {question} | {', '.join(ids) or UNANSWERED[number]} |\n")
    return "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(current(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
