"""What the README shows is true: its commands exist, its code runs."""

import re
import shlex
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from trading.strategies import Side
from trading.testing import a_top, a_view

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line.removeprefix("$ ") for line in re.findall(r"^\$ .*$", README, re.MULTILINE)]
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def run_blocks(*blocks: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)  # noqa: S102  # our own README
    return names


def test_its_make_commands_are_targets_of_the_makefile() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    makes = [command.split()[1] for command in COMMANDS if command.startswith("make ")]
    assert makes == ["paper", "test"]
    assert set(makes) <= set(targets)


@pytest.mark.parametrize("command", [c for c in COMMANDS if "engine run" in c and "FILE" not in c])
def test_its_engine_commands_run(command: str, tmp_path: Path) -> None:
    arguments = shlex.split(command.replace("--duration 30", ""))[1:]
    ended = subprocess.run(  # noqa: S603  # our own program
        [
            *(sys.executable, "-m", "engine", *arguments),
            *("--duration", "1", "--log-file", str(tmp_path / "log")),
            *("--set", f"engine.state_directory={tmp_path}"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_its_recording_commands_run_one_after_the_other(tmp_path: Path) -> None:
    commands = [command for command in COMMANDS if "engine recording" in command]
    assert [command.split()[2] for command in commands] == ["capture", "verify"]
    for command in commands:
        arguments = shlex.split(command.replace("--duration 30", "--duration 1"))[1:]
        ended = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-m", "engine", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr


def test_the_files_it_points_to_are_there() -> None:
    links = re.findall(r"\]\(([a-z][^)#]+)\)", README)
    assert links
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), link


def test_its_actor_passes_its_test() -> None:
    names = run_blocks(PYTHON[0], PYTHON[1])

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            await names["test_the_newest_price_is_shown"](nursery, None)

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))


def test_its_strategy_decides() -> None:
    one_bid = run_blocks(PYTHON[2])["OneBid"](quantity=Decimal(40))
    view = a_view(top=a_top("100.00", "101.00"))
    decision, _ = one_bid.decide(view, one_bid.begin(0.0))
    [bid] = decision.places
    assert (bid.side, bid.price, bid.quantity) == (Side.BUY, Decimal("99.99"), Decimal(40))
