"""`engine backtest --fork`: on from a live session's moment, which also checks the simulator."""

from pathlib import Path

import msgspec
import pytest

from tests.engine.in_process import ROOT, in_process
from tests.support.traded_session import SETTINGS, traded_session

PAPER = str(ROOT / "config" / "paper.toml")
LATENCY = "constant:10ms,10ms"


def the_live_configuration(folder: Path) -> str:
    """As the session had it, so that there is nothing to set."""
    text = Path(PAPER).read_text()
    for setting in SETTINGS:
        key, _, value = setting.partition("=")
        name = key.rpartition(".")[2]
        lines = [
            f"{name} = {value}" if each.startswith(f"{name} ") else each
            for each in text.splitlines()
        ]
        text = "\n".join(lines)
    file = folder / "live.toml"
    file.write_text(text)
    return str(file)


def a_fork(at: str, *arguments: str, config: str = PAPER) -> tuple[int, str, str]:
    fork = f"{traded_session()}@{at}"
    done = in_process("backtest", config, "--fork", fork, "--latency", LATENCY, *arguments)
    return done.returncode, done.stdout, done.stderr


def test_without_changes_a_fork_has_the_live_fills(tmp_path: Path) -> None:
    code, out, err = a_fork("+15", "--json", config=the_live_configuration(tmp_path))
    assert code == 0, err
    [beside] = msgspec.json.decode(out)["beside_live"]
    assert beside["live_fills"] > 3
    assert beside["reproduced"] == beside["live_fills"] == beside["made_fills"]
    assert beside["first"] is None
    assert beside["orders_alike"] > 10


def test_the_same_fork_twice_gives_the_same_result(tmp_path: Path) -> None:
    for name in ("one", "other"):
        assert a_fork("+15", "--out", str(tmp_path / name))[0] == 0
    one, other = ((tmp_path / name / "result.json").read_bytes() for name in ("one", "other"))
    assert one == other


def test_with_other_settings_it_is_said_that_they_are_others() -> None:
    code, out, _ = a_fork("+15", "--set", 'strategies.doge.bid_spread="0.3 %"')
    assert code == 0
    assert "beside the live session" in out
    assert "the settings are others" in out


def test_a_fork_tells_the_time_that_it_ran_over() -> None:
    code, out, _ = a_fork("+15")
    first = out.splitlines()[0]
    assert (code, ", 45.5 s of the market of session" in first) == (0, True), first


@pytest.mark.parametrize(
    ("at", "arguments", "code", "words"),
    [
        ("+15", ("--path", "wire"), 2, "path direct: an engine on the wire starts anew"),
        ("noon", (), 2, "is no moment"),
        ("+0", (), 2, "no strategy had looked by then; the session began at 2023-11-14 22:"),
        ("+500", (), 2, "nothing is left of this market after"),
    ],
)
def test_what_cannot_be_forked_is_refused(
    at: str, arguments: tuple[str, ...], code: int, words: str
) -> None:
    came, _, err = a_fork(at, *arguments)
    assert (came, words in err) == (code, True), err


def test_a_fork_names_a_session_and_a_moment() -> None:
    done = in_process("backtest", PAPER, "--fork", str(traded_session()))
    assert (done.returncode, "SESSION@+300" in done.stderr) == (2, True)
    done = in_process("backtest", PAPER)
    assert (done.returncode, "name a dataset" in done.stderr) == (2, True)
