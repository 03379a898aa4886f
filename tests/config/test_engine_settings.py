"""What commands that only read need of a configuration."""

from pathlib import Path

import pytest

from config.load.reading import load_engine
from config.source.problems import ConfigurationProblems
from tests.config.loaded import LIVE, PAPER
from tests.config.memory_files import MemoryFiles


def files_of(text: str) -> MemoryFiles:
    return MemoryFiles({"engine.toml": text.encode()})


def test_only_the_engines_own_table_is_read_and_no_key_is_needed() -> None:
    broken_elsewhere = LIVE.replace('bid_spread = "0.1 %"', "bid_spread = -100.0")
    engine = load_engine(
        "engine.toml", ["engine.state_directory=elsewhere"], files=files_of(broken_elsewhere)
    )
    assert (engine.name, engine.state_directory) == ("paper", str(Path.cwd() / "elsewhere"))


def test_state_is_kept_in_a_folder_of_that_name_unless_it_is_said_otherwise() -> None:
    engine = load_engine("engine.toml", [], files=files_of(PAPER))
    assert engine.state_directory == str(Path.cwd() / "state")


def test_what_is_wrong_there_is_named() -> None:
    with pytest.raises(ConfigurationProblems, match="name"):
        load_engine("engine.toml", ["engine.name=../../etc"], files=files_of(PAPER))
