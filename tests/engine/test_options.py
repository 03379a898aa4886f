"""Numbers on the command line: every option of every command takes what is meant, or refuses it."""

from collections.abc import Iterator

import pytest
from cyclopts import App

from engine.cli.app import app, main
from engine.process.exit_codes import ExitCode

NO_NUMBERS = ("1.6.1", "1e3", "nan", "inf", "-1", "+5", "0x10", "1_0", "true", "", " 5", "٣")
CONFIG = "config/paper.toml"
BEFORE = {
    ("run",): (CONFIG,),
    ("plan",): (CONFIG,),
    ("recording", "capture"): ("--venue", "simulated", "--pairs", "DOGEUSDT", "--out", "none"),
}


def commands(below: App, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], App]]:
    for name in below:
        if not name.startswith("-"):
            yield from commands(below[name], (*path, name))
    if path and below.default_command is not None:
        yield path, below


def numbers(kind: type[int | float]) -> list[tuple[tuple[str, ...], str]]:
    """Every option of a kind of number: its command, and its name."""
    return [
        (path, argument.name)
        for path, command in commands(app)
        for argument in command.assemble_argument_collection()
        if argument.hint in {kind, kind | None}
    ]


def test_there_are_such_options() -> None:
    assert (("exchange",), "--seed") in numbers(int)
    assert (("simulate",), "--jobs") in numbers(int)
    assert (("run",), "--duration") in numbers(float)


@pytest.mark.parametrize(("path", "option"), numbers(int))
@pytest.mark.parametrize("text", [*NO_NUMBERS, "1.6", "2.0"])
def test_a_whole_number_is_a_whole_number(
    capsys: pytest.CaptureFixture[str], path: tuple[str, ...], option: str, text: str
) -> None:
    check_refused(capsys, path, option, text)


@pytest.mark.parametrize(("path", "option"), numbers(float))
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_a_span_of_time_is_a_number(
    capsys: pytest.CaptureFixture[str], path: tuple[str, ...], option: str, text: str
) -> None:
    check_refused(capsys, path, option, text)


def check_refused(
    capsys: pytest.CaptureFixture[str], path: tuple[str, ...], option: str, text: str
) -> None:
    assert main([*path, *BEFORE.get(path, ()), f"{option}={text}"]) == ExitCode.USAGE
    assert option in capsys.readouterr().err


def test_digits_are_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", CONFIG, "--at", "0.5"]) == ExitCode.OK
    assert "after 0.5 s" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["1.6", "1e3", "nan", "true"])
def test_the_same_holds_for_the_configuration(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert main(["plan", CONFIG, "--set", f"engine.seed={text}"]) == ExitCode.CONFIGURATION
    assert "--set engine.seed: " in capsys.readouterr().err
