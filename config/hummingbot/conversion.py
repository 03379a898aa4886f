"""Converts the bytes of a Hummingbot file to a file of ours, with remarks for the person."""

import errno
from collections.abc import Iterator

import attrs

from config.hummingbot.converters import convert
from config.hummingbot.document import document, strategy_name
from config.hummingbot.given import read_yaml
from config.hummingbot.importing import Importing, Matter, Remark
from config.hummingbot.older import modernised
from config.hummingbot.play_market import PlayMarket, play_market, whole_lots
from config.hummingbot.strategies import STRATEGIES, ImportedStrategy
from config.load.checks import Instruments
from config.load.loading import load
from config.sections.limits import MONEY_LIMITS
from config.source.files import FileContent
from config.source.locator import Location
from config.source.problems import ConfigurationProblems, Problem

_OF_SEVERAL_LEVELS = frozenset({"order_level_spread", "order_level_amount", "level_distances"})


@attrs.frozen(kw_only=True)
class Conversion:
    """
    The result of an import.

    Args:
        toml: Our file.
        remarks: What to know, in the order of the original.
        problems: Why the file does not load as it stands; empty where it does.
        misfits: Why it does not fit the simulated exchange's pairs.
    """

    toml: str
    remarks: tuple[Remark, ...]
    problems: tuple[Problem, ...]
    misfits: tuple[Problem, ...]

    @property
    def runs(self) -> bool:
        """Whether our file runs on paper as it stands, and no decision is left to the person."""
        undecided = any(remark.matter is Matter.REFUSED for remark in self.remarks)
        return not (undecided or self.problems or self.misfits)


@attrs.frozen
class _OneFile:
    """A disk with the resulting file alone."""

    name: str
    text: str

    def read(self, path: str) -> FileContent:
        if path != self.name:
            raise FileNotFoundError(errno.ENOENT, "there is no such file", path)
        return FileContent(self.text.encode(), 0o644)

    def is_file(self, path: str) -> bool:
        return path == self.name


def converted(
    name: str, data: bytes, *, compat: bool, out: str, simulated_pairs: Instruments
) -> Conversion:
    """
    Convert a file.

    Args:
        name: As the person named it.
        compat: Whether the result is to do as the original did, quirks included.
        out: The name that the result will have, for problems with it.
        simulated_pairs: The simulated exchange's own trading rules.

    Raises:
        ConfigurationProblems: It is no configuration of a strategy that is converted.
    """
    given, remarks_on_names = modernised(read_yaml(name, data))
    strategy = given.get("strategy")
    found = STRATEGIES.get(strategy.value) if strategy and isinstance(strategy.value, str) else None
    if found is None:
        said = "is missing" if strategy is None else f"is {strategy.shown}"
        raise ConfigurationProblems(
            [
                Problem(
                    origin=name,
                    location=Location(1 if strategy is None else strategy.line, 1),
                    key="strategy",
                    message=f"{said}: only {' and '.join(STRATEGIES)} are converted",
                    cure="name a conf_pure_mm_*.yml or a conf_avellaneda_*.yml",
                )
            ]
        )
    importing = Importing(given, compat=compat or found.only_compat, has_sessions=found.only_compat)
    importing.remarks.extend(remarks_on_names)
    convert(importing, found.fields, found.defaults)
    whole_lots(importing)
    market = play_market(importing)
    _leave_out_what_waits(importing, found, market, out)
    remarks = (
        *sorted(importing.remarks, key=lambda remark: remark.line or 0),
        *found.differences(importing),
        *_to_do(importing),
    )
    origin = name.replace("\\", "/").rpartition("/")[2]
    toml = document(importing, found.kind, market, remarks, origin)
    problems = _problems(out, toml, None)
    misfits = () if problems else _problems(out, toml, simulated_pairs)
    return Conversion(toml=toml, remarks=remarks, problems=problems, misfits=misfits)


def _leave_out_what_waits(
    importing: Importing, strategy: ImportedStrategy, market: PlayMarket | None, out: str
) -> None:
    """Leave out refused values of features that are off: they had no effect there either."""
    table = f"strategies.{strategy_name(importing)}."
    for problem in _problems(out, document(importing, strategy.kind, market, (), ""), None):
        key = problem.key.removeprefix(table).partition("[")[0]
        waits = not importing.on(strategy.waiting[key]) if key in strategy.waiting else False
        if key in _OF_SEVERAL_LEVELS and importing.lines.get("order_levels", "1") == "1":
            waits = True
        given = importing.given.get(key)
        if waits and given is not None and key in importing.lines:
            del importing.lines[key]
            importing.changed(
                key,
                given,
                f"had no effect, and would be refused here ({problem.message}): left out",
            )


def _to_do(importing: Importing) -> Iterator[Remark]:
    name = strategy_name(importing)
    yield Remark(
        matter=Matter.TO_DO,
        text=f"for real money fill in [strategies.{name}.limits]: {', '.join(MONEY_LIMITS)}",
        cure="docs/risk.md says how to choose; they have no default",
    )


def _problems(name: str, toml: str, pairs: Instruments | None) -> tuple[Problem, ...]:
    fetch = None if pairs is None else lambda: pairs
    try:
        load(name, (), {}, files=_OneFile(name, toml), simulated_pairs=fetch)
    except ConfigurationProblems as found:
        return found.problems
    return ()
