"""Switches one wrong design on for a run of pytest: ``--wrong-design NAME``."""

import pytest

from tests.wrong_designs.designs import DESIGNS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--wrong-design", choices=sorted(DESIGNS), help="a mistake to be noticed")


def pytest_configure(config: pytest.Config) -> None:
    if (name := config.getoption("--wrong-design")) is not None:
        DESIGNS[name].apply()
