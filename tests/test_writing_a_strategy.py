"""The package that docs/writing-a-strategy.md shows is installed, tested and run as it stands."""

import json
import os
import re
import shlex
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs
import pytest

from config.load.loading import load
from config.source.problems import ConfigurationProblems
from config.strategies.kinds import StrategyKinds, built_in, with_entry_points
from engine.process.exit_codes import ExitCode
from tests.config.memory_files import MemoryFiles
from tests.engine.engine_process import EngineProcess
from tests.support.example_package import example_files, install, installed

ROOT = Path(__file__).parents[1]
CLASH = "[engine.strategies]\npure_market_making = acme_quotes.settings:JoinTheBestSettings\n"


@attrs.frozen
class Place:
    """A folder in which the example is installed."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        ours = {"PYTHONPATH": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
        return {**os.environ, **ours}

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # our own program
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def engine(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "engine", *arguments)

    def run_until(self, event: str, *arguments: str) -> tuple[str, dict[str, Any]]:
        """Run the engine until something has happened; the line that says so, and the summary."""
        with self.running(*arguments) as engine:
            line = engine.wait_for(event)
            return line, engine.stop()["strategies"]["doge"]

    @contextmanager
    def running(self, *arguments: str) -> Iterator[EngineProcess]:
        """The engine, until it ends or the context does."""
        with subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-m", "engine", "run", "acme.toml", "--json", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield EngineProcess(process)
            finally:
                process.kill()


@pytest.fixture
def place() -> Iterator[Place]:
    # A short name: a socket's path is at most some hundred bytes long.
    with tempfile.TemporaryDirectory(prefix="qw") as name:
        install(Path(name))
        yield Place(Path(name))


def test_the_example_is_whole() -> None:
    assert set(example_files()) == {
        "pyproject.toml",
        "acme_quotes/__init__.py",
        "acme_quotes/settings.py",
        "acme_quotes/strategy.py",
        "test_strategy.py",
        "acme.toml",
    }


def test_its_own_test_passes(place: Place) -> None:
    ended = place.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_strategy.py")
    assert ended.returncode == 0, ended.stdout
    assert "4 passed" in ended.stdout


def test_it_is_listed_with_its_parameters_and_where_it_comes_from(place: Place) -> None:
    listed = json.loads(place.engine("strategies", "join_the_best", "--json").stdout)
    [kind] = listed["strategies"]
    assert (kind["distribution"], kind["version"]) == ("acme-quotes", "1.0")
    assert not kind["built_in"]
    parameters = {each["key"]: each for each in kind["parameters"]}
    assert parameters["ticks_behind"] == {
        "key": "ticks_behind",
        "type": "whole number",
        "unit": "",
        "required": False,
        "default": "0",
        "range": "0 to 1000",
        "meaning": "How many ticks behind the best price of its side an order stands.",
    }
    assert parameters["spread_min"]["default"] == '"0.05 %"'


def test_it_makes_a_market_on_the_simulated_exchange(place: Place) -> None:
    line, summary = place.run_until("order_open")
    assert "strategy=doge" in line
    assert summary["orders_placed"] >= 2


def test_explain_has_an_engine_to_ask_as_the_guide_puts_it(place: Place) -> None:
    guide = (ROOT / "docs" / "writing-a-strategy.md").read_text(encoding="utf-8")
    while_it_runs = guide.partition("engine run acme.toml")[2].partition("While it runs")[2]
    [asked] = re.findall(r"engine (explain acme.toml)$", while_it_runs, re.MULTILINE)
    with place.running() as engine:
        engine.wait_for("order_open")
        told = place.engine(*asked.split())
        engine.stop()
    assert told.returncode == ExitCode.OK, told.stderr
    assert "doge (DOGEUSDT) buy: " in told.stdout
    assert place.engine(*asked.split()).returncode == ExitCode.VENUE_UNAVAILABLE


def complaints(place: Place, kinds: StrategyKinds, *changes: tuple[str, str]) -> str:
    text = (place.folder / "acme.toml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    files = MemoryFiles({"acme.toml": text.encode()})
    with pytest.raises(ConfigurationProblems) as caught:
        load("acme.toml", (), {}, files=files, kinds=kinds)
    return str(caught.value)


def test_its_settings_are_complained_about_like_any_others(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(place.folder))
    [distribution] = metadata.distributions(path=[str(place.folder)])
    kinds = with_entry_points(built_in(), distribution.entry_points)
    found = complaints(place, kinds, ("ticks_behind = 2", "ticks_behind = 2.5\ntick_behind = 3"))
    assert "acme.toml:16:1: strategies.doge.ticks_behind: 2.5 is not a whole number" in found
    assert "did you mean ticks_behind?" in found
    found = complaints(place, kinds, ('"0.01 %"', '"0 %"'))
    assert "17:1: strategies.doge.spread_min: is 0 %, although ticks_behind is given" in found


def test_its_limits_hold_against_it(place: Place) -> None:
    limit = "strategies.doge.limits.max_order_notional=1"
    line, summary = place.run_until("order_refused", "--set", limit)
    assert "notional_limit" in line
    assert summary["orders_placed"] == 0


def test_a_name_that_is_taken_and_a_package_that_is_broken_are_named(place: Place) -> None:
    installed(place.folder, "greedy-quotes", "0.3", CLASH)
    installed(place.folder, "sad-quotes", "2.0", "[engine.strategies]\nsad = sad_quotes:Settings\n")
    ended = place.engine("strategies")
    assert ended.returncode == ExitCode.FAILURE
    assert "acme-quotes 1.0" in ended.stdout
    assert "registered by quotewright 0.1.0 and by greedy-quotes 0.3" in ended.stderr
    assert "uninstall greedy-quotes" in ended.stderr
    assert '"sad" of sad-quotes 2.0 (sad_quotes:Settings) cannot be loaded' in ended.stderr
    assert "No module named 'sad_quotes'" in ended.stderr


def test_a_package_that_calls_for_the_end_of_the_process_is_named_and_ends_nothing(
    place: Place,
) -> None:
    installed(
        place.folder, "rash-quotes", "1.0", "[engine.strategies]\nrash = rash_quotes:Settings\n"
    )
    (place.folder / "rash_quotes.py").write_text("import sys\nsys.exit(0)\n")
    ended = place.engine("strategies")
    assert ended.returncode == ExitCode.FAILURE
    assert "acme-quotes 1.0" in ended.stdout
    assert "rash-quotes 1.0 (rash_quotes:Settings) cannot be loaded: SystemExit: 0" in ended.stderr
    ended = place.engine("run", "acme.toml", "--set", 'strategies.doge.kind="rash"')
    assert ended.returncode == ExitCode.CONFIGURATION
    assert "SystemExit: 0" in ended.stderr


def installing() -> list[str]:
    """The guide's lines that make an environment and install into it."""
    guide = (ROOT / "docs" / "writing-a-strategy.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\$ (.*(?:-m venv|pip install).*)$", guide, re.MULTILINE)
    assert lines
    return lines


def lend_packages(environment: Path) -> None:
    """Give a fresh environment what ours has, but for the engine: an index that answers at once."""
    [ours] = {Path(path) for path in site.getsitepackages() if path.endswith("site-packages")}
    [theirs] = environment.glob("lib/python*/site-packages")
    for each in ours.iterdir():
        if "quotewright" not in each.name and not (theirs / each.name).exists():
            (theirs / each.name).symlink_to(each)


def test_the_install_lines_of_the_guide_work_in_a_clean_environment(tmp_path: Path) -> None:
    package = tmp_path / "acme"
    (tmp_path / "quotewright").symlink_to(ROOT)
    for name, text in example_files().items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    # No index: whatever is not lent would have to be fetched, and the engine is nowhere to be had.
    # What is lent is of this Python, so `python3` has to be this one.
    ours_first = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    offline = {**os.environ, "PATH": ours_first, "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # the guide's own lines
            shlex.split(line),
            cwd=package,
            env=offline,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    for line in installing():
        done = run(line)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if "-m venv" in line:
            lend_packages(package / ".venv")
    shown = run(".venv/bin/engine strategies join_the_best")
    assert "ticks_behind" in shown.stdout, shown.stderr
