"""From what was seen at a venue to the rules of a simulated exchange that does the same."""

from collections.abc import Mapping

from trading.venues.valr.conformance.check import Facts, plain

_PLAIN = "rules"
KNOBS = (_PLAIN, "texts", "shapes", "refusals", "caching", "headers")
"""
The tables of ``[simulator.rules]`` that facts may name; ``rules`` is that table itself.

``texts/subscribed`` is the key ``subscribed`` of ``[simulator.rules.texts]``, and
``rules/lookup_delay_s`` the key ``lookup_delay_s`` of ``[simulator.rules]``.
"""


def knobs_of(answers: Mapping[str, Facts]) -> Mapping[str, object]:
    """
    The table ``[simulator.rules]`` of an exchange that answers as the venue did.

    Args:
        answers: What each check has seen, by its id; what names no knob is left out.
    """
    table: dict[str, object] = {}
    for facts in answers.values():
        for name, fact in facts.items():
            section, slash, key = name.partition("/")
            if not slash or section not in KNOBS or fact is None:
                continue
            if section == _PLAIN:
                table[key] = plain(fact)
            else:
                inner = table.setdefault(section, {})
                assert isinstance(inner, dict)
                inner[key] = plain(fact)
    return table


def merged(seen: Mapping[str, object], given: Mapping[str, object]) -> dict[str, object]:
    """Two tables of rules in one; what is given goes before what was seen."""
    table = {**seen, **given}
    for section in KNOBS[1:]:
        ours, theirs = seen.get(section), given.get(section)
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            table[section] = {**ours, **theirs}
    return table
