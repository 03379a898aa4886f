"""The door to the program, open before the rest of it is loaded."""

import signal
import sys
from types import FrameType


def main() -> int:
    """Run the command line; a stop asked for before anything has started ends at once, well."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_at_once)
    from engine.cli import main as run  # noqa: PLC0415  # loading takes a good part of a second

    return run()


def _end_at_once(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
