"""`engine import-hummingbot`: a Hummingbot configuration as one of ours."""

import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from config.hummingbot.conversion import Conversion, converted
from config.hummingbot.importing import Matter, Remark
from config.source.files import DISK
from config.source.problems import ConfigurationProblems, printable, redacted
from engine.cli.options import Place
from engine.cli.reporting import refuse, report
from engine.environment.venue_connection import simulated_rules
from engine.process.exit_codes import ExitCode
from engine.storage.places import check_file

IMPORT_EXAMPLES = """
Examples:

```
engine import-hummingbot conf_pure_mm_1.yml
engine import-hummingbot conf_pure_mm_1.yml --out config/mine.toml
engine import-hummingbot conf_pure_mm_1.yml --compat --json
engine import-hummingbot conf_avellaneda_1.yml --out config/mine.toml
```

Exit codes: 0 converted, and the result runs on paper as it stands; 1 converted, but something has
to be decided before it runs: it is named; 66 the file cannot be read; 73 there is a file already,
or it cannot be written; 78 it is no configuration of a strategy of Hummingbot's that is converted.
"""

_HEADINGS = {
    Matter.REFUSED: "to be decided before it can run",
    Matter.DOUBTED: "converted as it stands, but perhaps not what was meant",
    Matter.UNKNOWN: "not known, left out",
    Matter.CHANGED: "said differently, or meaning something else here",
    Matter.DIFFERENT: "done differently (numbers: docs/pure-market-making.md, whose compat mode"
    " does it the old way)",
    Matter.TO_DO: "to do",
}


import_app = App(name="import-hummingbot", help_epilogue=IMPORT_EXAMPLES)


@import_app.default
def import_command(
    file: Path,
    /,
    *,
    out: Place | None = None,
    compat: bool = False,
    force: bool = False,
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """
    Convert a Hummingbot configuration of pure or Avellaneda market making into one of ours.

    The configuration goes to stdout, or to a file with --out; what changes its meaning, with its
    line, goes to stderr. Nothing is dropped silently. The result trades with the simulated
    exchange, whose pairs and play money are written with it, until it is given URLs, a key and
    limits of money. Older templates are known too.

    Args:
        file: A conf_pure_mm_*.yml or conf_avellaneda_*.yml of Hummingbot.
        out: The TOML file to write.
        compat: Decide as the original does, quirks included (compat = "hummingbot").
        force: Replace the file of --out if there is one, and a configuration.
        json_: Print one JSON object with the configuration and all remarks on stdout.
    """
    if out is not None and out.exists() and not force:
        return refuse(f"{out} is there already; --force replaces it", ExitCode.CANNOT_CREATE)
    try:
        data = DISK.read(str(file)).data
    except OSError as error:
        return refuse(f"{file} cannot be read: {error.strerror}", ExitCode.NO_INPUT)
    name = "the result" if out is None else str(out)
    try:
        found = converted(
            str(file), data, compat=compat, out=name, simulated_pairs=dict(simulated_rules())
        )
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was converted")
    if out is not None:
        try:
            check_file(out, is_configuration, "configuration")
            out.write_text(found.toml, encoding="utf-8")
        except OSError as error:
            return refuse(f"{out} cannot be written: {error.strerror}", ExitCode.CANNOT_CREATE)
    _tell(found, str(file), out, as_json=json_)
    return ExitCode.OK if found.runs else ExitCode.FAILURE


def is_configuration(path: Path) -> bool:
    """
    Whether a file is TOML, or text that is to be by its name.

    Raises:
        OSError: It cannot be read.
    """
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        return False
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return path.suffix == ".toml" and "\0" not in text
    return True


def _tell(found: Conversion, file: str, out: Path | None, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(_as_json(found)) + "\n")
        return
    if out is None:
        sys.stdout.write(found.toml)
    for line in _lines(found, file):
        sys.stderr.write(f"{redacted(printable(line))}\n")
    if out is not None:
        sys.stderr.write(f"written: {out}\n")


def _lines(found: Conversion, file: str) -> Iterator[str]:
    for matter, heading in _HEADINGS.items():
        remarks = [remark for remark in found.remarks if remark.matter is matter]
        if remarks:
            yield f"{heading}:"
            for remark in remarks:
                yield from _remark(remark, file)
    if found.problems:
        yield "the result does not load yet:"
        yield from (f"  {line}" for each in found.problems for line in str(each).splitlines())
    if found.misfits:
        yield "with the simulated exchange it does not load yet:"
        yield from (f"  {line}" for each in found.misfits for line in str(each).splitlines())


def _remark(remark: Remark, file: str) -> Iterator[str]:
    place = "" if remark.line is None else f"{file}:{remark.line}: "
    key = f"{remark.key}: " if remark.key else ""
    quirk = "" if remark.quirk is None else f" [{remark.quirk}]"
    yield f"  {place}{key}{remark.text}{quirk}"
    if remark.cure:
        yield f"      cure: {remark.cure}"


def _as_json(found: Conversion) -> dict[str, Any]:
    return {
        "toml": found.toml,
        "loads": not found.problems,
        "runs": found.runs,
        "remarks": [
            {
                "matter": remark.matter.value,
                "line": remark.line,
                "key": remark.key or None,
                "text": remark.text,
                "cure": remark.cure or None,
                "difference": remark.quirk,
            }
            for remark in found.remarks
        ],
        "problems": [str(problem) for problem in found.problems],
        "misfits": [str(problem) for problem in found.misfits],
    }
