"""`engine recording verify`: is a recording worth anything?"""

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from config.rules.rules import nearest_cure
from engine.cli.reporting import refuse
from engine.datasets.reading import META_NAME
from engine.process import early
from engine.process.exit_codes import ExitCode
from engine.recording.text import report_as_json, report_as_text
from engine.storage.recording_files import DamagedFile, read_lines
from engine.storage.session_files import HEAD, part_number
from trading.recorded.audit import RecordingAudit
from trading.recorded.noted import Part
from trading.recorded.report import RecordingReport
from trading.venues.kind import VenueKind
from trading.venues.registry import venue_kind, venue_names

_VERIFY_EXAMPLES = f"""
Examples:

```
engine recording verify market.zst
engine recording verify market.txt.gz --json
```

A line is one frame as the venue sent it, alone or after its receive time in nanoseconds and a
space. Exit codes: {ExitCode.OK} clean; {ExitCode.FAILURE} a gap, wrong checksum, crossed book or
malformed frame, not one whole book or trade; {ExitCode.NO_INPUT} no such file, or not readable to
its end.
"""

_LOOKED_AT = 500
"""Lines after which it is clear whose frames they are."""

verify_app = App(name="verify", help_epilogue=_VERIFY_EXAMPLES)


@verify_app.default
def verify_command(
    file: Path,
    /,
    *,
    venue: str = "valr",
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """
    Read a recording as an engine would have, and say whether its books are sound.

    Args:
        file: The recording; `.gz` and `.zst` are unpacked.
        venue: Whose frames they are.
        json_: Print the report as one JSON object on stdout.
    """
    early.hand_back()
    try:
        if early.asked:
            return ExitCode.FORCED
        if venue not in venue_names():
            cure = nearest_cure(venue, venue_names())
            return refuse(f"--venue: {cure}", ExitCode.USAGE, command="recording verify")
        if file.is_dir():
            return refuse(_of_folder(file), ExitCode.NO_INPUT, command="recording verify")
        report = _verified(file, venue_kind(venue))
    except KeyboardInterrupt:
        return ExitCode.FORCED
    except OSError as error:
        return refuse(f"{file}: {error.strerror}", ExitCode.NO_INPUT, command="recording verify")
    hint = _hint(file, venue) if report.lines and not report.feeds else ""
    sys.stdout.write(
        (json.dumps(report_as_json(report)) if json_ else report_as_text(report, str(file))) + "\n"
    )
    if hint:
        refuse(hint, ExitCode.FAILURE, command="recording verify")
    if report.damage:
        return ExitCode.NO_INPUT
    return ExitCode.OK if report.clean else ExitCode.FAILURE


def _of_folder(folder: Path) -> str:
    """What a folder is, and what to give in its place."""
    if (folder / META_NAME).is_file():
        return (
            f"{folder} is a dataset, whose parts are looked at when they are read: name the"
            " recording that it was made of"
        )
    recorded = sorted(each.name for each in folder.iterdir() if part_number(each.name, Part.MARKET))
    if not (folder / HEAD).is_file():
        return f"{folder} is a folder: name the file of a recording"
    if not recorded:
        return f"{folder} is the folder of a session that has recorded nothing of the market"
    cure = f"name a file of its market: {folder / recorded[0]}"
    more = "" if len(recorded) == 1 else f", and so on to {recorded[-1]}"
    return f"{folder} is the folder of a session: {cure}{more}; engine replay reads all of it"


def _verified(path: Path, kind: VenueKind) -> RecordingReport:
    audit = _audit(kind)
    with path.open("rb") as file, _progress(path) as advance:
        try:
            for line in read_lines(file, path, advance):
                audit.take(line)
        except DamagedFile as damaged:
            return audit.report(damage=str(damaged))
    return audit.report()


def _audit(kind: VenueKind) -> RecordingAudit:
    venue = kind.market(kind.usual_feed)
    return RecordingAudit(venue.decode_market, venue.book_rules, kind.recorded_feeds)


def _hint(path: Path, venue: str) -> str:
    """The venue whose frames they seem to be, where none is of a market of the named venue."""
    if not path.is_file():  # what cannot be read twice
        return ""
    others = [name for name in venue_names() if name != venue and _is_of(path, name)]
    title = venue_kind(venue).title
    if not others:
        names = " or ".join(venue_names())
        return f"not one frame is of a market of {title}: look at --venue: {names}"
    found = ", ".join(f"{venue_kind(name).title} (--venue {name})" for name in others)
    return f"not one frame is of a market of {title}; they look like those of {found}"


def _is_of(path: Path, name: str) -> bool:
    audit = _audit(venue_kind(name))
    with path.open("rb") as file, suppress(OSError, DamagedFile):
        for line in itertools.islice(read_lines(file, path, lambda _: None), _LOOKED_AT):
            audit.take(line)
    return bool(audit.report().feeds)


@contextmanager
def _progress(path: Path) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn(path.name), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(path.name, total=path.stat().st_size)
        yield lambda count: bar.update(task, advance=count)
