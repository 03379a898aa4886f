"""The changes between two configurations, and which of them a running engine can take over."""

from collections.abc import Iterator

import attrs

from config.load.writing import written
from config.settings import Settings
from config.source.locator import KeyPath
from config.source.problems import dotted
from config.strategies.base import StrategySettings
from trading.core.identifiers import StrategyName

_SECTIONS = ("engine", "log", "venue", "simulator", "recording", "alerts")
_CURE = "stop the engine and start it again with this file"


@attrs.frozen(kw_only=True)
class Change:
    """
    One key that differs.

    Args:
        old, new: As the file would have it; empty for a key that is absent.
        why_not: Why a running engine cannot take it over; empty where it can.
        cure: The remedy in that case.
        begins_anew: Whether a running engine takes it over by a session of its own: all quotes are
            withdrawn for a moment.
    """

    path: KeyPath
    old: str
    new: str
    why_not: str = ""
    cure: str = ""
    begins_anew: bool = False

    @property
    def key(self) -> str:
        return dotted(self.path)


def changes(old: Settings, new: Settings) -> tuple[Change, ...]:
    """Every key that differs, in the order of the file's sections."""
    return (*_outside_strategies(old, new), *_strategies(old, new))


def _outside_strategies(old: Settings, new: Settings) -> Iterator[Change]:
    for section in _SECTIONS:
        before, after = getattr(old, section), getattr(new, section)
        for path, was, is_ in _differences(before, after, (section,)):
            yield Change(
                path=path,
                old=was,
                new=is_,
                why_not=f"what stands in [{section}] holds for a whole run",
                cure=_CURE,
            )


def _strategies(old: Settings, new: Settings) -> Iterator[Change]:
    for name in dict.fromkeys((*old.strategies, *new.strategies)):
        before, after = old.strategies.get(name), new.strategies.get(name)
        path = ("strategies", name)
        if before is None or after is None:
            yield Change(
                path=path,
                old="" if before is None else f"a strategy on {before.pair}",
                new="" if after is None else f"a strategy on {after.pair}",
                begins_anew=True,
            )
        else:
            yield from _strategy(name, before, after)


def _strategy(
    name: StrategyName, before: StrategySettings, after: StrategySettings
) -> Iterator[Change]:
    if type(before) is not type(after):
        yield _unmovable(("strategies", name, "kind"), before.kind, after.kind)
        return
    for path, was, is_ in _differences(before, after, ("strategies", name)):
        if path[2] in before.needs_restart:
            yield _unmovable(path, was, is_)
        else:
            yield Change(path=path, old=was, new=is_)


def _unmovable(path: KeyPath, was: str, is_: str) -> Change:
    return Change(
        path=path,
        old=was,
        new=is_,
        why_not="a strategy's life is built around it",
        cure=_CURE,
    )


def _differences(
    before: object, after: object, path: KeyPath
) -> Iterator[tuple[KeyPath, str, str]]:
    was, is_ = dict(written(before, path)), dict(written(after, path))
    for key in dict.fromkeys((*was, *is_)):
        if was.get(key, "") != is_.get(key, ""):
            yield key, was.get(key, ""), is_.get(key, "")
