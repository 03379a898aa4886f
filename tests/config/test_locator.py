"""Where a key stands in a TOML text."""

import contextlib
import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.source.locator import KeyPath, Location, locate, parse_key

TRICKY = (
    "plain",
    "",
    "#",
    "=",
    "[x]",
    "{",
    "}",
    "]]",
    ",",
    "a.b",
    "'",
    '"',
    "é",
    "\\",
    "\n",
    "x = 1",
)

Value = object
Table = dict[str, Value]

keys = st.sampled_from(["a", "b", "c-d", "1", "_", *TRICKY])
scalars = st.one_of(
    st.integers(-9, 9), st.booleans(), st.lists(st.sampled_from(TRICKY)).map("".join)
)
tables: st.SearchStrategy[Table] = st.dictionaries(
    keys,
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


class Writer:
    """Writes a table as TOML, in any of the ways in which that can be done."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._sentences: list[str] = []

    def document(self, table: Table) -> str:
        self._table(table, ())
        return "".join(f"{sentence}\n" for sentence in self._sentences)

    def _one_of(self, *choices: str) -> str:
        return self._draw(st.sampled_from(choices))

    def _blank(self) -> str:
        return self._one_of("", " ", "\t", "  ")

    def _break(self) -> str:
        return self._one_of("", " ", "\n", " # a [comment] = 'with \"marks\n  ")

    def _table(self, table: Table, header: tuple[str, ...]) -> None:
        later: list[tuple[str, Value]] = []
        for key, value in table.items():
            if _is_table(value) and self._one_of("header", "here") == "header":
                later.append((key, value))
            else:
                self._assignment((key,), value)
        for key, value in later:
            path = (*header, key)
            if isinstance(value, dict):
                self._header("[", path, "]")
                self._table(value, path)
            elif isinstance(value, list):
                for element in value:
                    self._header("[[", path, "]]")
                    self._table(element, path)

    def _header(self, opening: str, path: tuple[str, ...], closing: str) -> None:
        inside = f"{self._blank()}{self._key(path)}{self._blank()}"
        self._sentences.append(f"{self._break()}{opening}{inside}{closing}{self._one_of('', '#]')}")

    def _assignment(self, path: tuple[str, ...], value: Value) -> None:
        if isinstance(value, dict) and value and self._one_of("dotted", "inline") == "dotted":
            for key, inner in value.items():
                self._assignment((*path, key), inner)
            return
        sentence = f"{self._key(path)}{self._blank()}={self._blank()}{self._value(value)}"
        self._sentences.append(f"{self._break()}{sentence}{self._one_of('', ' # x = [1')}")

    def _key(self, path: tuple[str, ...]) -> str:
        separator = f"{self._blank()}.{self._blank()}"
        return separator.join(self._key_part(part) for part in path)

    def _key_part(self, part: str) -> str:
        ways = [_quoted(part)]
        if part.isascii() and part.replace("-", "").replace("_", "").isalnum():
            ways.append(part)
        if "'" not in part and "\n" not in part:
            ways.append(f"'{part}'")
        return self._one_of(*ways)

    def _value(self, value: Value) -> str:
        match value:
            case bool():
                return "true" if value else "false"
            case str():
                return self._text(value)
            case list():
                inside = (f"{self._break()}{self._value(v)}{self._break()}" for v in value)
                return f"[{','.join(inside)}{self._break()}]"
            case dict():
                pairs = (f" {self._key((k,))} = {self._value(v)} " for k, v in value.items())
                return f"{{{','.join(pairs)}}}"
            case _:
                return str(value)

    def _text(self, text: str) -> str:
        escaped = _quoted(text)[1:-1]
        ways = [f'"{escaped}"', f'"""\n{escaped}"""']
        if "'" not in text:
            ways.append(f"'''\n{text}'''")
            if "\n" not in text:
                ways.append(f"'{text}'")
        if '"' not in text and "\\" not in text:
            ways.append(f'"""\n{text}"""')
        return self._one_of(*ways)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _is_table(value: Value) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(element, dict) for element in value)
    return isinstance(value, dict)


def paths_in(value: Value, path: KeyPath = ()) -> Iterator[KeyPath]:
    items: Iterator[tuple[str | int, Value]] = iter(())
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    for part, inner in items:
        yield (*path, part)
        yield from paths_in(inner, (*path, part))


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, Table]:
    table = draw(tables)
    return Writer(draw).document(table), table


@given(documents())
def test_every_key_of_any_document_is_found_and_nothing_else(document: tuple[str, Table]) -> None:
    text, table = document
    assert tomllib.loads(text) == table
    assert set(locate(text)) == set(paths_in(table))


@given(documents())
def test_at_each_place_stands_the_key_itself(document: tuple[str, Table]) -> None:
    text, _ = document
    lines = text.split("\n")
    for path, place in locate(text).items():
        if isinstance(path[-1], str):
            rest = lines[place.line - 1][place.column - 1 :]
            # Whatever follows a key, a closing bracket or an equals sign ends it.
            ends = (end for end, sign in enumerate(rest) if sign in "]=")
            assert any(_first_key(rest[:end]) == path[-1] for end in ends), (path, rest)


def _first_key(text: str) -> str | None:
    try:
        return parse_key(text)[0]
    except ValueError:
        return None


@given(st.text())
def test_an_override_key_is_read_or_refused_but_never_worse(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_key(text)


def test_lines_and_columns_count_from_one() -> None:
    text = 'a = 1\n[t.u]\n  "b c" = [10,\n  20]\n[[v]]\nw={x=1}\n[[v]]\nw.y = 2\n'
    assert locate(text) == {
        ("a",): Location(1, 1),
        ("t",): Location(2, 2),
        ("t", "u"): Location(2, 4),
        ("t", "u", "b c"): Location(3, 3),
        ("t", "u", "b c", 0): Location(3, 12),
        ("t", "u", "b c", 1): Location(4, 3),
        ("v",): Location(5, 3),
        ("v", 0): Location(5, 3),
        ("v", 0, "w"): Location(6, 1),
        ("v", 0, "w", "x"): Location(6, 4),
        ("v", 1): Location(7, 3),
        ("v", 1, "w"): Location(8, 1),
        ("v", 1, "w", "y"): Location(8, 3),
    }


@pytest.mark.parametrize("text", ["", ".", "a.", "a b", "a=", '"a', "ä"])
def test_what_is_no_dotted_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        parse_key(text)
