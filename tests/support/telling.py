"""What commands of the test suite say as they go."""

import sys


def tell(line: str) -> None:
    """Print a line at once, wherever standard output leads."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
