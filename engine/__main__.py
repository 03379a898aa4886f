"""The door to the program, open before the rest of it is loaded."""

import sys
import traceback
from types import TracebackType

from engine.logs.standard_streams import forgive_readers_that_leave, hold_descriptors, say
from engine.process import early


def main() -> int:
    """Run the command line; a stop asked for while it is being loaded is not lost."""
    hold_descriptors()
    forgive_readers_that_leave()
    early.listen()
    sys.excepthook = _show
    from engine.cli.app import main as run  # noqa: PLC0415  # loading takes a good part of a second

    return run()


def _show(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """Show a defect that nobody caught, for so long at most as somebody may take to read it."""
    say("".join(traceback.format_exception(kind, error, where)), error=True)


if __name__ == "__main__":
    sys.exit(main())
