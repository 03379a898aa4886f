"""`engine plan`: orders that would be, against a paper market, a recording and a running engine."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio
from rich.console import Console
from trio.testing import MockClock

from engine.cli.app import main
from engine.control.planning import plan, without_snapshot, would_quote
from engine.control.protocol import Ask, Is, Request
from engine.environment.simulated_venue import simulated_exchange
from engine.environment.venue_connection import simulated_rules
from engine.process.exit_codes import ExitCode
from engine.views.exchange_snapshot import snapshot_of_exchange
from engine.views.plan_view import plan_view
from engine.views.snapshot import Snapshot, read_snapshot
from tests.engine.engine_process import site
from tests.support.moody import WITH_MOODY
from tests.support.whole_engine import DOGE, paper_settings, simulated_world, start_rig
from trading.core.identifiers import Pair

PAPER = "config/paper.toml"
Json = dict[str, Any]

# Binance's prices of n ticks become prices of n ticks of the pair that is traded.
RECORDING = [
    b"%d %s" % (second * 10**9, json.dumps(book).encode())
    for second, book in (
        (10, {"lastUpdateId": 1, "bids": [["100.00", "1"]], "asks": [["100.02", "1"]]}),
        (13, {"lastUpdateId": 2, "bids": [["90.00", "1"]], "asks": [["90.02", "1"]]}),
        (30, {"lastUpdateId": 3, "bids": [["80.00", "1"]], "asks": [["80.02", "1"]]}),
    )
]


def a_snapshot() -> Snapshot:
    settings = paper_settings()

    async def make() -> Snapshot:  # noqa: ASYNC124  # the simulated world's clock is trio's
        world = simulated_world(1)
        exchange = simulated_exchange(settings.simulator, settings.recording_pair, world)
        return snapshot_of_exchange(exchange, simulated_rules()["DOGEUSDT"])

    return trio.run(make)


def planned(*overrides: str, snapshot: Snapshot | None = None) -> Json:
    settings = paper_settings(*overrides)
    return plan(DOGE, settings.strategies[DOGE], snapshot or a_snapshot(), {})


def run_plan(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Json]:
    code = main(["plan", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def codes(found: Json) -> list[str]:
    return [gate["code"] for gate in found["gates"]]


def test_every_order_has_level_spread_price_and_worth() -> None:
    found = planned()
    assert found["would_quote"] == {"buy": True, "sell": True}
    assert [(o["side"], o["level"], o["quantity"]) for o in found["orders"]] == [
        ("buy", 0, "40"),
        ("buy", 1, "50"),
        ("sell", 0, "40"),
        ("sell", 1, "50"),
    ]
    first = found["orders"][0]
    mid, price = float(found["book"]["mid"]), float(first["price"])
    assert float(first["distance"]) == pytest.approx(mid - price)
    assert float(first["spread"]) == pytest.approx((mid - price) / mid, abs=1e-6)
    assert float(first["notional"]) == pytest.approx(price * 40)
    used = {each["currency"]: float(each["used"]) for each in found["budget"]}
    assert used["DOGE"] == 90
    assert used["USDT"] == pytest.approx(sum(float(o["notional"]) for o in found["orders"][:2]))


def test_a_closed_gate_is_named_with_its_figures() -> None:
    found = planned("strategies.doge.price_ceiling=0.05")
    assert found["would_quote"] == {"buy": False, "sell": True}
    [gate] = found["gates"]
    assert (gate["code"], gate["side"], gate["inputs"]["ceiling"]) == (
        "price_ceiling",
        "buy",
        "0.05",
    )


def test_an_order_that_limits_would_refuse_does_not_count_as_quoted() -> None:
    found = planned("strategies.doge.limits.max_base_holding=20085")
    assert found["would_quote"] == {"buy": True, "sell": True}
    clashes = [[clash["code"] for clash in order["clashes"]] for order in found["orders"]]
    assert clashes == [[], ["base_holding_high"], [], []]
    assert not would_quote({"doge": planned("strategies.doge.limits.max_order_notional=1")})


def test_a_strategy_that_has_to_watch_first_says_so() -> None:
    # The paper file's keys of the other kind are not known to this one: all are replaced.
    found = planned(
        "strategies.doge={kind='avellaneda_stoikov', pair='DOGEUSDT', order_amount=40,"
        " order_refresh_time=15, risk_factor=100}"
    )
    assert found["orders"] == []
    assert "volatility_not_ready" in codes(found)


def test_in_compat_mode_it_waits_for_the_ticks_that_the_original_needs() -> None:
    assert planned("strategies.doge.compat=hummingbot")["would_quote"] == {
        "buy": True,
        "sell": True,
    }


def test_without_a_book_nothing_would_be_quoted() -> None:
    found = planned(snapshot=msgspec.structs.replace(a_snapshot(), top=None))
    assert codes(found) == ["view_incomplete"]
    assert not would_quote({"doge": found})


def test_a_strategy_that_raises_is_a_gate() -> None:
    settings = paper_settings(
        "strategies.doge={kind='moody', pair='DOGEUSDT', order_amount=40, order_refresh_time=15,"
        " mood='raises', worst_after=1e-18}",
        kinds=WITH_MOODY,
    )
    # So soon after it begins that no time has passed, as far as its clock can tell.
    found = plan(DOGE, settings.strategies[DOGE], a_snapshot(), {})
    assert codes(found) == ["strategy_raises"]
    assert "ZeroDivisionError: a strategy of somebody else's" in found["gates"][0]["sentence"]
    assert not would_quote({"doge": found})


def test_a_pair_that_nobody_looks_at_is_said() -> None:
    settings = paper_settings().strategies[DOGE]
    found = without_snapshot(settings, "the running engine 'other' does not show DOGEUSDT")
    console = Console(file=io.StringIO(), width=200)
    console.print(plan_view({"against": "the running engine 'other'", "strategies": {"d": found}}))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "would quote NOTHING; no book" in text
    assert "does not show DOGEUSDT" in text
    assert not would_quote({"d": found})


def test_a_snapshot_goes_through_a_door_unchanged() -> None:
    snapshot = a_snapshot()
    assert read_snapshot(json.loads(json.dumps(snapshot.as_json()))) == snapshot


async def test_a_running_engine_hands_out_what_it_sees_without_its_own_orders(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    await rig.until(rig.quoting, 10)
    await trio.sleep(1)
    before = await rig.open_orders()
    async with rig.conversation() as spoken:
        reply = await spoken.ask(Request(ask=Ask.VIEWS))
        assert reply.kind is Is.VIEWS
        [snapshot] = [read_snapshot(each) for each in reply.content["views"]]
        assert snapshot.pair == Pair("DOGEUSDT")
        assert snapshot.hindrances == ()
        assert all(balance.reserved == 0 for balance in snapshot.balances.values())
        found = planned('strategies.doge.bid_spread="0.5 %"', snapshot=snapshot)
        assert found["would_quote"] == {"buy": True, "sell": True}
        assert float(found["orders"][0]["spread"]) == pytest.approx(0.005, abs=2e-4)
        await spoken.ask(Request(ask=Ask.KILL, reason="enough"))
        await spoken.next()
        reply = await spoken.ask(Request(ask=Ask.VIEWS))
        [halted] = [read_snapshot(each) for each in reply.content["views"]]
    assert before
    found = planned(snapshot=halted)
    assert found["would_quote"] == {"buy": False, "sell": False}
    assert [gate["sentence"] for gate in found["gates"]] == ["halted: enough"]
    nursery.cancel_scope.cancel()


def test_its_user_sees_a_table_and_the_exit_code_says_whether_it_quotes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["plan", PAPER, "--against", "paper"]) == ExitCode.OK
    text = capsys.readouterr().out
    assert "against paper" in text
    assert "doge (DOGEUSDT, pure_market_making): would quote both sides" in text
    assert "nothing was sent" in text
    ceiling = ("--set", "strategies.doge.price_ceiling=0.05")
    assert main(["plan", PAPER, "--against", "paper", *ceiling]) == ExitCode.FAILURE
    assert "would sell only" in capsys.readouterr().out
    assert main(["plan", PAPER, "--set", "strategies.doge.order_amount=1"]) == 78
    assert main(["plan", PAPER, "--against", "running", "--at", "1"]) == ExitCode.USAGE


def test_where_no_engine_runs_it_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert main(["plan", PAPER, "--against", "running"]) == ExitCode.VENUE_UNAVAILABLE
    assert "start it, or use --against paper" in capsys.readouterr().err


def test_a_recordings_book_is_looked_at_when_asked_to(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "market.gz"
    file.write_bytes(gzip.compress(b"\n".join(RECORDING)))
    named = ("--against", "recording", "--set", f"simulator.recording={file}")
    code, start = run_plan(capsys, PAPER, *named)
    assert start["against"] == f"the recording {file}"
    assert start["strategies"]["doge"]["book"]["bid"] == "0.1"
    code, later = run_plan(capsys, PAPER, *named, "--at", "5")
    assert later["strategies"]["doge"]["book"]["bid"] == "0.09"
    assert code in {ExitCode.OK, ExitCode.FAILURE}
    file.write_bytes(gzip.compress(b"nonsense"))
    assert main(["plan", PAPER, *named]) == ExitCode.CONFIGURATION
    assert "bad recording" in capsys.readouterr().err


def test_a_running_process_is_asked_and_sends_nothing() -> None:
    with site() as place, place.running() as engine:
        engine.wait_for("order_open")
        found = place.command("plan", "--set", 'strategies.doge.bid_spread="0.4 %"', "--json")
        told = json.loads(found.stdout)
        assert told["against"] == "the running engine 'paper'"
        assert found.returncode == ExitCode.OK, found.stdout
        assert len(told["strategies"]["doge"]["orders"]) == 4
