"""Turns a table of a document into a settings value, and names the key of every complaint."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Protocol, TypeVar, get_args, get_origin, runtime_checkable

import attrs
from cattrs import (
    BaseValidationError,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.cols import is_mapping, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn, override

from config.rules.rules import Rule, nearest_cure, shown
from config.source.locator import KeyPath
from config.source.problems import Refused

T = TypeVar("T")

Structure = Callable[[Any, Any], Any]


@runtime_checkable
class Contradicted(Protocol):
    """A value whose fields may contradict each other."""

    def contradictions(self) -> Iterator[Refused]: ...


def structure(value: object, kind: type[T], path: KeyPath) -> T | list[tuple[KeyPath, Refused]]:
    """
    Read one value.

    Returns:
        The value; or everything that is wrong with it, each with its full key.
    """
    try:
        return _CONVERTER.structure(value, kind)
    except (BaseValidationError, ExceptionGroup, Refused) as error:
        return list(_complaints(error, path))


def _complaints(error: Exception, path: KeyPath) -> Iterator[tuple[KeyPath, Refused]]:
    match error:
        case Refused():
            yield (*path, *error.key), error
        case ForbiddenExtraKeysError():
            known = {_key(field) for field in attrs.fields(error.cl)}
            for key in sorted(error.extra_fields):
                yield (
                    (*path, key),
                    Refused("is not a known key", nearest_cure(key, known)),
                )
        case KeyError():
            yield path, Refused("is missing", f"add a line: {path[-1]} = ...", missing=True)
        case ClassValidationError() | IterableValidationError():
            yield from _complaints_of_parts(error, path)
        case ExceptionGroup():
            for part in error.exceptions:
                yield from _complaints(part, path)
        case _:
            raise error


def _complaints_of_parts(
    error: ClassValidationError | IterableValidationError, path: KeyPath
) -> Iterator[tuple[KeyPath, Refused]]:
    if isinstance(error, ClassValidationError):
        keys = {field.name: _key(field) for field in attrs.fields(error.cl)}
        parts, whole = error.group_exceptions()
        for part, note in parts:
            yield from _complaints(part, (*path, keys[note.name]))
    else:
        elements, whole = error.group_exceptions()
        for part, element in elements:
            yield from _complaints(part, (*path, element.index))
    for part in whole:
        yield from _complaints(part, path)


def _key(field: "attrs.Attribute[Any]") -> str:
    key: str = field.metadata.get("key", field.name)
    return key


def _is_ruled(kind: Any) -> bool:
    return get_origin(kind) is Annotated and isinstance(get_args(kind)[1], Rule)


def _ruled(kind: Any) -> Structure:
    rule: Rule = get_args(kind)[1]
    return lambda value, _: rule.read(value)


def _settings(kind: type[Any]) -> Structure:
    renamed: dict[str, Any] = {
        field.name: override(rename=field.metadata["key"])
        for field in attrs.fields(kind)
        if "key" in field.metadata
    }
    plain = make_dict_structure_fn(kind, _CONVERTER, **renamed)

    def read(value: object, wanted: Any) -> object:
        if not isinstance(value, dict):
            raise Refused(f"{shown(value)} is not a table", "write it as a table of its own")
        settings = plain(value, wanted)
        if isinstance(settings, Contradicted):
            contradictions = list(settings.contradictions())
            if contradictions:
                raise ExceptionGroup("contradictions", contradictions)
        return settings

    return read


def _tables(kind: type[Any]) -> Structure:
    plain = mapping_structure_factory(kind, _CONVERTER)

    def read(value: object, wanted: Any) -> object:
        if not isinstance(value, dict):
            raise Refused(f"{shown(value)} is not a table", "write it as a table of its own")
        return plain(value, wanted)

    return read


_CONVERTER = Converter(forbid_extra_keys=True, detailed_validation=True)
_CONVERTER.register_structure_hook_factory(attrs.has)(_settings)
_CONVERTER.register_structure_hook_factory(is_mapping)(_tables)
_CONVERTER.register_structure_hook_factory(_is_ruled)(_ruled)
