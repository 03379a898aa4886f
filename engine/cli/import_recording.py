"""`engine recording import`: recorded market data of any known format becomes a dataset."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from config.rules.rules import PairSymbol, nearest_cure
from config.source.problems import Refused
from engine.cli.options import Place
from engine.cli.reporting import refuse
from engine.datasets.extras import MissingExtra
from engine.datasets.formats import UnknownFormat, names
from engine.datasets.importing import Import, Progress, import_files
from engine.datasets.session_sources import bytes_of
from engine.datasets.sources import NoSource
from engine.datasets.text import meta_as_json, meta_as_text
from engine.datasets.unfit import UnfitAsked, UnfitSource
from engine.logs.standard_streams import say
from engine.process import early
from engine.process.exit_codes import ExitCode, code_of_unwritten
from trading.core.decimals import ZERO, parse_decimal
from trading.core.identifiers import Pair

_COMMAND = "recording import"
_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ns|us|ms|s)", re.ASCII)
_NS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}

_EXAMPLES = f"""
Examples:

```
engine recording import market.zst --pair DOGE-USDT --tick 0.00001 --lot 1 --out doge
engine recording import SESSION --pair BTC-ZAR --tick 1 --lot 0.00000001 --out zar
engine recording import *.csv.gz --format tardis --pair BTCUSDT --tick 0.1 --lot 0.001 --out btc
```

The formats: {", ".join(f"`{name}`" for name in names())}. Files that are packed as `.gz`, `.zst` or
`.zip` are unpacked. Exit codes: {ExitCode.OK} the dataset is complete; {ExitCode.NO_INPUT} a file
is missing, damaged or of no format that can be imported; {ExitCode.CANNOT_CREATE} something is
there already, or the folder cannot be made; {ExitCode.IO_ERROR} the disk took no more;
{ExitCode.CONFIGURATION} the pair, tick or lot does not fit the files, or a library is missing.
"""

import_recording_app = App(name="import", help_epilogue=_EXAMPLES)


@import_recording_app.default
def import_recording_command(
    files: Annotated[tuple[Path, ...], Parameter(negative=())],
    /,
    *,
    pair: str,
    tick: str,
    lot: str,
    out: Place,
    format_: Annotated[str | None, Parameter(name="--format")] = None,
    feed_latency_min: str = "1ms",
    force: bool = False,
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """
    Make a dataset of recorded market data, in whichever of the known formats it is.

    Args:
        files: Of one pair's market, in any order; `.gz`, `.zst` and `.zip` are unpacked. The folder
            of a session stands for what it recorded of market and account.
        pair: Whose market it is.
        tick: Price of one tick, in quote currency.
        lot: Quantity of one lot, in base currency.
        out: A folder that is not there yet.
        format_: Of the files; it is recognised where it is left out.
        feed_latency_min: What news takes at least, as 1ms or 500us, where the receiver's clock was
            behind the exchange's, or the files do not tell.
        force: Replace the dataset if it is there already; a folder with anything else in it is not.
        json_: Print what it came to as one JSON object on stdout.
    """
    early.hand_back()
    try:
        if early.asked:
            return ExitCode.FORCED
        request = Import(
            files=files,
            format_name=_format(format_),
            pair=_pair(pair),
            tick=_step("tick", tick),
            lot=_step("lot", lot),
            out=out,
            latency_min_ns=_span_ns(feed_latency_min),
            replace=force,
        )
        return _imported(request, as_json=json_)
    except _WrongOption as wrong:
        return refuse(str(wrong), wrong.code, command=_COMMAND)
    except KeyboardInterrupt:
        return ExitCode.FORCED


def _imported(request: Import, *, as_json: bool) -> ExitCode:
    try:
        with _progress(request.files) as progress:
            meta = import_files(request, progress)
    except (UnfitAsked, MissingExtra) as error:
        return refuse(str(error), ExitCode.CONFIGURATION, command=_COMMAND)
    except (NoSource, UnknownFormat, UnfitSource) as error:
        return refuse(str(error), ExitCode.NO_INPUT, command=_COMMAND)
    except FileExistsError:
        text = f"{request.out} is there already; --force replaces a dataset"
        return refuse(text, ExitCode.CANNOT_CREATE, command=_COMMAND)
    except OSError as error:
        text = f"{request.out}: {error.strerror}"
        return refuse(text, code_of_unwritten(error), command=_COMMAND)
    if as_json:
        say(json.dumps(meta_as_json(meta, str(request.out))) + "\n")
    else:
        say(meta_as_text(meta, str(request.out)) + "\n")
    return ExitCode.OK


class _WrongOption(Exception):
    """An option cannot be what it is."""

    def __init__(self, option: str, what: str, code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(f"--{option}: {what}")
        self.code = code


def _format(name: str | None) -> str | None:
    if name is not None and name not in names():
        raise _WrongOption("format", nearest_cure(name, names()))
    return name


def _pair(text: str) -> Pair:
    try:
        return PairSymbol().read(text)
    except Refused as refused:
        raise _WrongOption("pair", f"{refused}; {refused.cure}", ExitCode.CONFIGURATION) from None


def _step(option: str, text: str) -> Decimal:
    try:
        value = parse_decimal(text)
    except ValueError as error:
        raise _WrongOption(option, str(error)) from None
    if value <= ZERO:
        raise _WrongOption(option, f"has to be more than zero, not {text}")
    return value


def _span_ns(text: str) -> int:
    parts = _SPAN.fullmatch(text)
    if parts is None:
        raise _WrongOption("feed-latency-min", f"{text[:40]!r} is no time: write 1ms or 500us")
    return int(Decimal(parts[1]) * _NS[parts[2]])


@contextmanager
def _progress(files: Sequence[Path]) -> Iterator[Progress]:
    """Progress bars on stderr, where that is a terminal: of reading, then of writing."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn())
    columns_after = (TaskProgressColumn(), TimeRemainingColumn())
    hidden = not console.is_terminal
    with Bar(*columns, *columns_after, console=console, transient=True, disable=hidden) as bar:
        reading = bar.add_task("reading", total=bytes_of(files))
        writing = bar.add_task("writing", total=None, visible=False)
        yield Progress(
            read=lambda count: bar.update(reading, advance=count),
            written=lambda done, of: bar.update(writing, completed=done, total=of, visible=True),
        )
