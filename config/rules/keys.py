"""The keys of a settings class, with their rules, defaults and meanings."""

import inspect
import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import attrs

from config.rules.rules import Rule

_ARGUMENT = re.compile(r"    (\w+(?:, \w+)*): (.*)")


@attrs.frozen(kw_only=True)
class Key:
    """
    One key of a table.

    Args:
        name: As the file has it.
        field: The attribute that holds it.
        rule: How its value is read; ``None`` for a table.
        table: The class of a table below; ``None`` for a plain value.
        named: Whether it holds such values or tables by name.
        default: ``attrs.NOTHING`` where the key is required, ``None`` where it may be absent.
        meaning: What the class's docstring says of it; empty where it says nothing.
    """

    name: str
    field: str
    rule: Rule | None = None
    table: type[Any] | None = None
    named: bool = False
    default: object = attrs.NOTHING
    meaning: str = ""

    @property
    def required(self) -> bool:
        return self.default is attrs.NOTHING


def keys_of(settings: type[Any]) -> tuple[Key, ...]:
    """
    Every key of a settings class, in the order of its fields.

    Raises:
        NameError: An annotation has an unknown name.
    """
    meanings = _meanings(settings)
    return tuple(
        _key(field, str(field.metadata.get("key", field.name)), meanings)
        for field in _fields(settings)
    )


def unruled_fields(settings: type[Any]) -> tuple[str, ...]:
    """Fields without a rule, of their own or of a table below: any value would be read."""
    return tuple(key.name for key in keys_of(settings) if key.rule is None and key.table is None)


def _fields(settings: type[Any]) -> "Iterator[attrs.Attribute[Any]]":
    yield from attrs.fields(attrs.resolve_types(settings))


def _key(field: "attrs.Attribute[Any]", name: str, meanings: Mapping[str, str]) -> Key:
    rule, table, named = _content(field.type)
    default = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        default = default.factory()  # type: ignore[union-attr]
    return Key(
        name=name,
        field=field.name,
        rule=rule,
        table=table,
        named=named,
        default=default,
        meaning=meanings.get(field.name) or meanings.get(name, ""),
    )


def _content(kind: Any) -> tuple[Rule | None, type[Any] | None, bool]:
    """The rule of an annotation, the table below it, and whether there are several by name."""
    if get_origin(kind) in {Union, UnionType}:
        kinds = [each for each in get_args(kind) if each is not type(None)]
        return _content(kinds[0]) if len(kinds) == 1 else (None, None, False)
    if get_origin(kind) is Annotated:
        rules = [each for each in get_args(kind)[1:] if isinstance(each, Rule)]
        return (rules[0], None, False) if rules else (None, None, False)
    if isinstance(kind, type) and attrs.has(kind):
        return None, kind, False
    if isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Mapping):
        rule, table, _ = _content(get_args(kind)[1])
        return rule, table, True
    return None, None, False


def _meanings(settings: type[Any]) -> Mapping[str, str]:
    """By field or key, from the section ``Args:`` of the class's docstring and of its bases'."""
    meanings: dict[str, str] = {}
    for kind in reversed(settings.__mro__):
        meanings |= _arguments(inspect.cleandoc(kind.__doc__ or ""))
    return meanings


def _arguments(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    names: tuple[str, ...] = ()
    _, _, section = text.partition("\nArgs:\n")
    for line in section.splitlines():
        if not line.startswith("    "):
            if line:
                break
            continue
        if match := _ARGUMENT.fullmatch(line):
            names = tuple(match.group(1).split(", "))
            found |= dict.fromkeys(names, match.group(2).strip())
        else:
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
    return found
