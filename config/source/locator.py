"""Finds where in a TOML text a key was written, so that a problem can name its line and column."""

import bisect
import re
import tomllib

import attrs

KeyPath = tuple[str | int, ...]
"""Keys from the outermost in; an element of an array is known by its index."""

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_STRING = re.compile(
    r'''"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'''
    r"""|'''(?:[^']|'{1,2}(?!'))*'{3,5}"""
    r'''|"(?:[^"\\\n]|\\.)*"'''
    r"""|'[^'\n]*'""",
    re.DOTALL,
)
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")


@attrs.frozen
class Location:
    """A place in a text; both count from 1, columns in characters."""

    line: int
    column: int


def locate(text: str) -> dict[KeyPath, Location]:
    r"""
    Where each key of a document, and each element of each array, begins.

    Args:
        text: Valid TOML with ``\n`` as its only line end. Of an invalid text nothing is promised.
    """
    line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def location(offset: int) -> Location:
        line = bisect.bisect_right(line_starts, offset)
        return Location(line, offset - line_starts[line - 1] + 1)

    return {path: location(offset) for path, offset in _Scanner(text).scan().items()}


def parse_key(text: str) -> tuple[str, ...]:
    """
    Read a dotted key as TOML would.

    Raises:
        ValueError: It is not one.
    """
    scanner = _Scanner(text)
    parts = tuple(part for part, _ in scanner.read_key())
    if not scanner.at_end:
        raise ValueError(f"not a dotted key: {text[:60]!r}")
    return parts


class _Scanner:
    """
    A reader that follows TOML's shape and leaves its meaning to tomllib.

    It needs to know strings and comments only to step over them, so that a bracket or an equals
    sign inside one is not taken for structure.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: dict[KeyPath, int] = {}
        self._array_lengths: dict[KeyPath, int] = {}

    @property
    def at_end(self) -> bool:
        return self._at == len(self._text)

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while not self.at_end:
            if self._takes("["):
                table = self._header(is_array=self._takes("["))
            else:
                self._assignment(table)
            self._skip(_BLANK)
        return self._found

    def read_key(self) -> list[tuple[str, int]]:
        """The parts of a dotted key, each with its offset."""
        parts: list[tuple[str, int]] = []
        while True:
            self._skip(_SPACE)
            offset = self._at
            parts.append((_unquoted(self._skip(_KEY_PART)), offset))
            self._skip(_SPACE)
            if not self._takes("."):
                return parts

    def _header(self, *, is_array: bool) -> KeyPath:
        *parents, (name, offset) = self.read_key()
        path: KeyPath = ()
        for parent, parent_offset in parents:
            path = (*path, parent)
            self._found.setdefault(path, parent_offset)
            if path in self._array_lengths:
                path = (*path, self._array_lengths[path] - 1)
        path = (*path, name)
        if is_array:
            self._found.setdefault(path, offset)
            index = self._array_lengths.get(path, 0)
            self._array_lengths[path] = index + 1
            path = (*path, index)
        # A table's own header says more than its mention in the header of a table inside it.
        self._found[path] = offset
        self._at += 2 if is_array else 1
        return path

    def _assignment(self, table: KeyPath) -> None:
        path = table
        for part, offset in self.read_key():
            path = (*path, part)
            self._found.setdefault(path, offset)
        if not self._takes("="):
            raise ValueError(f"no equals sign after a key at offset {self._at}")
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        if self._takes("["):
            self._array(path)
        elif self._takes("{"):
            self._inline_table(path)
        elif self._text.startswith(('"', "'"), self._at):
            self._skip(_STRING)
        else:
            self._skip(_BARE_VALUE)

    def _array(self, path: KeyPath) -> None:
        index = 0
        self._skip(_BLANK)
        while not self._takes("]"):
            self._found[(*path, index)] = self._at
            self._value((*path, index))
            self._after_element()
            index += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        while not self._takes("}"):
            self._assignment(path)
            self._after_element()

    def _after_element(self) -> None:
        self._skip(_BLANK)
        self._takes(",")
        self._skip(_BLANK)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"not TOML at offset {self._at}")
        self._at = match.end()
        return match.group()

    def _takes(self, character: str) -> bool:
        if self._text.startswith(character, self._at):
            self._at += 1
            return True
        return False


def _unquoted(part: str) -> str:
    if part.startswith(('"', "'")):
        return next(iter(tomllib.loads(f"{part} = 0")))
    return part
