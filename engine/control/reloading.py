"""Reloads the configuration of a running engine: all of it, or nothing."""

import os
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
import trio

from config.load.checks import Instruments, check_against_rules, complaints_about_pairs
from config.load.loading import load
from config.load.recorded import without_secrets
from config.load.reloading import Change, changes
from config.settings import Settings
from config.source.files import DISK, FileContent, Files
from config.source.problems import ConfigurationProblems, Refused
from config.strategies.base import StrategySettings
from config.strategies.kinds import StrategyKinds
from engine.wiring.wires import Wires
from trading.recorded.noted import Reloaded
from trading.strategies.config import StrategyConfig

log = structlog.get_logger()

Json = dict[str, Any]


def strategy_config_of(strategy: StrategySettings) -> StrategyConfig:
    """The strategy config that a strategy's settings make."""
    return StrategyConfig(strategy=strategy.strategy(), limits=strategy.risk_limits)


class GivenFile(msgspec.Struct, frozen=True):
    """The disk with one file as it was handed over, so that it cannot change while it is read."""

    name: str
    text: str
    disk: Files = DISK

    def read(self, path: str) -> FileContent:
        if path == self.name:
            return FileContent(self.text.encode(), 0o644)
        return self.disk.read(path)

    def is_file(self, path: str) -> bool:
        return path == self.name or self.disk.is_file(path)


class Reloader:
    """
    Keeps the settings in force, and replaces them by those of another configuration.

    Args:
        settings: Those that the engine was started with.
        environment: Where keys given by reference may be kept.
        kinds: The strategies that may be asked for; ``None`` for all that are installed.
    """

    def __init__(
        self,
        settings: Settings,
        wires: Wires,
        environment: Mapping[str, str] = os.environ,
        kinds: StrategyKinds | None = None,
    ) -> None:
        self.settings = settings
        self._wires = wires
        self._environment = environment
        self._kinds = kinds

    def reload(self, name: str, text: str, overrides: tuple[str, ...], *, dry_run: bool) -> Json:
        """
        Take over a configuration, unless anything is wrong with it or cannot change now.

        Nothing is awaited from the first change to the last: every strategy and the gateway see
        all of it or none.

        Args:
            name: The file, as the person named it.
            text: What it holds.
            overrides: As of ``config.load.loading.load``.
            dry_run: Whether only to say what would change.

        Returns:
            Whether it was ``applied``, the ``changes``, and the ``problems`` of the file.
        """
        try:
            settings = self._read(name, text, overrides)
        except ConfigurationProblems as wrong:
            return _answer((), problems=[str(problem) for problem in wrong.problems])
        found = changes(self.settings, settings)
        refused = [change for change in found if change.why_not]
        if refused or dry_run or not found:
            return _answer(found)
        if any(change.begins_anew for change in found):
            self._begin_anew(name, settings, found)
            return _answer(found, applied=True)
        changed = {
            strategy: strategy_config_of(each)
            for strategy, each in settings.strategies.items()
            if each != self.settings.strategies[strategy]
        }
        for strategy, config in changed.items():
            self._wires.strategies[strategy].config.put(config)
        if (tap := self._wires.tap) is not None:
            tables = without_secrets(settings.source.document)["strategies"]
            assert isinstance(tables, dict)
            tap.note(Reloaded(trio.current_time(), tables))
        self.settings = settings
        _log(name, found)
        return _answer(found, applied=True)

    def _begin_anew(self, name: str, settings: Settings, found: tuple[Change, ...]) -> None:
        """Have this session end for one with other strategies, which begins with all of it."""
        self.settings = settings
        _log(name, found)
        self._wires.successor.put(settings)

    def _read(self, name: str, text: str, overrides: tuple[str, ...]) -> Settings:
        settings = load(
            name, overrides, self._environment, files=GivenFile(name, text), kinds=self._kinds
        )
        rules = {
            str(port.pair): known
            for port in self._wires.strategies.values()
            if (known := port.instrument.last) is not None
        }
        problems = [*self._misfits(settings, rules), *self._new_pairs(settings)]
        if problems:
            raise ConfigurationProblems(problems)
        return settings

    def _new_pairs(self, settings: Settings) -> list[Any]:
        """What the venue says against pairs that are not traded yet: a mistake ends no session."""
        known = {port.pair for port in self._wires.strategies.values()}
        new = {name: each for name, each in settings.strategies.items() if each.pair not in known}
        if not new:
            return []
        listed = self._wires.listed.peek()
        if listed is None:
            refused = Refused("the venue's pairs are not known yet", "try again in a moment")
            return [settings.source.problem(("strategies", name, "pair"), refused) for name in new]
        return [
            settings.source.problem(path, refused)
            for path, refused in complaints_about_pairs(
                new, {str(pair): rules for pair, rules in listed.items()}
            )
        ]

    @staticmethod
    def _misfits(settings: Settings, rules: Instruments) -> list[Any]:
        # A pair that is not known here is refused in any case.
        return [
            problem
            for problem in check_against_rules(settings, rules)
            if not problem.key.endswith((".pair", ".price_source_market"))
        ]


def _log(name: str, found: tuple[Change, ...]) -> None:
    log.info(
        "settings_reloaded",
        file=name,
        changes=[f"{each.key}: {each.old or 'absent'} -> {each.new or 'absent'}" for each in found],
    )


def _answer(
    found: tuple[Change, ...], *, applied: bool = False, problems: list[str] | None = None
) -> Json:
    return {
        "applied": applied,
        "begins_anew": any(change.begins_anew for change in found),
        "changes": [
            {
                "key": change.key,
                "old": change.old or None,
                "new": change.new or None,
                "refused": change.why_not or None,
                "cure": change.cure or None,
            }
            for change in found
        ],
        "problems": problems or [],
    }
