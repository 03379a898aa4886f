"""`engine score`: fill models against the real fills of a session."""

from pathlib import Path

import msgspec

from tests.engine.in_process import in_process
from tests.support.traded_session import traded_session


def test_below_thirty_fills_nothing_is_said_but_that() -> None:
    done = in_process("score", str(traded_session()))
    assert done.returncode == 0, done.stderr
    assert "orders that rested" in done.stdout
    assert "risk_averse, both: not enough:" in done.stdout
    assert "power: not enough:" in done.stdout
    assert "agreement" not in done.stdout


def test_scores_can_be_had_as_json() -> None:
    done = in_process("score", str(traded_session()), "--queue", "power:3", "--json")
    [pair] = msgspec.json.decode(done.stdout)["pairs"]
    assert (pair["strategy"], pair["pair"]) == ("doge", "DOGEUSDT")
    assert {score["model"] for score in pair["scores"]} == {"power:3"}
    assert pair["orders"] > 0


def test_a_model_that_does_not_go_with_the_session_is_refused() -> None:
    session = str(traded_session())
    for queue, words in (("best", "is no queue model"), ("l3", "l3 needs orders")):
        done = in_process("score", session, "--queue", queue)
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr


def test_a_session_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = in_process("score", str(tmp_path / "nothing"))
    assert (done.returncode, "is not there" in done.stderr) == (66, True)
    done = in_process("score", str(tmp_path))
    assert (done.returncode, "holds no recording" in done.stderr) == (66, True)
