"""A configuration as it was written: the file's text, the overrides, and where each key stands."""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

import attrs

from config.source.files import Files
from config.source.locator import KeyPath, Location, locate, parse_key
from config.source.problems import (
    ConfigurationProblems,
    Problem,
    Refused,
    cut,
    dotted,
    looks_like_a_key,
)

Table = dict[str, object]

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_LOOKS_SECRET = re.compile(r"key|secret|password|token", re.IGNORECASE)
_EXCERPT_LENGTH_MAX = 100
_HUGE_NUMBER = re.compile(r"[0-9_]{4300,}")
_DEPTH_MAX = 50
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@attrs.frozen(kw_only=True)
class Source:
    """
    Where settings came from.

    Args:
        name: The file, as the person named it.
        places: Where each key stands in the file.
        overrides: Keys given on the command line; these go before the file.
        document: What was read, the overrides laid over it.
    """

    name: str
    places: Mapping[KeyPath, Location]
    overrides: frozenset[KeyPath] = frozenset()
    document: Table = attrs.field(factory=dict, eq=False, repr=False)

    def problem(self, path: KeyPath, refused: Refused) -> Problem:
        """The trouble with one key, with its place: its own, or that of the table it belongs to."""
        override = self._override_of(path)
        if refused.missing and (meant := self._meant(path)):
            return self._of_a_table_that_is_not_there(*meant)
        return Problem(
            origin=self.name if override is None else f"--set {dotted(override)}",
            location=self._location(path) if override is None else None,
            key=dotted(path),
            message=refused.message,
            cure=refused.cure,
            reason=refused.reason,
        )

    def _meant(self, path: KeyPath) -> tuple[KeyPath, str] | None:
        """A table that only overrides made, and the one in the file which is called nearly so."""
        for length in range(len(path) - 1, 0, -1):
            table = path[:length]
            if table in self.places:
                return None
            beside = [
                str(place[-1])
                for place in self.places
                if len(place) == length and place[:-1] == table[:-1]
            ]
            if beside and self.overrides_below(table):
                near = difflib.get_close_matches(str(table[-1]), beside, n=1)
                return (table, near[0]) if near else None
        return None

    def _of_a_table_that_is_not_there(self, table: KeyPath, near: str) -> Problem:
        """One problem, however many keys it lacks: they are all equal, and told once."""
        return Problem(
            origin=f"--set {dotted(self.overrides_below(table)[0])}",
            key=dotted(table),
            message=f"is not in {self.name}, and lacks keys to be a table of its own",
            cure=f"did you mean {dotted((*table[:-1], near))}?",
        )

    def overrides_below(self, path: KeyPath) -> tuple[KeyPath, ...]:
        return tuple(sorted(key for key in self.overrides if key[: len(path)] == path))

    def _override_of(self, path: KeyPath) -> KeyPath | None:
        prefixes = [path[:length] for length in range(len(path), 0, -1)]
        given = next((prefix for prefix in prefixes if prefix in self.overrides), None)
        if given is not None:
            return given
        # A table that only overrides made: what it lacks, they lack.
        for prefix in prefixes:
            if prefix in self.places:
                return None
            if below := self.overrides_below(prefix):
                return below[0]
        return None

    def _location(self, path: KeyPath) -> Location:
        prefixes = (path[:length] for length in range(len(path), 0, -1))
        found = (self.places[prefix] for prefix in prefixes if prefix in self.places)
        return next(found, Location(1, 1))


def read_source(name: str, overrides: Sequence[str], files: Files) -> tuple[Table, Source]:
    """
    Read a file and lay the overrides over it.

    Raises:
        ConfigurationProblems: It cannot be read or is no TOML, or an override is not understood.
    """
    text = _read_text(name, files)
    document = _parse(name, text)
    keys = lay_over(document, overrides)
    return document, Source(name=name, places=locate(text), overrides=keys, document=document)


def lay_over(document: Table, overrides: Sequence[str]) -> frozenset[KeyPath]:
    """
    Put overrides in the place of what a document says, and tell which keys they are.

    Raises:
        ConfigurationProblems: One is not understood.
    """
    problems: list[Problem] = []
    keys: set[KeyPath] = set()
    for override in overrides:
        key = cut(override.partition("=")[0].strip())
        try:
            keys.add(_apply(document, override))
        except Refused as refused:
            problems.append(
                Problem(origin=f"--set {key}", message=refused.message, cure=refused.cure)
            )
    if problems:
        raise ConfigurationProblems(problems)
    return frozenset(keys)


