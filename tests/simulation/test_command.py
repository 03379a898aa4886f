"""`engine simulate` as its user meets it."""

import gc
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typing_extensions import override

from engine.cli.app import main
from engine.process.exit_codes import ExitCode
from engine.simulation.batch import CALM_MARKET, PAPER, Task, run_seeds
from engine.simulation.checks.orders import Legal
from engine.simulation.departures import Departure
from engine.simulation.outcome import Outcome

ROOT = Path(__file__).parents[2]

SHORT = ("--hours", "0.02")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["simulate", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_seed_prints_what_it_was_and_its_three_fingerprints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = said(capsys, "--seed", "3", "--faults", "none", *SHORT)
    assert code == 0
    assert out.startswith("seed 3: ")
    assert "simulated seconds per second" in out
    for word in ("events", "wire", "steps", "no violation", "faults     none"):
        assert word in out


def test_machines_read_the_same_run_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "--seed", "3", "--faults", "none", "--json", *SHORT)
    first = json.loads(out)
    _, out, _ = said(capsys, "--seed", "3", "--faults", "none", "--json", *SHORT)
    assert code == 0
    assert first["violation"] is None
    assert first["orders"] >= 4
    assert first["fingerprints"] == json.loads(out)["fingerprints"]


def test_several_seeds_are_added_up_and_name_what_was_never_hit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = said(capsys, "--seeds", "1..2", "--jobs", "1", "--faults", "none", *SHORT)
    assert code == 0
    assert out.startswith("2 seeds: ")
    assert "never hit" in out
    assert "violations 0" in out


def test_an_own_configuration_is_taken_whatever_venue_it_names(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = Path("config/paper.toml").read_text(encoding="utf-8")
    live = text.replace(
        'kind = "valr"',
        'kind = "valr"\nrest_url = "https://x.test"\nwebsocket_url = "wss://x.test"',
        1,
    )
    path = tmp_path / "live.toml"
    path.write_text(live, encoding="utf-8")
    calm = ("--set", "simulator.crowd.limit_orders_per_s=0.5")
    code, out, _ = said(capsys, "--config", str(path), "--faults", "none", *calm, *SHORT)
    assert (code, "no violation" in out) == (0, True)


def test_a_run_can_be_stopped_at_a_step_with_all_that_happened_written_down(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace.jsonl"
    code, out, _ = said(
        capsys, "--seed", "3", "--faults", "none", "--until", "900", "--trace", str(trace), *SHORT
    )
    assert code == 0
    lines = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
    assert any("wire" in line for line in lines)
    assert any(line.get("event") == "actor_started" for line in lines)
    assert [line["step"] for line in lines] == sorted(line["step"] for line in lines)
    assert " steps" in out


def test_what_is_violated_is_named_with_the_command_that_repeats_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def departed(self: Legal, departure: Departure) -> None:
        self.violated("I14", f"{departure.client_order_id} is not liked")

    monkeypatch.setattr(Legal, "departed", departed)
    code, out, _ = said(capsys, "--seed", "3", "--faults", "none", *SHORT)
    assert code == 1
    assert "VIOLATION  seed 3" in out
    assert "is not liked" in out
    assert "engine simulate --hours 0.02 --faults none --seed 3 --until " in out
    assert "order_placed" in out
    code, out, _ = said(capsys, "--seeds", "3..4", "--jobs", "1", "--faults", "none", *SHORT)
    assert code == 1
    assert "violations 2" in out
    code, out, _ = said(capsys, "--seed", "3", "--faults", "none", "--json", *SHORT)
    assert json.loads(out)["violation"]["invariant"] == "I14"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--seed", "1", "--seeds", "1..2"), "exclude each other"),
        (("--seeds", "1-2"), "of the form A..B"),
        (("--seeds", "5..2"), "is empty"),
        (("--seeds", "1..9999999"), "more than 1,000,000"),
        (("--seeds", "1..2", "--until", "5"), "go with one --seed"),
    ],
)
def test_a_command_that_makes_no_sense_says_why(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    code, _, err = said(capsys, *arguments)
    assert (code, words in err) == (2, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("x = [", "is not TOML"),
        ("episodes = 1", "'episodes' is not known"),
        ('[[episode]]\nfault = "N01"', "it needs at_s and fault"),
        ('[[episode]]\nat_s = 1\nfault = "X9"', "'X9' is not one of"),
        ('[[episode]]\nat_s = true\nfault = "N01"', "is not a number of seconds"),
        ("calms = [[5]]", "a list of two"),
        ("calms = [[5, 1e6]]", "is not within"),
    ],
)
def test_a_plan_that_is_not_understood_is_refused_with_its_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str | None, words: str
) -> None:
    plan = tmp_path / "plan.toml"
    if text is not None:
        plan.write_text(text, encoding="utf-8")
    code, _, err = said(capsys, "--faults", str(plan), *SHORT)
    assert code == 66
    assert words in err
    assert str(plan) in err


def test_a_plan_by_hand_is_carried_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'calms = [[40, 100]]\n[[episode]]\nat_s = 10\nfault = "N04"\n'
        '[[episode]]\nat_s = 20\nfault = "P01"\n',
        encoding="utf-8",
    )
    code, out, _ = said(capsys, "--faults", str(plan), "--hours", "0.03")
    assert code == 0
    assert "P01 1" in out
    assert "2 processes" in out


def test_a_wrong_configuration_is_reported_as_by_any_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, _, err = said(capsys, "--set", "strategies.doge.bid_spread=1")
    assert code == 78
    assert "bid_spread" in err


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_came_of_a_batch_is_told_though_somebody_breaks_it_off(jobs: str) -> None:
    arguments = ("--seeds", "1..200", "--jobs", jobs, "--faults", "none", "--json")
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "engine", "simulate", *arguments, "--hours", "0.005"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            assert "10 of 200 seeds are done" in process.stderr.readline()
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == ExitCode.FORCED
    assert json.loads(out)["seeds"] >= 10
    assert "broken off after" in err
    assert "Traceback" not in err


def test_a_seed_that_is_broken_off_says_nothing_else() -> None:
    with subprocess.Popen(  # our own program
        [sys.executable, "-m", "engine", "simulate", "--hours", "20", "--trace", "/dev/stderr"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            assert process.stderr.readline()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == ExitCode.FORCED
    assert out == ""
    assert err.endswith("engine simulate: broken off\n")


class Aborting(Task):
    """A process of the pool that dies with its third seed."""

    @override
    def run(self, seed: int, **_: object) -> Outcome:
        if seed == 3:
            os.abort()
        return super().run(seed)


def test_a_process_of_the_pool_that_dies_takes_no_others_results_with_it() -> None:
    task = Aborting(config=PAPER, overrides=(), own_configuration=False, faults="none", length_s=5)
    found = [outcome.seed for outcome in run_seeds(task, [1, 2, 3, 4], jobs=2)]
    assert set(found) <= {1, 2, 4}


def test_a_seed_that_has_been_run_leaves_nothing_to_those_that_follow() -> None:
    task = Task(
        config=PAPER,
        overrides=CALM_MARKET,
        own_configuration=False,
        faults="none",
        length_s=10,
    )
    task.run(1)
    kept = []
    for seed in (2, 3):
        task.run(seed)
        kept.append(len(gc.get_objects()))
    assert kept[1] - kept[0] < 500
