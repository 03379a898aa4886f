"""Mends a strategy with broken settings, so that its sound ones can be checked as well."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal

from config.load.structuring import structure
from config.source.locator import KeyPath
from config.source.problems import Refused
from config.strategies.base import StrategySettings

_STAND_INS: dict[str, object] = {"order_amount": Decimal(1000), "order_refresh_time": 3600}
"""For required settings that are broken; a pair has none, for too much depends on it."""


def mended(
    table: object,
    complaints: Sequence[tuple[KeyPath, Refused]],
    path: KeyPath,
    kind: tuple[str, type[StrategySettings]],
) -> StrategySettings | None:
    """
    The strategy with broken settings left out or replaced; only to check the rest of it.

    Args:
        table: As it was written.
        complaints: The complaints about it.
        path: Its place in the document.
        kind: Name and settings of the strategy's kind.
    """
    if not isinstance(table, dict):
        return None
    broken = {key[len(path) :] for key, _ in complaints if len(key) > len(path)}
    sound = _without(table, broken)
    name, settings = kind
    stand_ins = {"kind": name, **_STAND_INS, **settings.stand_ins}
    result = structure({**stand_ins, **sound}, settings, path)
    return None if isinstance(result, list) else result


def _without(table: Mapping[str, object], broken: AbstractSet[KeyPath]) -> dict[str, object]:
    """The table without some keys; of a table in it, only broken keys are left out."""
    return {
        key: _without(value, {path[1:] for path in broken if path[0] == key})
        if isinstance(value, dict)
        else value
        for key, value in table.items()
        if (key,) not in broken
    }
