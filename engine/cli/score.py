"""The command `engine score`."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from engine.backtest.refusal import NoBacktest
from engine.backtest.session_market import end_of_session, recorded_session
from engine.cli.reporting import refuse
from engine.environment.world import real_world
from engine.process import early
from engine.process.exit_codes import ExitCode
from engine.recording.ending import account_notes, end_as_json, end_notes, writer_of
from engine.reports.plain import plain
from engine.reports.score_text import fit_line, score_lines
from engine.scoring.scoring import ALL, PairScores, score_session

_SCORE_EXAMPLES = f"""
Examples:

```
engine score state/live/recordings/1794000000000
engine score state/live/recordings/1794000000000 --queue power:3 --json
```

Exit codes: {ExitCode.OK} done, also where there is not enough to say; {ExitCode.USAGE} no such
model; {ExitCode.NO_INPUT} no such session or ledger, or it is damaged; {ExitCode.IO_ERROR} the
ledger cannot be trusted; {ExitCode.FORCED} broken off.
"""

score_app = App(name="score", help_epilogue=_SCORE_EXAMPLES)


@score_app.default
def score_command(
    session: Path,
    /,
    *,
    queue: str = ALL,
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """
    Hold fill models against the real fills of a recorded session.

    Of every order that rested a shadow is put into the session's market without our own orders,
    under each model, for as long as the order was there. Below 30 fills nothing is said.

    Args:
        session: The folder of a recording, STATE_DIRECTORY/NAME/recordings/SESSION.
        queue: A queue model, or "all".
        json_: Print all of it as one JSON object on stdout.
    """
    early.hand_back()
    try:
        if early.asked:
            return ExitCode.FORCED
        recorded = recorded_session(session)
        end = end_of_session(recorded)
        found = score_session(recorded, queue, real_world(seed=0).wall_clock())
    except KeyboardInterrupt:
        return ExitCode.FORCED
    except NoBacktest as unfit:
        return refuse(str(unfit), unfit.code, command="score")
    writer = None if end.ended else writer_of(recorded)
    if json_:
        told = {"session": end_as_json(end, writer), "pairs": list(found)}
        sys.stdout.write(msgspec.json.encode(plain(told)).decode() + "\n")
    else:
        said = (*end_notes(end, writer), *account_notes(end))
        notes = [f"{recorded.path}: {note}" for note in said]
        lines = [*notes, *(line for each in found for line in _lines(each))]
        sys.stdout.write("\n".join(lines) + "\n")
    return ExitCode.OK


def _lines(found: PairScores) -> list[str]:
    beyond = f"; {found.beyond} are left out: its market was not recorded" if found.beyond else ""
    return [
        f"{found.strategy} on {found.pair}: {found.orders} orders that rested{beyond}",
        *score_lines(found.scores),
        fit_line(found.fit),
    ]
