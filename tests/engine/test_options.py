"""Numbers on the command line: every option of every command takes what is meant, or refuses it."""

import inspect
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module

import pytest
from cyclopts import App

from engine.cli.app import COMMANDS, LEDGER_COMMANDS, RECORDING_COMMANDS, engine_app, main
from engine.process.exit_codes import ExitCode

NO_NUMBERS = ("1.6.1", "1e3", "nan", "inf", "-1", "+5", "0x10", "1_0", "true", "", " 5", "٣")
CONFIG = "config/paper.toml"
BEFORE = {
    ("run",): (CONFIG,),
    ("plan",): (CONFIG,),
    ("web",): (CONFIG,),
    ("report",): (CONFIG,),
    ("backtest",): (CONFIG, "--data=none"),
    ("sweep",): ("none.toml",),
    ("conformance",): (CONFIG,),
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
        for path, command in commands(engine_app(()))
        for argument in command.assemble_argument_collection()
        if argument.hint in {kind, kind | None}
    ]


def test_the_summary_of_each_command_is_the_first_sentence_of_its_function() -> None:
    for name, path, summary in (*COMMANDS, *LEDGER_COMMANDS, *RECORDING_COMMANDS):
        module, _, attribute = path.partition(":")
        command = getattr(import_module(module), attribute)
        assert command.name == (name,)
        described = inspect.getdoc(command.default_command) or ""
        assert " ".join(described.split("\n\n")[0].split()) == summary


def test_the_list_of_all_commands_loads_none_of_them() -> None:
    program = (
        "import sys; from engine.cli.app import main; main(['--help'])\n"
        "print({'trio', 'engine.system', 'config.load'} & sys.modules.keys())"
    )
    shown = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout.splitlines()[-1] == "set()"


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
