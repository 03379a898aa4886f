"""The door to the program, open before the rest of it is loaded."""

import sys

from engine import early


def main() -> int:
    """Run the command line; a stop asked for while it is being loaded is not lost."""
    early.listen()
    from engine.cli import main as run  # noqa: PLC0415  # loading takes a good part of a second

    return run()


if __name__ == "__main__":
    sys.exit(main())
