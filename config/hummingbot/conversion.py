"""The whole way: from a Hummingbot file's bytes to a file of ours and what to know about it."""

import errno
from collections.abc import Iterator

import attrs

from config.checks import Instruments
from config.files import FileContent
from config.hummingbot.differences import differences
from config.hummingbot.document import document, strategy_name
from config.hummingbot.fields import convert
from config.hummingbot.given import read_yaml
from config.hummingbot.importing import Importing, Matter, Remark
from config.limit_settings import MONEY_LIMITS
from config.loading import load
from config.locator import Location
from config.problems import ConfigurationProblems, Problem

_STRATEGY = "pure_market_making"


@attrs.frozen(kw_only=True)
class Conversion:
    """
    What an import came to.

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


@attrs.frozen
class _OneFile:
    """A disk with nothing on it but the result."""

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
        ConfigurationProblems: It is no configuration of Hummingbot's pure market making.
    """
    given = read_yaml(name, data)
    strategy = given.get("strategy")
    if strategy is None or strategy.value != _STRATEGY:
        said = "is missing" if strategy is None else f"is {strategy.shown}"
        raise ConfigurationProblems(
            [
                Problem(
                    origin=name,
                    location=Location(1 if strategy is None else strategy.line, 1),
                    key="strategy",
                    message=f"{said}: only {_STRATEGY} is converted",
                    cure="name a conf_pure_mm_*.yml; docs/avellaneda-stoikov.md has the keys of the"
                    " other one",
                )
            ]
        )
    importing = Importing(given, compat)
    convert(importing)
    remarks = (
        *sorted(importing.remarks, key=lambda remark: remark.line or 0),
        *differences(importing),
        *_to_do(importing),
    )
    origin = name.replace("\\", "/").rpartition("/")[2]
    toml = document(importing, remarks, origin)
    problems = _problems(out, toml, None)
    misfits = () if problems else _problems(out, toml, simulated_pairs)
    return Conversion(toml=toml, remarks=remarks, problems=problems, misfits=misfits)


def _to_do(importing: Importing) -> Iterator[Remark]:
    name = strategy_name(importing)
    yield Remark(
        matter=Matter.TO_DO,
        text=f"for real money fill in [strategies.{name}.limits]: {', '.join(MONEY_LIMITS)}",
        cure="docs/risk.md says how to choose; they have no default",
    )


def _problems(name: str, toml: str, pairs: Instruments | None) -> tuple[Problem, ...]:
    try:
        load(name, (), {}, files=_OneFile(name, toml), simulated_pairs=pairs)
    except ConfigurationProblems as found:
        return found.problems
    return ()
