"""`engine backtest`: a configuration on a recorded market, by either path."""

from pathlib import Path

import msgspec
import pytest

from tests.engine.in_process import ROOT, in_process
from tests.support.traded_session import traded_session
from trading.research.result import RunKind, decode_result

SAMPLE = str(ROOT / "docs" / "samples" / "doge-usdt")
PAPER = str(ROOT / "config" / "paper.toml")
BUSY = "strategies.doge.order_refresh_time=5"
SMALL = (
    "--set",
    "strategies.doge.order_amount=1",
    "--set",
    "strategies.doge.order_level_amount=1",
    "--set",
    "strategies.doge.limits.max_order_notional=500000",
)
ENDS = ("--to", "+20")


def a_backtest(*arguments: str, of: str = SAMPLE) -> tuple[int, str, str]:
    done = in_process("backtest", PAPER, "--data", of, "--set", BUSY, *arguments)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("path", ["wire", "direct"])
def test_the_same_command_twice_gives_the_same_files(path: str, tmp_path: Path) -> None:
    for name in ("one", "other"):
        folder = str(tmp_path / name)
        assert a_backtest("--path", path, "--out", folder, *ENDS)[0] == 0
    one, other = (sorted((tmp_path / name).iterdir()) for name in ("one", "other"))
    ledger = ["ledger.sqlite"] if path == "wire" else []
    assert [file.name for file in one] == [*ledger, "report.html", "result.json"]
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in other]


def test_a_result_says_under_which_circumstances_it_came(tmp_path: Path) -> None:
    a_backtest(
        "--path", "direct", "--queue", "l3", "--fees", "0.01 %,0.2 %", "--out", str(tmp_path)
    )
    result = decode_result((tmp_path / "result.json").read_bytes())
    assert result.head.kind is RunKind.BACKTEST
    assert result.head.models == {
        "path": "direct",
        "queue": "l3",
        "through": "quantity",
        "latency": "constant:50ms,50ms",
        "maker fee": "0.0001",
        "taker fee": "0.002",
    }
    [run] = result.runs
    assert run.queue == "exact"
    assert run.fills
    assert all(order.queue_ahead is not None for order in run.orders)


def test_the_summary_tells_what_was_made_and_of_what(tmp_path: Path) -> None:
    code, out, _ = a_backtest(*ENDS)
    assert code == 0
    for words in ("net", "captured", "inventory", "fees", "fills", "quoting both sides", "gaps of"):
        assert words in out
    assert "models: latency constant:50ms,50ms" in out
    assert "times life" in out


@pytest.mark.parametrize("path", ["wire", "direct"])
def test_several_pairs_are_traded_on_one_clock(path: str, tmp_path: Path) -> None:
    # The sample as if it were of another pair: its ticks and lots are that pair's.
    other = tmp_path / "btc"
    other.mkdir()
    meta = msgspec.json.decode((Path(SAMPLE) / "meta.json").read_bytes())
    meta |= {"pair": "BTCUSDT", "tick": "0.01", "lot": "0.00001"}
    (other / "meta.json").write_bytes(msgspec.json.encode(meta))
    for part in Path(SAMPLE).glob("*.zst"):
        (other / part.name).write_bytes(part.read_bytes())
    btc = (
        'kind="pure_market_making", pair="BTC-USDT", order_amount=0.01, bid_spread="0.05 %",'
        ' ask_spread="0.05 %", order_refresh_time=5, limits={max_order_notional=100,'
        " min_base_holding=0, max_base_holding=5, min_quote_holding=0, max_daily_loss=100,"
        " max_drawdown=100}"
    )
    code, out, err = a_backtest(
        *("--data", str(other), "--path", path, "--json", *ENDS),
        *("--set", f"strategies.btc={{{btc}}}"),
        *("--set", "simulator.balances={DOGE=20000, BTC=1, USDT=100000}"),
    )
    assert code == 0, err
    runs = {run["strategy"]: run for run in msgspec.json.decode(out)["runs"]}
    assert {name: run["pair"] for name, run in runs.items()} == {
        "doge": "DOGEUSDT",
        "btc": "BTCUSDT",
    }
    assert all(run["orders"]["groups"]["all"]["orders"] > 0 for run in runs.values())


def test_a_backtest_alone_is_held_against_no_live_settings() -> None:
    code, out, _ = a_backtest("--path", "direct", *ENDS)
    assert (code, "the settings are others" in out) == (0, False)


