"""Reads a YAML file as it was written: each value with its line, numbers as their digits."""

from typing import Any

import attrs
import yaml

from config.source.locator import Location
from config.source.problems import ConfigurationProblems, Problem, cut, printable

_DEPTH_MAX = 5


@attrs.frozen
class Given:
    """
    A value.

    Args:
        value: ``None``, a bool, text, or lists and tables of these; a number is its own text.
        line: Where it stands, from 1.
    """

    value: "str | bool | list[Given] | dict[str, Given] | None"
    line: int

    @property
    def shown(self) -> str:
        """The value as a message shows it."""
        match self.value:
            case None:
                return "nothing"
            case bool():
                return str(self.value)
            case str():
                return cut(self.value)
            case list():
                return f"[{', '.join(each.shown for each in self.value)}]"[:80]
            case _:
                return "a table"


def read_yaml(name: str, data: bytes) -> dict[str, Given]:
    """
    The table that a file holds; nothing in it is ever executed.

    Raises:
        ConfigurationProblems: It is no YAML, no table, or has a key twice.
    """
    try:
        node = yaml.compose(data, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = None if mark is None else Location(mark.line + 1, mark.column + 1)
        raise _refused(name, where, f"not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _refused(name, None, f"not YAML: {printable(str(error))[:100]}") from None
    if not isinstance(node, yaml.MappingNode):
        raise _refused(name, Location(1, 1), "holds no table of keys and values")
    table = _given(name, node, 0).value
    assert isinstance(table, dict)
    return table


def _given(name: str, node: Any, depth: int) -> Given:  # PyYAML has no types
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if depth > _DEPTH_MAX:
        raise _refused(name, Location(line, column), "is nested beyond reason")
    if isinstance(node, yaml.MappingNode):
        table: dict[str, Given] = {}
        for key, value in node.value:
            if key.value in table:
                place = Location(key.start_mark.line + 1, key.start_mark.column + 1)
                raise _refused(
                    name, place, f"has {cut(str(key.value))} twice", "remove one of them"
                )
            table[str(key.value)] = _given(name, value, depth + 1)
        return Given(table, line)
    if isinstance(node, yaml.SequenceNode):
        return Given([_given(name, each, depth + 1) for each in node.value], line)
    if node.tag == "tag:yaml.org,2002:null":
        return Given(None, line)
    if node.tag == "tag:yaml.org,2002:bool":
        return Given(yaml.SafeLoader("").construct_yaml_bool(node), line)
    return Given(str(node.value), line)


def _refused(
    name: str, where: Location | None, message: str, cure: str = "correct the text there"
) -> ConfigurationProblems:
    return ConfigurationProblems([Problem(origin=name, location=where, message=message, cure=cure)])
