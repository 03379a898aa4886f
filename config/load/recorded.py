"""
A configuration as it goes into a session's recording: all that was read, and no key.

The strategies are made from it again when the session is replayed, whatever else has changed since.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from config.load.loading import strategies_of
from config.source.files import DISK
from config.source.problems import redacted
from config.source.source import Table, lay_over
from config.strategies.base import StrategySettings
from config.strategies.kinds import StrategyKinds, installed
from trading.core.identifiers import StrategyName

_CREDENTIALS = "credentials"


def without_secrets(document: Mapping[str, object]) -> Table:
    """
    A document without where keys are kept, and without anything that looks like one.

    Of an address stays what names the place: what is asked for there may be a token.
    """
    cleaned = _cleaned(document)
    assert isinstance(cleaned, dict)
    return cleaned


def recorded_strategies(
    tables: Mapping[str, object],
    overrides: Sequence[str] = (),
    *,
    kinds: StrategyKinds | None = None,
) -> Mapping[StrategyName, StrategySettings]:
    """
    The strategies of a recorded configuration.

    Args:
        tables: Of the strategies, by name.
        overrides: ``strategies.NAME.key=value`` texts, which go before what was recorded.
        kinds: The strategies that may be asked for; ``None`` for all that are installed.

    Raises:
        ConfigurationProblems: One cannot be made any more, or an override is wrong.
    """
    document: Table = {"strategies": copy.deepcopy(dict(tables))}
    keys = lay_over(document, overrides)
    return strategies_of(document, keys, files=DISK, kinds=kinds or installed())


def _cleaned(value: object) -> Any:
    match value:
        case Mapping():
            return {str(key): _cleaned(each) for key, each in value.items() if key != _CREDENTIALS}
        case list() | tuple():
            return [_cleaned(each) for each in value]
        case str():
            return redacted(_place(value))
        case _:
            return value


def _place(text: str) -> str:
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return "[left out: an address]"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