@pytest.mark.parametrize("latency", ["feed:2", "measured"])
def test_both_paths_take_orders_as_late_as_a_model_says(latency: str) -> None:
    if latency == "measured":
        latency = f"measured:{traded_session()}"
    made = {}
    for path in ("wire", "direct"):
        code, out, err = a_backtest("--path", path, "--latency", latency, "--json", "--to", "+60")
        assert code == 0, err
        told = msgspec.json.decode(out)
        assert told["head"]["models"]["latency"] == latency
        [made[path]] = told["runs"]
    # The engine on the wire begins to quote some round trips later.
    assert abs(made["wire"]["fills"] - made["direct"]["fills"]) <= 1
    assert made["direct"]["fills"] > 0


def test_numbers_can_be_had_as_json() -> None:
    code, out, _ = a_backtest("--path", "direct", "--json", *ENDS)
    told = msgspec.json.decode(out)
    assert code == 0
    assert told["head"]["seed"] == 1
    assert set(told["runs"][0]) >= {"identity", "uptime", "fills", "inventory"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--from", "+500"), 2, "nothing happens in this span"),
        (("--from", "+20", "--to", "+10"), 2, "doge-usdt: the span ends before it begins"),
        (("--from", "noon"), 2, "'noon' is no moment"),
        (("--latency", "none"), 2, "is no latency"),
        (("--latency", "measured:/nowhere"), 66, "is not there"),
        (("--latency", "measured:/nowhere", "--path", "direct"), 66, "is not there"),
        (("--queue", "best"), 78, "is no queue model"),
        (("--fees", "1"), 2, "two of them"),
        (("--set", "strategies.doge.pair=BTC-USDT", *SMALL), 2, "the strategies trade BTCUSDT"),
        (("--set", "simulator.nothing=1"), 78, "is not a known key"),
    ],
)
def test_what_does_not_go_together_is_refused(
    arguments: tuple[str, ...], code: int, words: str
) -> None:
    came, _, err = a_backtest(*arguments)
    assert (came, words in err) == (code, True), err


def test_a_pair_with_another_tick_is_refused_with_the_table_that_would_fit() -> None:
    table = (
        'base="DOGE"', 'quote="USDT"', "tick_size=0.0001", "base_decimal_places=0", "min_base=4",
        "max_base=500000", "min_quote=1", "max_quote=1000000", "start_price=0.1",
    )  # fmt: skip
    listed = f"simulator.pairs.DOGEUSDT={{{', '.join(table)}}}"
    code, _, err = a_backtest("--set", listed)
    assert code == 78
    assert "has a tick of 0.00001, and DOGEUSDT is listed with 0.0001" in err
    assert "[simulator.pairs.DOGEUSDT] with tick_size = 0.00001" in err


def test_a_dataset_without_books_cannot_be_traded_on(tmp_path: Path) -> None:
    meta = msgspec.json.decode((Path(SAMPLE) / "meta.json").read_bytes())
    (tmp_path / "meta.json").write_bytes(msgspec.json.encode({**meta, "counts": {"TRADE": 5}}))
    code, _, err = a_backtest(of=str(tmp_path))
    assert (code, "lacks books or trades (it has TRADE)" in err) == (66, True)


@pytest.mark.parametrize("at", [10**30, -1])
def test_a_dataset_of_a_time_that_never_is_is_told(at: int, tmp_path: Path) -> None:
    meta = msgspec.json.decode((Path(SAMPLE) / "meta.json").read_bytes())
    meta["parts"][0]["last_ns"] = at
    (tmp_path / "meta.json").write_bytes(msgspec.json.encode(meta))
    code, _, err = a_backtest(of=str(tmp_path))
    assert (code, f"{at} is no time" in err) == (66, True), err


def test_a_damaged_dataset_is_told(tmp_path: Path) -> None:
    for file in Path(SAMPLE).iterdir():
        data = file.read_bytes()
        cut = data[: len(data) // 2] if file.suffix == ".zst" else data
        (tmp_path / file.name).write_bytes(cut)
    code, _, err = a_backtest(of=str(tmp_path))
    assert (code, "is not what was written" in err) == (66, True)


def test_the_simulated_exchange_replays_a_dataset_too(tmp_path: Path) -> None:
    replayed = (
        "simulator.flow=recording",
        f"simulator.recording={msgspec.json.encode(SAMPLE).decode()}",
    )
    sets = [word for each in replayed for word in ("--set", each)]
    done = in_process(
        "simulate", "--config", PAPER, "--faults", "none", "--hours", "0.01", "--json", *sets
    )
    assert done.returncode == 0, done.stderr
    assert msgspec.json.decode(done.stdout)["orders"] > 0
