"""The problems of a configuration: all of them at once, each with its place and its cure."""

import re
from collections.abc import Iterable, Sequence

import attrs
from typing_extensions import override

from config.source.locator import KeyPath, Location
from trading.core.errors import Fatal, FatalReason

_VALUE_LENGTH_MAX = 60

_KEY_LIKE = re.compile(
    r"[0-9A-Fa-f]{32,}"
    r"|(?=[A-Za-z0-9+_=-]*[0-9])(?=[A-Za-z0-9+_=-]*[a-z])(?=[A-Za-z0-9+_=-]*[A-Z])"
    r"[A-Za-z0-9+_=-]{40,}"
)
"""Hexadecimal as VALR's, or digits with letters of both cases as others'; no slash, for paths."""


class Refused(ValueError):
    """
    A value that a rule does not take; the caller, who knows its key, makes it a ``Problem``.

    Args:
        message: What is wrong, without the key.
        cure: What to write instead.
        key: Keys below the value that was read, where the trouble is with one of those.
        reason: Decides the exit code.
        missing: Whether there is no value at all.
    """

    def __init__(
        self,
        message: str,
        cure: str,
        *,
        key: KeyPath = (),
        reason: FatalReason = FatalReason.CONFIGURATION,
        missing: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure
        self.key = key
        self.reason = reason
        self.missing = missing


@attrs.frozen(kw_only=True)
class Problem:
    """
    One thing that is wrong.

    Args:
        origin: The file, or the override as it was given on the command line.
        location: Where in the file; ``None`` when it is no place in a file.
        key: The dotted key; empty when it is about the file as a whole.
        message: What is wrong.
        cure: What to do about it.
        excerpt: The line in question with a caret under the place; only for syntax errors.
        reason: Decides the exit code.
    """

    origin: str
    location: Location | None = None
    key: str = ""
    message: str
    cure: str
    excerpt: str = ""
    reason: FatalReason = FatalReason.CONFIGURATION

    @override
    def __str__(self) -> str:
        place = self.origin
        if self.location is not None:
            place = f"{place}:{self.location.line}:{self.location.column}"
        subject = f"{self.key}: " if self.key and not place.endswith(f" {self.key}") else ""
        excerpt = "".join(f"\n    {line}" for line in self.excerpt.splitlines())
        return redacted(f"{place}: {subject}{self.message}{excerpt}\n    cure: {self.cure}")


class ConfigurationProblems(Fatal):
    """
    The engine cannot start as configured: everything that is wrong, in the order of the file.

    Its reason is CONFIGURATION unless the only trouble is with keys.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        only_keys = all(
            problem.reason is FatalReason.KEY_OR_PERMISSION for problem in self.problems
        )
        reason = FatalReason.KEY_OR_PERMISSION if only_keys else FatalReason.CONFIGURATION
        super().__init__("\n".join(map(str, self.problems)), reason)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those in the file by line and column, then those on the command line; each once."""

    def place(problem: Problem) -> tuple[bool, int, int]:
        where = problem.location or Location(0, 0)
        return problem.origin.startswith("--set"), where.line, where.column

    return tuple(sorted(dict.fromkeys(problems), key=place))


def raise_any(problems: Sequence[Problem]) -> None:
    """
    Go on only if nothing is wrong.

    Raises:
        ConfigurationProblems: Something is.
    """
    if problems:
        raise ConfigurationProblems(problems)


def printable(text: str) -> str:
    """The text on one line, with everything that could move a terminal's cursor made visible."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def redacted(text: str) -> str:
    """
    The text without anything that looks like a key or secret.

    VALR's keys are 64 hexadecimal digits; half of one is redacted already.
    """
    return _KEY_LIKE.sub("[redacted: it looks like a key]", text)


def looks_like_a_key(text: str) -> bool:
    """Whether something in a text looks like a key or secret."""
    return _KEY_LIKE.search(text) is not None


def dotted(path: KeyPath) -> str:
    """A key path as a person writes it: ``simulator.recording[1]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{_quoted_if_odd(part)}" if text else _quoted_if_odd(part)
    return text


def cut(text: str, most: int = _VALUE_LENGTH_MAX) -> str:
    """The beginning of a text, at most so many characters, printable."""
    if looks_like_a_key(text):
        # Before it is cut: the rest of a key might be enough to use, but not be recognised.
        text = redacted(text)
    shown = printable(text[:most])
    return shown if len(text) <= most else f"{shown}..."


def _quoted_if_odd(part: str) -> str:
    plain = part.isascii() and part.replace("-", "").replace("_", "").isalnum()
    return part if plain else f'"{cut(part)}"'
