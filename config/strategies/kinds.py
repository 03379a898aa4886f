"""
The kinds of strategy that there are: the built-in ones, and those that other packages register.

A package registers one with an entry point of the group ``engine.strategies``: its name is what
``kind`` says in the configuration, its object a class that extends ``StrategySettings``. All kinds
come through the same registry and are held to the same terms. Nothing of another package is
imported before a configuration asks for it.
"""

import functools
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

import attrs
from typing_extensions import override

from config.rules.keys import unruled_fields
from config.rules.rules import nearest_cure, shown
from config.source.problems import Refused, cut
from config.strategies.base import StrategySettings
from trading.core.decimals import ONE

GROUP = "engine.strategies"
"""The group of entry points."""

_OURS = "quotewright"

_BUILT_IN = {
    "pure_market_making": "config.strategies.pure_market_making:PureMarketMakingSettings",
    "avellaneda_stoikov": "config.strategies.avellaneda:AvellanedaStoikovSettings",
}
"""The built-in ones; as others, they are imported when a configuration asks for them."""

_ERROR_LENGTH_MAX = 1000
"""What ``from_settings`` says of a dozen fields that do not fit is a sentence for each."""


@attrs.frozen
class Maker:
    """A distribution that brings kinds of strategy, as its package metadata names it."""

    name: str
    version: str

    @property
    def built_in(self) -> bool:
        return self.name == _OURS

    @override
    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


@attrs.frozen(kw_only=True)
class Registration:
    """
    A name that is taken, before anybody has looked at what for.

    Args:
        target: Where the class is said to be, ``package.module:Class``.
        load: Fetches it; may raise anything, for it runs another package's code.
    """

    name: str
    maker: Maker
    target: str
    load: Callable[[], object]


@attrs.frozen(kw_only=True)
class StrategyKind:
    """A kind of strategy that can be used."""

    name: str
    maker: Maker
    settings: type[StrategySettings]


@attrs.frozen
class StrategyKinds:
    """All that is registered."""

    registrations: tuple[Registration, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({registration.name for registration in self.registrations}))

    def kind(self, name: str) -> StrategyKind:
        """
        The kind of a name.

        Raises:
            Refused: There is none, or more than one, or what is registered is of no use.
        """
        found = [each for each in self.registrations if each.name == name]
        if not found:
            raise Refused(f"{shown(name)} is not known", nearest_cure(name, self.names))
        if len(found) > 1:
            makers = " and by ".join(str(each.maker) for each in found)
            foreign = [each.maker.name for each in found if not each.maker.built_in]
            raise Refused(
                f"{shown(name)} is registered by {makers}",
                f"uninstall {foreign[-1]}, or have it renamed there",
            )
        return _loaded(found[0])


def _loaded(registration: Registration) -> StrategyKind:
    maker = registration.maker
    what = f"{shown(registration.name)} of {maker} ({registration.target})"
    try:
        settings = registration.load()
    except BaseException as error:  # another package's code: it may raise anything, SystemExit too
        raise Refused(
            f"{what} cannot be loaded: {_in_words(error)}",
            f"repair or uninstall {maker.name}",
        ) from error
    if not (isinstance(settings, type) and issubclass(settings, StrategySettings)):
        raise Refused(
            f"{what} is no class that extends config.strategies.StrategySettings",
            f"uninstall {maker.name}, or have its entry point name such a class",
        )
    try:
        unruled = unruled_fields(settings)
    except BaseException as error:  # annotations of another package
        raise Refused(
            f"{what} has fields that cannot be understood: {_in_words(error)}",
            f"uninstall {maker.name}, or have it repaired",
        ) from error
    if unruled:
        raise Refused(
            f"{what} has fields without a rule of config.strategies: {', '.join(unruled)}",
            f"uninstall {maker.name}, or have them annotated: Annotated[float, Seconds()]",
        )
    return StrategyKind(name=registration.name, maker=maker, settings=settings)


def failure(kind: StrategyKind, error: BaseException) -> Refused:
    """What to say when the settings class of another package raises what it must not."""
    return Refused(
        f"the settings of {kind.name!r} cannot be read: "
        f"{raised_in_words(error, kind.settings)} within {kind.maker}",
        f"mend it there, or tell the author of {kind.maker.name}",
    )


def try_out(settings: StrategySettings) -> None:
    """
    Ask settings of another package everything that they are asked once the engine starts.

    Raises:
        Exception: Whatever they raise.
        TypeError: What they describe is no strategy.
    """
    strategy = settings.strategy()
    for method in ("begin", "decide"):
        if not callable(getattr(strategy, method, None)):
            raise TypeError(f"its strategy has no method {method}")
    _ = settings.risk_limits, dict(settings.other_pairs), settings.target_quotes(ONE)


def _in_words(error: BaseException) -> str:
    return f"{type(error).__name__}: {cut(str(error), _ERROR_LENGTH_MAX)}"


def raised_in_words(error: BaseException, settings: type[StrategySettings]) -> str:
    """What the settings class of another package has raised, and at which of its lines."""
    return f"{_in_words(error)}{_where(error, settings)}"


def _where(error: BaseException, settings: type[StrategySettings]) -> str:
    """The last line of the other package on the way to an error, if there is one."""
    package = sys.modules.get(settings.__module__.partition(".")[0])
    folders = list(getattr(package, "__path__", ())) or [getattr(package, "__file__", None) or ""]
    frames = traceback.StackSummary.extract(
        traceback.walk_tb(error.__traceback__), lookup_lines=False
    )
    theirs = [
        frame
        for frame in frames
        if any(folder and Path(frame.filename).is_relative_to(folder) for folder in folders)
    ]
    return f" ({theirs[-1].filename}:{theirs[-1].lineno})" if theirs else ""


def built_in() -> StrategyKinds:
    """The kinds that come with the engine."""
    try:
        version = metadata.version(_OURS)
    except metadata.PackageNotFoundError:
        version = "(not installed)"
    return StrategyKinds(
        tuple(
            Registration(
                name=name,
                maker=Maker(_OURS, version),
                target=target,
                load=functools.partial(pkgutil.resolve_name, target),
            )
            for name, target in _BUILT_IN.items()
        )
    )


def with_entry_points(kinds: StrategyKinds, points: Iterable[metadata.EntryPoint]) -> StrategyKinds:
    """What is registered once entry points are counted in."""
    added = []
    for point in points:
        distribution = point.dist
        maker = Maker("an unnamed distribution", "")
        if distribution is not None:
            maker = Maker(distribution.name, distribution.version)
        added.append(
            Registration(name=point.name, maker=maker, target=point.value, load=point.load)
        )
    return StrategyKinds((*kinds.registrations, *added))


@functools.cache
def installed() -> StrategyKinds:
    """Everything that is installed here; looked up once, for a process does not change its code."""
    return with_entry_points(built_in(), metadata.entry_points(group=GROUP))
