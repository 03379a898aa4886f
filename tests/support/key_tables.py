"""
The tables of keys in the pages about strategies, made from the settings' rules and docstrings.

``python -m tests.support.key_tables`` writes them; a test fails while one is not current. A page
says where a table belongs and with which key it begins; it goes on until the next one begins:

    <!-- keys of pure_market_making from bid_spread -->
    <!-- end of keys -->
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from config.load.writing import rule_words, toml_text
from config.rules.keys import Key, keys_of
from config.strategies.kinds import built_in

DOCS = Path(__file__).parents[2] / "docs"
PAGES = (DOCS / "pure-market-making.md", DOCS / "avellaneda-stoikov.md")

_TABLE = re.compile(r"(<!-- keys of (\w+) from (\w+) -->\n).*?(<!-- end of keys -->\n)", re.DOTALL)
_HEAD = "| key | value | default | what it does |\n|---|---|---|---|\n"


def current(page: str) -> str:
    """A page with its tables as the settings have them now."""
    firsts = {first for _, _, first, _ in _TABLE.findall(page)}

    def table(found: "re.Match[str]") -> str:
        keys = keys_of(built_in().kind(found[2]).settings)
        return found[1] + table_of(keys, found[3], firsts) + found[4]

    return _TABLE.sub(table, page)


def table_of(keys: tuple[Key, ...], first: str, firsts: set[str]) -> str:
    """The table that begins with a key, and ends before the next key that begins one."""
    names = [key.name for key in keys]
    known = [name for name in names if "_" in name]
    begin = names.index(first)
    later = [names.index(name) for name in firsts if names.index(name) > begin]
    shown = keys[begin : min(later, default=len(keys))]
    rows = groupby(shown, key=lambda key: (key.meaning, value_of(key)))
    return _HEAD + "".join(_row(list(alike), known) for _, alike in rows)


def value_of(key: Key) -> str:
    """What a key takes, in words."""
    if key.table is not None:
        below = ", ".join(f"`{each.name}`" for each in keys_of(key.table))
        return f"tables by name, each of {below}" if key.named else "a table"
    assert key.rule is not None, key.name
    words = rule_words(key.rule)
    unit = f" in {words.unit}" if words.unit not in {"", "%"} else ""
    return ", ".join(filter(None, (words.type + unit, words.range)))


def _row(alike: list[Key], known: list[str]) -> str:
    """Keys that are said in one breath, as ``bid_spread`` and ``ask_spread``."""
    meaning = re.sub(r"\w+", lambda word: _marked(word[0], known), alike[0].meaning)
    cells = (
        ", ".join(f"`{key.name}`" for key in alike),
        value_of(alike[0]),
        ", ".join(dict.fromkeys(map(_default, alike))),
        meaning.replace("|", "\\|"),
    )
    return "| " + " | ".join(cells) + " |\n"


def _marked(word: str, known: list[str]) -> str:
    return f"`{word}`" if word in known else word


def _default(key: Key) -> str:
    if key.required:
        return "required"
    text = "" if key.named or key.table is not None else toml_text(key.default, key.rule)
    return f"`{text}`" if text not in {"", "[]"} else ""


def outdated() -> Iterator[Path]:
    """Pages whose tables are not those of the settings."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if current(text) != text:
            yield page


if __name__ == "__main__":
    for page in outdated():
        page.write_text(current(page.read_text(encoding="utf-8")), encoding="utf-8")
