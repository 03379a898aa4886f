"""Rules for values of a sweep's plan."""

import re
from decimal import Decimal

import attrs

from config.rules.rules import Text, is_number, shown
from config.source.locator import parse_key
from config.source.problems import Refused

_SEEDS = re.compile(r"(\d{1,15})\.\.(\d{1,15})", re.ASCII)
_SEEDS_MAX = 1000
_VALUES_MAX = 1000
_SIGNED = re.compile(r"([+-]?[0-9]{1,15}(?:\.[0-9]{1,18})?)( ?%)?", re.ASCII)


@attrs.frozen
class Seeds:
    """Seeds: one number, a list of them, or ``"1..3"``."""

    def read(self, value: object) -> tuple[int, ...]:
        cure = 'write a number, a list, or "1..3"'
        if isinstance(value, str):
            found = _SEEDS.fullmatch(value)
            if found is None:
                raise Refused(f"{shown(value)} names no seeds", cure)
            first, last = map(int, found.groups())
            if not first <= last < first + _SEEDS_MAX:
                raise Refused(f"{shown(value)} is empty, or more than {_SEEDS_MAX} seeds", cure)
            return tuple(range(first, last + 1))
        seeds = value if isinstance(value, list) else [value]
        if not seeds or not all(_is_seed(seed) for seed in seeds):
            raise Refused(f"{shown(value)} names no seeds", cure)
        if len(set(seeds)) < len(seeds):
            raise Refused("names a seed twice", "name each once")
        return tuple(seeds)


@attrs.frozen
class Markets:
    """Folders of datasets; those that are traded together, one for each pair, in a list within."""

    def read(self, value: object) -> tuple[tuple[str, ...], ...]:
        markets = value if isinstance(value, list) else [value]
        if not markets:
            raise Refused("names no dataset", "give at least one folder")
        return tuple(
            tuple(Text().read(path) for path in (each if isinstance(each, list) else [each]))
            for each in markets
        )


@attrs.frozen
class Values:
    """Values to try, whatever the key takes."""

    def read(self, value: object) -> tuple[object, ...]:
        if value == []:
            raise Refused("names no value", 'write ["0.1 %", "0.2 %"]')
        if not isinstance(value, list):
            raise Refused(f"{shown(value)} is no list of values", 'write ["0.1 %", "0.2 %"]')
        if len(value) > _VALUES_MAX:
            raise Refused(f"has {len(value)} values", f"give at most {_VALUES_MAX}")
        if any(isinstance(each, dict) for each in value):
            raise Refused("has a table among its values", "set the keys below it one by one")
        if any(value.index(each) < place for place, each in enumerate(value)):
            raise Refused("has a value twice", "name each once")
        return tuple(value)


@attrs.frozen
class Amount:
    """
    A number, or a percentage with its sign; read as both, for ranges.

    A percentage stays one: its steps are written as it is.
    """

    def read(self, value: object) -> tuple[Decimal, bool]:
        if isinstance(value, bool) or not (isinstance(value, str) or is_number(value)):
            raise Refused(f"{shown(value)} is neither number nor percentage", 'write 3 or "0.1 %"')
        found = _SIGNED.fullmatch(str(value).strip())
        if found is None:
            raise Refused(f"{shown(value)} is neither number nor percentage", 'write 3 or "0.1 %"')
        return Decimal(found[1]), found[2] is not None


@attrs.frozen
class Texts:
    """A list of texts."""

    def read(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise Refused(f"{shown(value)} is not a list", 'write ["KEY=VALUE"]')
        return tuple(Text().read(each) for each in value)


@attrs.frozen
class DottedKey:
    """A key of the configuration, as ``--set`` takes it."""

    def read(self, value: object) -> str:
        key = Text().read(value)
        try:
            parse_key(key)
        except ValueError:
            raise Refused(f"{shown(key)} is no dotted key", 'write "strategies.NAME.KEY"') from None
        return key


def _is_seed(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15
