"""Options of the whole suite."""

import os
import signal
from pathlib import Path

import hypothesis
import pytest

# How long an example takes says more of the machine than of what is tested. All else stays as
# Hypothesis has it, here or in CI.
hypothesis.settings.register_profile(
    "patient",
    hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("check", hypothesis.settings(), deadline=None, max_examples=20)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "patient"))


def pytest_configure() -> None:
    """
    Have signals mean what they mean on a terminal.

    Under ``nohup``, or behind ``&`` in a script, some are ignored; so would be each engine that a
    test starts, and a test that waits for what they bring about would wait for ever.
    """
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            usual = signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL
            signal.signal(number, usual)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden",
        nargs="+",
        type=Path,
        default=None,
        metavar="FILE",
        help="recorded scenarios of Hummingbot to replay (*.json.gz)",
    )
