"""The command `engine replay`."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from config.source.problems import ConfigurationProblems
from engine.cli.reporting import refuse, report
from engine.process import early
from engine.process.exit_codes import ExitCode
from engine.recording.ending import writer_of
from engine.recording.replay_text import replay_as_json, replay_as_text
from engine.recording.replaying import ReplayReport, UnknownStrategy, replay
from engine.storage.session_folder import SessionFolder, open_session
from trading.core.identifiers import StrategyName
from trading.recorded.noted import Part
from trading.recorded.replay import DamagedSession

_REPLAY_EXAMPLES = f"""
Examples:

```
engine replay state/live/recordings/1794000000000
engine replay state/live/recordings/1794000000000 --strategy doge --books
engine replay state/live/recordings/1794000000000 --set strategies.doge.bid_spread="0.2 %"
engine replay state/live/recordings/1794000000000 --json
```

Exit codes: {ExitCode.OK} every decision that can be judged came out as it was recorded;
{ExitCode.FAILURE} one did not, or a book: the first is shown; {ExitCode.USAGE} no such strategy;
{ExitCode.NO_INPUT} no such session, or a file of it is missing or damaged; {ExitCode.CONFIGURATION}
the strategies cannot be made from what was recorded, or with --set; {ExitCode.FORCED} broken off.
"""

replay_app = App(name="replay", help_epilogue=_REPLAY_EXAMPLES)


@replay_app.default
def replay_command(
    session: Path,
    /,
    *,
    strategy: str | None = None,
    books: bool = False,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """
    Decide again what a recorded session has decided, look by look, and show the first difference.

    The same code must decide the same: with other code this is a regression test against a real
    day, and with --set it shows from when on another setting would have mattered.

    Args:
        session: The folder of a recording, STATE_DIRECTORY/NAME/recordings/SESSION. An engine may
            still be writing it.
        strategy: The only one to replay; all of them if not given.
        books: Also read the frames of the market, and compare the books that strategies were
            shown with those that the frames make.
        set_: strategies.NAME.KEY=VALUE, in place of what was recorded; may be given several times.
        json_: Print the outcome as one JSON object on stdout.
    """
    early.hand_back()
    try:
        if early.asked:
            return ExitCode.FORCED
        opened = open_session(session)
        outcome = _replayed(opened, strategy, books=books, overrides=set_)
    except KeyboardInterrupt:
        return ExitCode.FORCED
    except DamagedSession as damaged:
        return refuse(f"{session}: {damaged}", ExitCode.NO_INPUT, command="replay")
    except OSError as error:
        where = error.filename or session
        return refuse(f"{where}: {error.strerror}", ExitCode.NO_INPUT, command="replay")
    except UnknownStrategy as unknown:
        return refuse(f"--strategy: {unknown}", ExitCode.USAGE, command="replay")
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was replayed")
    writer = None if outcome.end.ended else writer_of(opened)
    text = json.dumps(replay_as_json(outcome, writer)) if json_ else replay_as_text(outcome, writer)
    sys.stdout.write(f"{text}\n")
    return ExitCode.OK if outcome.same else ExitCode.FAILURE


def _replayed(
    session: SessionFolder, strategy: str | None, *, books: bool, overrides: tuple[str, ...]
) -> ReplayReport:
    parts = (Part.DECISIONS, Part.MARKET) if books else (Part.DECISIONS,)
    with _progress(session.path.name, session.size(*parts)) as advance:
        return replay(
            session,
            advance,
            only=None if strategy is None else StrategyName(strategy),
            overrides=overrides,
            books=books,
        )


@contextmanager
def _progress(name: str, size: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn(name), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(name, total=size)
        yield lambda count: bar.update(task, advance=count)
