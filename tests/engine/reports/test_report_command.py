"""`engine report`, of a ledger, a recording of a session and a backtest."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.cli.app import main
from engine.datasets.reading import open_dataset
from engine.process.exit_codes import ExitCode
from engine.storage.ledger_database import LedgerDatabase, open_to_write
from tests.support.builders import a_balance, a_fill, an_order
from tests.support.journals import NOW, VENUE, written
from tests.support.ledger_files import CONFIG, DAY_NS, begin, end, ledger_of, where
from tests.support.runs import D, a_result, a_run, a_run_fill
from trading.core.market import Side
from trading.journal.entries import (
    BalanceRecorded,
    FillBooked,
    LedgerEntry,
    OrderRecorded,
    OrdersIntended,
)
from trading.journal.tables import PAIRS
from trading.journal.writer import JournalWriter
from trading.orders.order import Order, OrderEvent
from trading.research.result import Result, encode_result

TRADED_MS = (NOW.wall_ns + DAY_NS) // 1_000_000 + 20_000
DAY_S = 86_400.0


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory whose second session bought 40 at 0.05, and asked for a cancel first."""
    database = open_to_write(ledger_of(tmp_path))
    begin(database, 1)
    at = NOW.monotonic_s + DAY_S
    order = an_order(1, created_at=at, changed_at=at)
    asked = order.after(OrderEvent.RESTING, at + 1).after(OrderEvent.CANCEL_SENT, at + 19)
    entries: list[LedgerEntry] = [
        BalanceRecorded(a_balance("DOGE", "1000", 5), at),
        BalanceRecorded(a_balance("USDT", "500", 5), at),
        OrdersIntended((order,), at, D("0.0501")),
        OrderRecorded(order.after(OrderEvent.RESTING, at + 1), at + 1),
        OrderRecorded(asked, at + 19),
        OrderRecorded(asked.filled_to(Decimal(40), at + 20), at + 20),
        FillBooked(a_fill(1, traded_at_ms=TRADED_MS), at + 20),
        OrdersIntended((_second(at + 40),), at + 40, D("0.0503")),
    ]
    commit(database, entries)
    database.commit([PAIRS.insert("DOGEUSDT", "DOGE", "USDT")])
    end(database, 1)
    database.close()
    return tmp_path


def _second(at: float) -> Order:
    return an_order(2, side=Side.SELL, price=D("0.0504"), created_at=at, changed_at=at)


def commit(database: LedgerDatabase, entries: list[LedgerEntry]) -> None:
    database.commit(written(JournalWriter(1, VENUE, 0), entries))


def numbers(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["report", *words, "--json"]) == ExitCode.OK
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_sessions_numbers_are_those_of_its_ledger(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = numbers(capsys, CONFIG, *where(state))
    [run] = found["runs"]
    assert run["fills"] == 1
    # 40 bought at 0.05 and worth 0.0503; 1000 held from 0.0501 to 0.0503
    assert run["change"]["traded"] == "0.012"
    assert run["change"]["held"] == "0.2"
    assert run["orders"]["cancels"]["lost_race"] == 1
    assert run["orders"]["groups"]["all"]["whole"] == 1
    assert run["captured"]["both"] == {"not_stated": "the mid price is known at decisions alone"}


def test_a_page_is_written_where_it_is_asked_for(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert main(["report", CONFIG, *where(state), "--out", str(page)]) == ExitCode.OK
    assert capsys.readouterr().out == f"{page}\n"
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_a_state_directory_and_a_sessions_recording_lead_to_the_same_session(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = state / "paper" / "recordings" / "1"
    recording.mkdir(parents=True)
    (recording / "head.json").write_text('{"code": "c0de", "seed": 7, "python": "3.13"}')
    found = numbers(capsys, str(recording))
    assert found == numbers(capsys, str(state / "paper"))
    assert (found["head"]["code"], found["head"]["seed"]) == ("c0de", 7)


def test_a_backtest_is_reported_beside_its_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = a_result(a_run(a_run_fill(1, Side.BUY, "0.05", "40")))
    (tmp_path / "result.json").write_bytes(encode_result(result))
    assert main(["report", str(tmp_path)]) == ExitCode.OK
    assert capsys.readouterr().out == f"{tmp_path / 'report.html'}\n"
    assert (tmp_path / "report.html").is_file()


SAMPLE = "docs/samples/doge-usdt"


def in_the_sample(result: Result) -> Result:
    """A result in the time of the shipped dataset."""
    meta = open_dataset(Path(SAMPLE)).meta
    assert meta.first_ns is not None
    assert meta.last_ns is not None
    shifted = [
        msgspec.structs.replace(run, from_ns=meta.first_ns, to_ns=meta.last_ns)
        for run in result.runs
    ]
    return msgspec.structs.replace(result, runs=tuple(shifted))


def test_a_datasets_market_is_the_one_that_is_judged_by(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = in_the_sample(a_result(a_run()))
    (tmp_path / "result.json").write_bytes(encode_result(result))
    found = numbers(capsys, str(tmp_path), "--data", SAMPLE)
    assert found["head"]["data"] == SAMPLE
    [run] = found["runs"]
    assert run["coverage"]["share"] > 0.99
    assert run["drawdown"]["depth"] == "0"


def test_a_backtests_own_dataset_is_read_where_it_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = in_the_sample(a_result(a_run(), data=SAMPLE))
    (tmp_path / "result.json").write_bytes(encode_result(result))
    [run] = numbers(capsys, str(tmp_path))["runs"]
    assert run["coverage"]["share"] > 0.99


@pytest.mark.parametrize(("data", "told"), [("docs", "no dataset"), (SAMPLE, "knows no price")])
def test_a_dataset_that_is_none_or_of_another_time_is_refused(
    data: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "result.json").write_bytes(encode_result(a_result(a_run())))
    assert main(["report", str(tmp_path), "--data", data]) == ExitCode.NO_INPUT
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("nowhere",), ExitCode.NO_INPUT, "there is no nowhere"),
        (("nowhere.toml",), ExitCode.CONFIGURATION, "nowhere.toml"),
        ((CONFIG, "--set", "engine.state_directory=/nowhere"), ExitCode.NO_INPUT, "no ledger"),
        ((CONFIG, "--out", "pyproject.toml"), ExitCode.USAGE, "ends with .html"),
        (("docs",), ExitCode.NO_INPUT, "has no result.json"),
    ],
)
def test_what_cannot_be_reported_is_told_with_its_code(
    words: tuple[str, ...], code: ExitCode, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", *words]) == code
    assert told in capsys.readouterr().err


def test_a_session_that_is_not_there_is_told_with_those_that_are(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", CONFIG, *where(state), "--session", "9"]) == ExitCode.NO_INPUT
    assert "no session 9; its newest are 1" in capsys.readouterr().err


def test_a_result_that_is_damaged_is_told_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "result.json").write_text('{"head": {"kind": "dream"}}')
    assert main(["report", str(tmp_path)]) == ExitCode.NO_INPUT
    assert "is no result: Invalid enum value 'dream'" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_told(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "nowhere" / "page.html"
    assert main(["report", CONFIG, *where(state), "--out", str(page)]) == ExitCode.CANNOT_CREATE
    assert "No such file" in capsys.readouterr().err
