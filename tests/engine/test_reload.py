"""`engine reload`: parameters and limits of a running engine change together or not at all."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.cli.app import main
from engine.control.client import Refused
from engine.control.protocol import Ask, Document, Is, Request
from engine.process.exit_codes import ExitCode
from tests.engine.engine_process import PAPER, site
from tests.support.whole_engine import DOGE, Rig, start_rig
from trading.core.identifiers import StrategyName
from trading.core.market import Side
from trading.orders.order import Order

CONFIG = str(Path(PAPER).absolute())
TEXT = Path(PAPER).read_text(encoding="utf-8")
FAR = (
    'strategies.doge.bid_spread="2 %"',
    'strategies.doge.ask_spread="2 %"',
    "strategies.doge.order_refresh_time=600",
)
Json = dict[str, Any]


async def reload(rig: Rig, *overrides: str, text: str = TEXT, dry_run: bool = False) -> Json:
    document = Document(name=CONFIG, text=text, overrides=overrides, dry_run=dry_run)
    async with rig.conversation() as spoken:
        reply = await spoken.ask(Request(ask=Ask.RELOAD, document=document))
    assert reply.kind is Is.RELOAD
    return reply.content


def orders(rig: Rig) -> tuple[Order, ...]:
    working = rig.system.wires.strategies[DOGE].working.read()
    assert working is not None
    return working.orders


def spreads(rig: Rig) -> set[int]:
    """How far the first orders are from the mid price, in whole percent."""
    top = rig.system.wires.strategies[DOGE].top.read()
    assert top is not None
    mid = top.mid_price
    return {round(abs(order.price / mid - 1) * 100) for order in orders(rig)}


async def quoting_far_away(nursery: trio.Nursery, *overrides: str) -> Rig:
    rig = await start_rig(nursery, *FAR, *overrides)
    await rig.until(lambda: rig.quoting() and len(orders(rig)) == 4, 10)
    await trio.sleep(1)
    return rig


async def test_parameters_change_between_two_decisions_and_orders_that_no_longer_fit_go(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await quoting_far_away(nursery)
    before = {order.client_order_id for order in orders(rig)}
    with capture_logs() as logs:
        told = await reload(
            rig, *FAR[2:], 'strategies.doge.bid_spread="4 %"', 'strategies.doge.ask_spread="4 %"'
        )
        assert told["applied"]
        assert told["problems"] == []
        assert told["changes"] == [
            {
                "key": f"strategies.doge.{side}_spread",
                "old": '"2 %"',
                "new": '"4 %"',
                "refused": None,
                "cure": None,
            }
            for side in ("bid", "ask")
        ]
        await rig.until(lambda: len(orders(rig)) == 4 and spreads(rig) == {4}, 3)
    assert before.isdisjoint({order.client_order_id for order in orders(rig)})
    [entry] = [entry for entry in logs if entry["event"] == "settings_reloaded"]
    assert 'strategies.doge.bid_spread: "2 %" -> "4 %"' in entry["changes"]
    assert rig.restarted() == []
    nursery.cancel_scope.cancel()


async def test_what_the_strategy_does_not_want_differently_keeps_its_orders(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    tolerance = 'strategies.doge.order_refresh_tolerance_pct="5 %"'
    rig = await quoting_far_away(nursery, tolerance)
    before = orders(rig)
    assert (await reload(rig, *FAR, tolerance, "strategies.doge.filled_order_delay=7"))["applied"]
    await trio.sleep(5)
    assert [o.client_order_id for o in orders(rig)] == [o.client_order_id for o in before]
    nursery.cancel_scope.cancel()


async def test_narrower_limits_withdraw_what_is_beyond_them(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    tolerance = 'strategies.doge.order_refresh_tolerance_pct="5 %"'
    rig = await quoting_far_away(nursery, tolerance)
    kept = {order.client_order_id for order in orders(rig) if order.quantity == 40}
    limit = "strategies.doge.limits.max_order_notional=4.3"
    with capture_logs() as logs:
        assert (await reload(rig, *FAR, tolerance, limit))["applied"]
        await trio.sleep(2)
    withdrawn = [entry for entry in logs if entry["event"] == "order_withdrawn"]
    assert len(withdrawn) == 2
    assert all("beyond the new limits: the order is worth" in e["reason"] for e in withdrawn)
    assert kept.isdisjoint({entry["order"] for entry in withdrawn})
    assert not [order for order in orders(rig) if order.quantity == 50]
    limits = rig.system.wires.strategies[DOGE].config.read()
    assert limits is not None
    assert limits.limits.max_order_notional == Decimal("4.3")
    nursery.cancel_scope.cancel()


async def test_a_dry_run_says_what_would_change_and_changes_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await quoting_far_away(nursery)
    before = rig.system.wires.strategies[DOGE].config.read()
    told = await reload(rig, *FAR[:2], "strategies.doge.order_refresh_time=20", dry_run=True)
    assert not told["applied"]
    assert [(c["key"], c["old"], c["new"]) for c in told["changes"]] == [
        ("strategies.doge.order_refresh_time", "600", "20")
    ]
    assert rig.system.wires.strategies[DOGE].config.read() is before
    again = await reload(rig, *FAR)
    assert again == {"applied": False, "begins_anew": False, "changes": [], "problems": []}
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ("engine.seed=2", "engine.seed"),
        ("engine.name=other", "engine.name"),
        ("log.level=debug", "log.level"),
        ("venue.reconciliation_s=30", "venue.reconciliation_s"),
        ("simulator.balances.DOGE=1", "simulator.balances.DOGE"),
        ("strategies.doge.pair=BTC-USDT", "strategies.doge.pair"),
        (
            "strategies.doge.custom_api_update_interval=2",
            "strategies.doge.custom_api_update_interval",
        ),
    ],
)
async def test_what_cannot_change_while_it_runs_is_named_and_keeps_everything_else_back(
    nursery: trio.Nursery, autojump_clock: MockClock, override: str, key: str
) -> None:
    amounts = (
        ()
        if "pair=" not in override
        else (
            "strategies.doge.order_amount=0.001",
            "strategies.doge.order_level_amount=0",
            "strategies.doge.limits.max_base_holding=1001",
        )
    )
    rig = await start_rig(nursery)
    before = rig.system.wires.strategies[DOGE].config.read()
    told = await reload(rig, override, *amounts, "strategies.doge.max_order_age=900")
    assert told["problems"] == []
    assert not told["applied"]
    refused = {change["key"]: change for change in told["changes"] if change["refused"]}
    assert list(refused) == [key]
    assert "start it again" in refused[key]["cure"]
    assert rig.system.wires.strategies[DOGE].config.read() is before
    nursery.cancel_scope.cancel()


async def test_another_kind_of_strategy_needs_a_restart(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    told = await reload(
        rig,
        "strategies.doge={kind='avellaneda_stoikov', pair='DOGEUSDT', order_amount=40,"
        " order_refresh_time=15, risk_factor=100}",
    )
    [change] = told["changes"]
    assert change["key"] == "strategies.doge.kind"
    assert change["refused"]
    nursery.cancel_scope.cancel()


async def test_a_broken_file_changes_nothing_and_says_where(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await quoting_far_away(nursery)
    before = orders(rig)
    told = await reload(rig, text=TEXT.replace("order_levels = 2", "order_levels = 0"))
    assert told["changes"] == []
    [problem] = told["problems"]
    assert "order_levels: 0 is not at least 1" in problem
    assert problem.startswith(f"{CONFIG}:")
    told = await reload(rig, "strategies.doge.order_amount=1")
    assert "below DOGEUSDT's minimum of 4 DOGE" in told["problems"][0]
    await trio.sleep(3)
    assert orders(rig) == before
    nursery.cancel_scope.cancel()


async def test_a_request_without_a_document_is_refused(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    async with rig.conversation() as spoken:
        with pytest.raises(Refused, match="needs a document"):
            await spoken.ask(Request(ask=Ask.RELOAD))
        await spoken.lines.send(b'{"ask": "reload", "document": {"name": 1}}')
        with pytest.raises(Refused, match="a document has a name"):
            await spoken.next()
    nursery.cancel_scope.cancel()


async def test_compat_mode_and_avellaneda_stoikov_go_on_with_what_they_know(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    avellaneda = (
        "strategies.doge={{kind='avellaneda_stoikov', pair='DOGEUSDT', order_amount=40,"
        " order_refresh_time=15, min_spread='1 %', estimator_minimum_samples=20,"
        " risk_factor={risk}, filled_order_delay=0}}"
    )
    rig = await start_rig(nursery, avellaneda.format(risk=100))
    await rig.until(rig.quoting, within_s=120)
    assert (await reload(rig, avellaneda.format(risk=200)))["applied"]
    await trio.sleep(3)
    decision = rig.system.wires.strategies[DOGE].decision.read()
    assert decision is not None
    assert not [gate for gate in decision.gates if "not_ready" in gate.code]
    nursery.cancel_scope.cancel()


async def test_in_compat_mode_the_next_tick_refreshes(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    compat = "strategies.doge.compat=hummingbot"
    rig = await quoting_far_away(nursery, compat)
    changed = ('strategies.doge.bid_spread="4 %"', 'strategies.doge.ask_spread="4 %"')
    assert (await reload(rig, compat, FAR[2], *changed))["applied"]
    await rig.until(lambda: len(orders(rig)) == 4 and spreads(rig) == {4}, 5)
    assert {order.side for order in orders(rig)} == set(Side)
    nursery.cancel_scope.cancel()


async def test_of_two_strategies_only_the_one_that_differs_is_touched(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    btc = (
        "strategies.btc={{kind='pure_market_making', pair='BTC-USDT', order_amount=0.001,"
        " bid_spread='{0} %', ask_spread='{0} %', order_refresh_time=600}}"
    )
    rig = await quoting_far_away(nursery, btc.format(2))
    other = rig.system.wires.strategies[StrategyName("btc")]
    before, config = orders(rig), rig.system.wires.strategies[DOGE].config.read()
    told = await reload(rig, *FAR, btc.format(3))
    assert told["applied"]
    await trio.sleep(3)
    assert [o.client_order_id for o in orders(rig)] == [o.client_order_id for o in before]
    assert rig.system.wires.strategies[DOGE].config.read() is config
    view = other.working.read()
    top = other.top.read()
    assert view is not None
    assert top is not None
    # There is no BTC to sell: one bid, in its new place.
    assert [round((1 - order.price / top.mid_price) * 100) for order in view.orders] == [3]
    nursery.cancel_scope.cancel()


def test_a_process_ignores_a_changed_file_until_another_tells_it_to_reload(tmp_path: Path) -> None:
    config = tmp_path / "paper.toml"
    config.write_text(TEXT)
    refresh = "strategies.doge.order_refresh_time=2"
    with site(str(config), refresh) as place, place.running() as engine:
        engine.wait_for("order_open")
        config.write_text(TEXT.replace("order_amount = 40 ", "order_amount = 60 "))
        seen = json.loads(place.command("status", "--json").stdout)
        assert {order["quantity"] for order in seen["strategies"]["doge"]["orders"]} <= {"40", "50"}
        told = place.process("reload", "--json")
        assert told.returncode == ExitCode.OK, told.stderr
        assert json.loads(told.stdout)["applied"]
        assert "order_amount: 40 -> 60" in engine.wait_for("settings_reloaded")
        while "quantity=60" not in engine.wait_for("order_open"):
            pass
        config.write_text(TEXT.replace("[log]", 'leftover_orders = "halt"\n[log]'))
        refused = place.command("reload")
        assert refused.returncode == ExitCode.FAILURE
        assert "engine.leftover_orders" in refused.stdout
        assert "nothing was changed" in refused.stdout


def test_where_no_engine_runs_it_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert main(["reload", PAPER]) == ExitCode.VENUE_UNAVAILABLE
    assert "no engine 'paper' runs" in capsys.readouterr().err
    long = tmp_path / "long.toml"
    long.write_text(TEXT + "#" * 70_000)
    assert main(["reload", str(long)]) == ExitCode.CONFIGURATION
    assert main(["reload", str(tmp_path / "none.toml")]) == ExitCode.CONFIGURATION
    assert "cannot be read" in capsys.readouterr().err


async def test_what_was_taken_over_outlives_a_restart_of_the_strategy_and_of_the_gateway(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await quoting_far_away(nursery)
    changed = ('strategies.doge.bid_spread="4 %"', 'strategies.doge.ask_spread="4 %"')
    assert (await reload(rig, FAR[2], *changed))["applied"]
    for actor in ("strategy doge", "order gateway"):
        await replaced_after_a_crash(rig, actor)
        assert spreads(rig) == {4}
    nursery.cancel_scope.cancel()


async def replaced_after_a_crash(rig: Rig, actor: str) -> None:
    before = {order.client_order_id for order in orders(rig)}
    rig.actors[actor].crash()
    await rig.until(lambda: actor in rig.restarted(), 5)

    def replaced() -> bool:
        now = {order.client_order_id for order in orders(rig)}
        return len(now) == 4 and before.isdisjoint(now)

    await rig.until(replaced, 30)
