"""The walk of docs/research.md on the shipped sample: its commands do what is said."""

import re
import shlex
from pathlib import Path

import msgspec
import pytest

from tests.engine.in_process import ROOT, in_process

PAGE = (ROOT / "docs" / "research.md").read_text("utf-8")
WALK = PAGE.partition("## From a recording")[2].partition("\n## ")[0]
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", WALK, re.DOTALL) for line in block.splitlines()
]


def below(folder: Path, command: str) -> list[str]:
    return [word.replace("/tmp/", f"{folder}/") for word in shlex.split(command)[1:]]  # noqa: S108


def test_the_walk_has_all_its_steps() -> None:
    assert [shlex.split(each)[1] for each in COMMANDS] == [
        *("recording", "backtest", "backtest", "backtest", "sweep", "backtest"),
    ]


@pytest.mark.parametrize("place", [0, 2, 3, 5])
def test_a_command_of_the_walk_does_what_it_says(place: int, tmp_path: Path) -> None:
    done = in_process(*below(tmp_path, COMMANDS[place]))
    assert done.returncode == 0, done.stderr


def test_the_sweep_of_the_walk_judges_the_best_on_the_other_minute(tmp_path: Path) -> None:
    done = in_process(*below(tmp_path, COMMANDS[4]), "--json")
    assert done.returncode == 0, done.stderr
    told = msgspec.json.decode(done.stdout)
    assert (told["cells"], told["failed"]) == (20, {})
    assert told["rank_correlation"] == pytest.approx(0.8, abs=0.1)
    [best] = [each for each in told["candidates"] if each["rank"] == 1]
    chosen = set(shlex.split(" ".join(best["settings"])))
    assert chosen <= set(shlex.split(COMMANDS[5])), "the choice is another one"
    names = sorted(file.name for file in (tmp_path / "spreads").iterdir())
    assert names == ["cells", "sweep.html", "sweep.json"]
    assert len(list((tmp_path / "spreads" / "cells").iterdir())) == 20