def _read_text(name: str, files: Files) -> str:
    try:
        data = files.read(name).data
    except (OSError, ValueError) as error:
        reason = cut(getattr(error, "strerror", None) or str(error))
        raise _unreadable(
            name, f"cannot be read: {reason}", "name a TOML file; `engine init` writes one"
        ) from error
    data = data.removeprefix(_BYTE_ORDER_MARK)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # What comes before it is UTF-8, and so has characters to count.
        before = data[: error.start].decode("utf-8", "replace")
        raise _unreadable(
            name,
            "is not UTF-8 text",
            "save it as UTF-8 in your editor",
            _place(before, len(before)),
        ) from None
    return text.replace("\r\n", "\n")


def _unreadable(
    name: str, message: str, cure: str, location: Location | None = None
) -> ConfigurationProblems:
    problem = Problem(origin=cut(name), location=location, message=message, cure=cure)
    return ConfigurationProblems([problem])


def _place(text: str, offset: int) -> Location:
    before = text[:offset]
    return Location(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def _beyond_reason(text: str) -> Location:
    """Where a number is longer than Python reads one, or brackets are nested too deep."""
    if number := _HUGE_NUMBER.search(text):
        return _place(text, number.start())
    depth = 0
    for line, content in enumerate(text.split("\n"), 1):
        depth += sum(content.count(bracket) for bracket in "[{")
        if depth > _DEPTH_MAX:
            return Location(line, 1)
        depth = max(0, depth - sum(content.count(bracket) for bracket in "]}"))
    return Location(1, 1)


def _parse(name: str, text: str) -> Table:
    try:
        return tomllib.loads(text, parse_float=_exact)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationProblems([_syntax_problem(name, text, str(error))]) from None
    except (ValueError, RecursionError):
        # A whole number of thousands of digits, or thousands of brackets: tomllib gives no place.
        raise _unreadable(
            name, "holds a number or a nesting beyond reason", "remove it", _beyond_reason(text)
        ) from None


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        # An exponent beyond what a Decimal holds; refused later, at its place, as not finite.
        return Decimal("Infinity")


def _syntax_problem(name: str, text: str, complaint: str) -> Problem:
    lines = text.split("\n")
    match = _PLACE.search(complaint)
    if match and match.group(1):
        location = Location(int(match.group(1)), int(match.group(2)))
    else:
        location = Location(len(lines), len(lines[-1]) + 1)
    return Problem(
        origin=name,
        location=location,
        message=f"not TOML: {cut(_PLACE.sub('', complaint))}",
        cure="correct the text at the caret",
        excerpt=_excerpt(lines[location.line - 1], location.column),
    )


def _excerpt(line: str, column: int) -> str:
    if _LOOKS_SECRET.search(line) or looks_like_a_key(line):
        # The line may hold an API key without its quotes.
        return "(the line is not shown: it may hold a key)"
    first = max(0, column - _EXCERPT_LENGTH_MAX // 2)
    # One character for one, so that the caret stays under its place.
    shown = "".join(character if character.isprintable() else " " for character in line)
    return f"{shown[first : first + _EXCERPT_LENGTH_MAX]}\n{' ' * (column - 1 - first)}^"


def _apply(document: Table, override: str) -> KeyPath:
    name, equals, text = override.partition("=")
    if not equals:
        raise Refused("has no value", "write --set dotted.key=value")
    try:
        *parents, last = path = parse_key(name.strip())
    except ValueError:
        raise Refused("is not a dotted key", "write --set dotted.key=value") from None
    table = document
    for parent in parents:
        inner = table.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise Refused(f"{parent} is not a table", "name a key that can be set")
        table = inner
    table[last] = _value(text.strip())
    return path


def _value(text: str) -> object:
    """The value as TOML reads it; a text that is not TOML is taken as a string."""
    try:
        values = tomllib.loads(f"value = {text}", parse_float=_exact)
    except (ValueError, RecursionError):
        return text
    # A line break in the text could have smuggled in a second key.
    return values["value"] if len(values) == 1 else text
