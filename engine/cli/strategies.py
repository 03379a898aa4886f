"""`engine strategies`: which kinds of strategy there are, and what can be set about each."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import attrs
from cyclopts import App, Parameter

from config.load.writing import rule_words, toml_text
from config.rules.keys import Key, keys_of
from config.source.problems import Refused
from config.strategies.kinds import GROUP, StrategyKind, StrategyKinds, installed
from engine.cli.reporting import refuse
from engine.process.exit_codes import ExitCode
from engine.views.report import Cell, Format, Report

STRATEGIES_EXAMPLES = """
Examples:

```
engine strategies
engine strategies pure_market_making
engine strategies --json
```

Exit codes: 0 shown; 1 there is no such kind, or one that is registered cannot be used.
"""

_COLUMNS = ("key", "type", "unit", "default", "range", "meaning")
Json = dict[str, Any]


strategies_app = App(name="strategies", help_epilogue=STRATEGIES_EXAMPLES)


@strategies_app.default
def strategies_command(
    name: str | None = None, /, *, json_: Annotated[bool, Parameter(name="--json")] = False
) -> int:
    """
    List the kinds of strategy, built-in ones and those of other packages, with their parameters.

    Args:
        name: One kind: with every key that can be set, its type, default, range and meaning.
        json_: Print one JSON object, always with every key.
    """
    listed = _listed(installed(), name)
    if not listed.found and name is not None:
        broken = listed.broken[0]
        return refuse(f"{broken['trouble']}\n    cure: {broken['cure']}", ExitCode.FAILURE)
    if json_:
        content = {
            "strategies": [_described(kind) for kind in listed.found],
            "broken": listed.broken,
        }
        sys.stdout.write(json.dumps(content) + "\n")
    elif name is not None:
        _parameters_sheet(listed.found[0]).write(Format.TEXT, sys.stdout)
    else:
        _kinds_sheet(listed.found).write(Format.TEXT, sys.stdout)
    if not json_:
        for broken in listed.broken:
            sys.stderr.write(f"{broken['trouble']}\n    cure: {broken['cure']}\n")
    return ExitCode.FAILURE if listed.broken else ExitCode.OK


@attrs.frozen(kw_only=True)
class _Listed:
    found: list[StrategyKind]
    broken: list[Json]


def _listed(kinds: StrategyKinds, name: str | None) -> _Listed:
    listed = _Listed(found=[], broken=[])
    for each in kinds.names if name is None else (name,):
        try:
            listed.found.append(kinds.kind(each))
        except Refused as refused:
            listed.broken.append({"name": each, "trouble": refused.message, "cure": refused.cure})
    return listed


def _described(kind: StrategyKind) -> Json:
    return {
        "name": kind.name,
        "built_in": kind.maker.built_in,
        "distribution": kind.maker.name,
        "version": kind.maker.version,
        "class": f"{kind.settings.__module__}:{kind.settings.__qualname__}",
        "meaning": _first_line(kind.settings),
        "parameters": list(_parameters(kind.settings)),
    }


def _parameters(settings: type[Any], above: str = "") -> Iterator[Json]:
    """Every key, those of tables below with their dotted names."""
    for key in keys_of(settings):
        name = f"{above}{key.name}.NAME" if key.named else above + key.name
        if key.table is not None:
            yield from _parameters(key.table, f"{name}.")
        elif key.name != "kind":
            yield _parameter(name, key)


def _parameter(name: str, key: Key) -> Json:
    assert key.rule is not None, "a kind with keys of no rule is not registered"
    words = rule_words(key.rule)
    return {
        "key": name,
        "type": words.type,
        "unit": words.unit,
        "required": key.required,
        "default": _default(key),
        "range": words.range,
        "meaning": key.meaning,
    }


def _default(key: Key) -> str | None:
    # A table by name is empty until the file has an entry in it.
    return None if key.required or key.named else toml_text(key.default, key.rule) or None


def _parameters_sheet(kind: StrategyKind) -> Report:
    rows = [
        {**row, "default": "required" if row["required"] else row["default"]}
        for row in _parameters(kind.settings)
    ]
    return Report(
        name="parameters",
        columns=_COLUMNS,
        rows=rows,
        about={"strategy": kind.name},
        caption=f'kind = "{kind.name}": {_first_line(kind.settings)} Of {_maker(kind)}.',
        nothing="nothing can be set",
        short=_COLUMNS,
    )


def _kinds_sheet(kinds: list[StrategyKind]) -> Report:
    columns = ("kind", "from", "parameters", "meaning")
    rows: list[dict[str, Cell]] = [
        {
            "kind": kind.name,
            "from": _maker(kind),
            "parameters": sum(1 for _ in _parameters(kind.settings)),
            "meaning": _first_line(kind.settings),
        }
        for kind in kinds
    ]
    return Report(
        name="strategies",
        columns=columns,
        rows=rows,
        about={},
        caption=f"engine strategies KIND lists its parameters; packages add kinds as {GROUP!r}",
        nothing="there is none",
        short=columns,
    )


def _maker(kind: StrategyKind) -> str:
    return f"{kind.maker}, built in" if kind.maker.built_in else str(kind.maker)


def _first_line(settings: type[Any]) -> str:
    text = (settings.__doc__ or "").strip()
    return text.splitlines()[0].replace("``", "") if text else ""
