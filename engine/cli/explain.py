"""`engine explain`: why a side is not quoting, and the story of an order."""

import json
import sys
from functools import partial
from pathlib import Path

from cyclopts import App

from config.load.reading import load_engine
from config.source.problems import ConfigurationProblems
from engine.cli.reporting import refuse, report
from engine.cli.status import JsonOption, Look, SetOption, shown
from engine.control.protocol import Ask
from engine.environment.state_folder import ledger_path
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.storage.whole_ledger import read_whole
from engine.views.order_story import order_story, story_lines
from engine.views.status_view import explain_view, printable
from trading.core.errors import Fatal

_EXPLAIN_EXAMPLES = """
Examples:

```
engine explain config/paper.toml
engine explain config/live.toml --json
engine explain config/live.toml qw-live-doge-mwq7kd66-1
```

Exit codes: 0 shown; 1 the ledger has no such order; 66 there is no ledger;
69 no engine runs with this configuration.
"""


explain_app = App(name="explain", help_epilogue=_EXPLAIN_EXAMPLES)


@explain_app.default
def explain_command(
    config: Path,
    order: str | None = None,
    /,
    *,
    json_: JsonOption = False,
    set_: SetOption = (),
) -> int:
    """
    Say why each side of each strategy is not quoting; or with an order's id, tell its story.

    Args:
        config: The TOML file that the engine runs with; only its table [engine] is read.
        order: One of the engine's own order ids; read from the ledger, running or not.
        json_: Print one JSON object.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """
    if order is not None:
        return _told(config, set_, order, as_json=json_)
    return shown(config, set_, Look(Ask.EXPLAIN, explain_view, as_json=json_), live=False)


def _told(config: Path, set_: tuple[str, ...], order: str, *, as_json: bool) -> int:
    try:
        engine = load_engine(str(config), set_)
        story = read_whole(ledger_path(engine), partial(order_story, order_id=order))
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was shown")
    except FileNotFoundError as error:
        return refuse(f"there is no ledger at {error}", ExitCode.NO_INPUT)
    except Fatal as fatal:
        return refuse(str(fatal), EXIT_CODES[fatal.reason])
    if story is None:
        return refuse(
            f"the ledger has no order {order!r}; engine orders --all lists them", ExitCode.FAILURE
        )
    lines = [json.dumps(story)] if as_json else story_lines(story)
    for line in lines:
        sys.stdout.write(f"{printable(line)}\n")
    return ExitCode.OK
