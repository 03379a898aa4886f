"""Options of the whole suite."""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden",
        nargs="+",
        type=Path,
        default=None,
        metavar="FILE",
        help="recorded scenarios of Hummingbot to replay (*.json.gz)",
    )
