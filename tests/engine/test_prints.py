"""Whatever prints while the engine runs is logged: it can neither block nor get into a summary."""

import sys

from structlog.testing import capture_logs

from engine.cli.prints import prints_logged


def test_each_printed_line_is_an_event() -> None:
    with capture_logs() as logs, prints_logged():
        sys.stdout.write("half a ")
        sys.stdout.write("line\n\nanother\n")
        sys.stderr.write("and an error\n")
        sys.stdout.write("x" * 20_000)
    lines = [(one["stream"], one["text"]) for one in logs]
    assert lines == [
        ("stdout", "half a line"),
        ("stdout", "another"),
        ("stderr", "and an error"),
        ("stdout", "x" * 20_000),
    ]
    assert {one["event"] for one in logs} == {"printed"}


def test_afterwards_everything_is_as_it_was() -> None:
    before = sys.stdout, sys.stderr
    with prints_logged():
        assert (sys.stdout, sys.stderr) != before
    assert (sys.stdout, sys.stderr) == before
